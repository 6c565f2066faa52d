"""What a definition does, in words that mention nothing that is not there, with an example that was executed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..tasks.describe import describe
from ..tasks.session import Session
from .box import Box
from .example import Example, executed
from .subject import Subject


@dataclass(frozen=True, slots=True)
class Explained:
    """The model's words on a definition (purpose, parameters, what is returned, effects, complexity).

    `raises` are the exceptions that the code raises by name, `examples` calls that were executed, `unfounded` the names
    that the model made up: what it said with them was left out. `reason` says why there is no explanation, or is "".
    `text` is the file, as it was.
    """

    name: str
    start_line: int
    purpose: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    returns: str = ""
    raises: tuple[tuple[str, str], ...] = ()
    effects: str = ""
    complexity: str = ""
    examples: tuple[Example, ...] = ()
    unfounded: tuple[str, ...] = ()
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains the definitions of one file."""

    session: Callable[[], Session]
    box: Box

    def __call__(self, subject: Subject, stage: Callable[[str], None]) -> Explained:
        """Explain a definition. Raises ModelError when the engine fails."""
        stage(f"{subject.name}: reading")
        session, nothing = self.session(), Explained(subject.name, subject.span.start, text=subject.text)
        said = describe(session, subject.span.text, subject.node, deep=True)
        if said is None:
            return replace(nothing, reason="it is too long for the model, or the answer was cut")
        stage(f"{subject.name}: an example")
        return replace(
            nothing,
            purpose=said.purpose,
            parameters=tuple(said.parameters.items()),
            returns=said.returns,
            raises=tuple(said.raises.items()),
            effects=said.effects,
            complexity=said.complexity,
            examples=executed(session, self.box, subject),
            unfounded=said.unfounded,
        )
