"""What a definition does, in words that mention nothing that is not there, with an example that was executed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    """

    name: str
    start_line: int
    purpose: str
    parameters: tuple[tuple[str, str], ...]
    returns: str
    raises: tuple[tuple[str, str], ...]
    effects: str
    complexity: str
    examples: tuple[Example, ...]
    unfounded: tuple[str, ...]
    reason: str = ""


def explain(session: Session, box: Box, subject: Subject, stage: Callable[[str], None]) -> Explained:
    """Explain a definition. Raises ModelError when the engine fails."""
    stage(f"{subject.name}: reading")
    said = describe(session, subject.span.text, subject.node, deep=True)
    if said is None:
        nothing = "it is too long for the model, or the answer was cut"
        return Explained(subject.name, subject.span.start, "", (), "", (), "", "", (), (), nothing)
    stage(f"{subject.name}: an example")
    examples = executed(session, box, subject)
    return Explained(
        subject.name,
        subject.span.start,
        said.purpose,
        tuple(said.parameters.items()),
        said.returns,
        tuple(said.raises.items()),
        said.effects,
        said.complexity,
        examples,
        said.unfounded,
    )
