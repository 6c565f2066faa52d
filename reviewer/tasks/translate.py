"""What the model has said in English, in the language of the user.

Asked to answer in Chinese, a small model goes on in English where the question and the code are; asked to translate its
sentence, it does so well. And what it says is checked for truth in English, before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..draft import Draft
from ..foreign import from_json
from ..llm.base import Request
from .names import unfounded
from .prompt import one_line
from .session import Session

TOGETHER = 6
SYSTEM = "You are a translator of technical texts."
SHARED = "Translate each sentence. Leave what is in backticks as it is.\n\n"
LONGEST = 400  # characters
TOKENS = 0.8  # for each character of the original


def translated(session: Session, texts: Sequence[str]) -> list[str]:
    """The texts in the session's language, each as it is where that is English or the translation is not to be trusted.

    Raises ModelError when the engine fails.
    """
    known = [*dict.fromkeys(text for text in texts if text)]
    if session.language == "English" or not known:
        return list(texts)
    found: dict[str, str] = {}
    for start in range(0, len(known), TOGETHER):
        some = known[start : start + TOGETHER]
        found.update(zip(some, _asked(session, some), strict=True))
    return [found.get(text, text) for text in texts]


def translate_review(session: Session, draft: Draft, first: int) -> None:
    """Translate the summary, the explanations from the `first` on, and what is said of findings."""
    numbers = [n for n, finding in enumerate(draft.findings) if finding.explanation]
    said = draft.explanations[first:]
    texts = [draft.summary, *(e.text for e in said), *(draft.findings[n].explanation for n in numbers)]
    draft.summary, *rest = translated(session, texts)
    draft.explanations[first:] = [replace(e, text=text) for e, text in zip(said, rest, strict=False)]
    for number, text in zip(numbers, rest[len(said) :], strict=True):
        draft.findings[number] = replace(draft.findings[number], explanation=text)


def _asked(session: Session, texts: Sequence[str]) -> list[str]:
    listed = "".join(f"{number}. {text}\n" for number, text in enumerate(texts, 1))
    keys = [str(number) for number in range(1, len(texts) + 1)]
    one = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    schema = {
        "type": "object", "properties": dict.fromkeys(keys, one), "required": keys, "additionalProperties": False,
    }  # fmt: skip
    limit = 40 + int(TOKENS * len(listed))
    prompt = f"{listed}\nInto {session.language}."
    reply = session.ask(Request(SYSTEM, SHARED, prompt, schema=schema, max_tokens=limit)).samples[0].text
    try:
        data = from_json(reply)
    except ValueError:
        data = {}
    answers = data if isinstance(data, dict) else {}
    return [_trusted(str(answers.get(key) or ""), text) for key, text in zip(keys, texts, strict=True)]


def _trusted(answer: str, text: str) -> str:
    """The translation, or the text where it names code that the text does not."""
    said = one_line(answer, LONGEST)
    return text if not said or unfounded(said, text) else said
