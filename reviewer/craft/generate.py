"""Code from a description: several samples, assertions written apart from them, and the sandbox between the two."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ..errors import ModelError
from ..tasks.session import Session
from ..tasks.write import Wish, assertions, main_of, samples, signature_of
from .agree import Agreement, agree
from .box import Box
from .given import described, documented
from .polish import Said, scan, tidy

HINT = "say it in other words, give a --signature, or take a larger model"
FEWEST_HELD = 3


@dataclass(frozen=True, slots=True)
class Generated:
    """Code from a description and what was checked of it.

    `tests` are the examples and the model's assertions that hold. `samples` were drawn and parsed, `agreed` of them
    answer every check alike; of `asserted` assertions `held` hold. `checked`: the examples hold, or most samples agree
    and assertions hold. `unchecked` says what was not checked, `remarks` what ruff and bandit say.
    """

    name: str
    code: str
    tests: tuple[str, ...]
    samples: int
    agreed: int
    examples: int
    examples_held: int
    asserted: int
    held: int
    checked: bool
    remarks: tuple[str, ...]
    unchecked: tuple[str, ...]


def generate(session: Session, box: Box, wish: Wish, number: int, stage: Callable[[str], None]) -> Generated:
    """Answer a wish with the sample that most others agree with. Raises ModelError when no sample can be used."""
    wish = replace(wish, examples=(*map(as_assertion, wish.examples), *documented(wish.text)))
    stage(f"writing {number} versions")
    codes = list(samples(session, wish, number))
    if not codes:
        raise ModelError("the model wrote no code that can be used", HINT)
    named = replace(wish, signature=wish.signature or signature_of(codes[0], wish.text))
    stage("writing assertions from the description alone")
    told = [a for a in described(wish.text, named.name) if a not in wish.examples]
    asserted = [*told, *(a for a in assertions(session, named) if a not in (*wish.examples, *told))]
    stage("running each version against them")
    function = named.name if named.signature.startswith("def ") else ""
    agreement = agree(box, codes, wish.examples, asserted, function)
    if agreement is None or agreement.chosen.checked.loaded:
        raise ModelError("no version that the model wrote can be imported", HINT)
    stage("ruff and bandit")
    return _finished(box, wish, named.name, agreement, asserted, len(told))


def as_assertion(example: str) -> str:
    """An example as an assert statement. Raises ModelError when it is neither an expression nor one."""
    try:
        node = ast.parse(example.strip()).body[0]
    except (SyntaxError, ValueError, IndexError) as error:
        raise ModelError(f"the example is not Python: {example}", "write it as 'f(2) == 4'") from error
    if isinstance(node, ast.Expr):
        return ast.unparse(ast.Assert(node.value))
    if not isinstance(node, ast.Assert):
        raise ModelError(f"the example states nothing: {example}", "write it as 'f(2) == 4'")
    return ast.unparse(node)


def _finished(box: Box, wish: Wish, name: str, agreement: Agreement, asserted: list[str], told: int) -> Generated:
    chosen, examples = agreement.chosen, len(wish.examples)
    checks = (*wish.examples, *asserted)
    code = _tidied(box, chosen.code, [checks[n] for n in sorted(chosen.checked.passed)])
    said = scan(code, box.folder)
    examples_held = len(chosen.checked.passed) - len(chosen.held)
    return Generated(
        name=name,
        code=code,
        tests=tuple(checks[n] for n in sorted(chosen.checked.passed)),
        samples=agreement.samples,
        agreed=agreement.agreed,
        examples=examples,
        examples_held=examples_held,
        asserted=len(asserted),
        held=len(chosen.held),
        checked=is_checked(agreement, told),
        remarks=said.remarks,
        unchecked=tuple(_unchecked(code, name, said)),
    )


def is_checked(agreement: Agreement, told: int = 0) -> bool:
    """Whether the examples hold, most versions agree, and what else was said holds.

    `told` is how many of the assertions, the first, are the description's own; all of them must hold. Where neither
    they nor examples are, some of the model's must.
    """
    chosen = agreement.chosen
    own = range(chosen.examples, chosen.examples + told)
    if not chosen.meets or not chosen.checked.passed.issuperset(own):
        return False
    most = agreement.agreed * 2 > agreement.samples and agreement.samples > 1
    return most and (chosen.examples > 0 or told > 0 or len(chosen.held) >= FEWEST_HELD)


def _tidied(box: Box, code: str, tests: list[str]) -> str:
    """The code in ruff's format; as it was, should a test no longer hold."""
    neat = tidy(code)
    if neat == code:
        return code
    again = box.check(neat, tests, 2.0)
    return neat if not again.loaded and len(again.passed) == len(tests) else code


def _unchecked(code: str, name: str, said: Said) -> Iterator[str]:
    """What nobody has looked at."""
    yield from said.not_run
    node = main_of(code, name)
    if node is not None and not ast.get_docstring(node):
        yield "it has no docstring"
    if isinstance(node, ast.FunctionDef) and any(a.annotation is None for a in node.args.args):
        yield "not every parameter has a type"
    yield "types were not checked by a type checker"
