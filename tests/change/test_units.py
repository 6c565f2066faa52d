from __future__ import annotations

import ast
import difflib
import hashlib
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.change.change import Change, FileChange, Hunk, Status, Unit, UnitKind
from reviewer.change.units import cut
from reviewer.review import Skipped


def _split(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _hunks(base: str, head: str) -> tuple[Hunk, ...]:
    """Hunks as git counts them."""
    codes = difflib.SequenceMatcher(None, _split(base), _split(head), autojunk=False).get_opcodes()
    return tuple(Hunk(a + (b > a), b - a, c + (d > c), d - c) for tag, a, b, c, d in codes if tag != "equal")


def _cut(
    base: str | bytes | None, head: str | bytes | None, path: str = "a.py", left_out: frozenset[str] = frozenset()
) -> tuple[tuple[Unit, ...], tuple[Skipped, ...]]:
    """Cut one file; the texts are without a left margin."""
    sides = [dedent(side).encode() if isinstance(side, str) else side for side in (base, head)]
    blobs = {hashlib.sha1(side).hexdigest(): side for side in sides if side is not None}
    old, new = ("" if side is None else hashlib.sha1(side).hexdigest() for side in sides)
    texts = [(side or b"").decode("utf-8", "replace") for side in sides]
    status = Status.ADDED if base is None else Status.DELETED if head is None else Status.MODIFIED
    file = FileChange(path, path, status, old, new, "100644", "100644", _hunks(*texts))
    return cut(Change("/", "b", "h", (file,), "test"), blobs.__getitem__, left_out)


def _named(units: tuple[Unit, ...]) -> list[tuple[str, UnitKind, set[int]]]:
    return [(unit.name, unit.kind, set(unit.changed)) for unit in units]


BASE = """\
import os


def first(a):
    return a


class Shop:
    '''Sells.'''

    limit = 1

    @property
    def open(self):
        return True

    rate = 2
    tax = 3

    def close(self):
        return False


def last():
    pass


FLAG = 1
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return a", "return a + 1", ("first", UnitKind.FUNCTION, {5})),
        ("@property", "@cached", ("Shop.open", UnitKind.METHOD, {13})),
        ("return False", "return None", ("Shop.close", UnitKind.METHOD, {21})),
        ("limit = 1", "limit = 9", ("Shop", UnitKind.CLASS, {11})),
        ("tax = 3", "tax = 4", ("Shop", UnitKind.CLASS, {18})),
        ("import os", "import sys", ("", UnitKind.BLOCK, {1})),
        ("FLAG = 1", "FLAG = 2", ("", UnitKind.BLOCK, {28})),
    ],
)
def test_a_changed_line_is_in_the_unit_round_it(old: str, new: str, expected: tuple[str, UnitKind, set[int]]) -> None:
    units, skipped = _cut(BASE, BASE.replace(old, new))
    assert _named(units) == [expected]
    assert units[0].base is not None
    assert units[0].head is not None
    assert units[0].base.text == units[0].head.text.replace(new, old)
    assert skipped == ()


def test_a_class_unit_is_the_run_of_statements_and_not_the_class() -> None:
    (head,), (run,) = (
        _cut(BASE, BASE.replace(a, b))[0] for a, b in (("limit = 1", "limit = 9"), ("tax = 3", "tax = 4"))
    )
    assert head.head is not None
    assert run.head is not None
    assert head.head.text.startswith("class Shop:")
    assert "def " not in head.head.text
    assert run.head.text == "    rate = 2\n    tax = 4"


def test_the_comments_above_a_function_go_with_it() -> None:
    head = BASE.replace("def last", "# why\n# and how\ndef last")
    units, _ = _cut(BASE, head)
    assert _named(units) == [("last", UnitKind.FUNCTION, {24, 25})]
    assert units[0].head is not None
    assert units[0].head.text.startswith("# why\n# and how\ndef last")


def test_blank_lines_round_a_new_function_make_no_unit_of_their_own() -> None:
    head = BASE.replace("def last", "def new():\n    return 1\n\n\ndef last")
    units, _ = _cut(BASE, head)
    assert [unit.name for unit in units] == ["new"]
    assert units[0].base is None


def test_a_change_of_blank_lines_or_comments_alone_is_a_unit() -> None:
    assert _named(_cut(BASE, BASE.replace("\n\ndef last", "\n\n\ndef last"))[0]) == [("last", UnitKind.FUNCTION, {24})]
    assert _named(_cut(BASE, BASE.replace("return a", "return a  # so"))[0]) == [("first", UnitKind.FUNCTION, {5})]


def test_lines_deleted_inside_a_function_mark_it() -> None:
    head = BASE.replace("    pass\n", "    print()\n    pass\n")
    units, _ = _cut(head, BASE)
    assert _named(units) == [("last", UnitKind.FUNCTION, {24, 25})]
    assert units[0].base is not None
    assert "print()" in units[0].base.text


def test_a_deleted_function_is_a_unit_without_a_head() -> None:
    units, _ = _cut(BASE, BASE.replace("def last():\n    pass\n\n\n", ""))
    assert [(unit.name, unit.head) for unit in units] == [("last", None)]
    assert units[0].base is not None
    assert units[0].base.text == "def last():\n    pass"


def test_a_deleted_import_marks_the_block_it_was_in() -> None:
    units, _ = _cut(
        "import os\nimport sys\nimport re\n\n\ndef f():\n    pass\n", "import os\nimport re\n\n\ndef f():\n    pass\n"
    )
    assert _named(units) == [("", UnitKind.BLOCK, {1, 2})]
    assert units[0].base is not None
    assert units[0].base.text == "import os\nimport sys\nimport re"


def test_a_block_that_is_gone_is_a_unit_without_a_head() -> None:
    units, _ = _cut(BASE, BASE.replace("import os\n\n\n", ""))
    assert [(unit.kind, unit.head, unit.base and unit.base.text) for unit in units] == [
        (UnitKind.BLOCK, None, "import os")
    ]


def test_a_moved_function_is_compared_with_itself() -> None:
    function = "def moved(a):\n    b = a\n    return b\n\n\n"
    rest = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(6))
    units, _ = _cut(function + rest, rest + function.replace("return b", "return -b"))
    (unit,) = [unit for unit in units if unit.name == "moved"]
    assert unit.base is not None
    assert unit.head is not None
    assert (unit.base.start, unit.base.text.splitlines()[-1]) == (1, "    return b")


def test_a_renamed_function_is_compared_with_what_it_was() -> None:
    body = "(a):\n    b = a + 1\n    c = b + 1\n    return c\n"
    units, _ = _cut("def old" + body, "def new" + body)
    assert [(unit.name, unit.base and unit.base.text.splitlines()[0]) for unit in units] == [("new", "def old(a):")]


def test_one_function_in_the_place_of_another_is_new_and_the_other_gone() -> None:
    units, _ = _cut("def old():\n    return 1\n", "def new(x):\n    print(x)\n")
    assert [(unit.name, unit.base is None, unit.head is None) for unit in units] == [
        ("new", True, False),
        ("old", False, True),
    ]


def test_a_setter_is_not_compared_with_its_getter() -> None:
    getter = "class A:\n    @property\n    def x(self):\n        return self._x\n"
    setter = "\n    @x.setter\n    def x(self, value):\n        self._x = value\n"
    units, _ = _cut(getter, getter + setter)
    assert [(unit.name, unit.base) for unit in units] == [("A.x", None)]
    units, _ = _cut(getter + setter, getter + setter.replace("= value", "= -value"))
    assert units[0].base is not None
    assert "setter" in units[0].base.text


def test_nested_functions_go_with_a_short_outer_one_and_alone_in_a_long_one() -> None:
    inner = "    def inner():\n        return 1\n"
    short = f"def outer():\n{inner}    return inner\n"
    assert [u.name for u in _cut(short, short.replace("return 1", "return 2"))[0]] == ["outer"]
    filler = "    x = 1\n" * 50
    long = f"def outer():\n{filler}{inner}{filler}    return inner\n"
    assert [u.name for u in _cut(long, long.replace("return 1", "return 2"))[0]] == ["outer.inner"]
    (unit,) = _cut(long, long.replace("return inner", "return 3"))[0]
    assert unit.name == "outer"
    assert unit.head is not None
    assert (unit.head.start, unit.head.end) == (1, 104)


def test_definitions_under_conditions_are_found() -> None:
    base = """\
        try:
            import fast
        except ImportError:
            def speed():
                return 1
        else:
            def speed():
                return 2
        """
    units, _ = _cut(base, base.replace("return 2", "return 3"))
    assert _named(units) == [("speed", UnitKind.FUNCTION, {8})]
    assert units[0].base is not None
    assert units[0].base.start == 7
    units, _ = _cut(base, base.replace("import fast", "import faster"))
    assert _named(units) == [("", UnitKind.BLOCK, {2})]


def test_a_long_run_of_statements_is_not_one_unit() -> None:
    base = "".join(f"A{n} = {n}\n" for n in range(500))
    (unit,) = _cut(base, base.replace("A250 = 250", "A250 = 0"))[0]
    assert unit.head is not None
    assert unit.head.end - unit.head.start < 80
    table = "T = [\n" + "".join(f"    {n},\n" for n in range(500)) + "]\n"
    (unit,) = _cut(table, table.replace("    250,", "    0,"))[0]
    assert unit.head is not None
    assert unit.head.end - unit.head.start < 80


def test_all_of_a_new_file_and_of_a_deleted_one_is_units() -> None:
    names = ["", "first", "Shop", "Shop.open", "Shop", "Shop.close", "last", ""]
    added, _ = _cut(None, BASE)
    assert [unit.name for unit in added] == names
    assert all(unit.base is None for unit in added)
    deleted, _ = _cut(BASE, None)
    assert [unit.name for unit in deleted] == names
    assert all(unit.head is None for unit in deleted)


def test_a_file_that_was_emptied_is_one_unit() -> None:
    units, _ = _cut(BASE, "")
    assert [(unit.kind, unit.head) for unit in units] == [(UnitKind.HUNK, None)]


def test_a_syntax_error_is_named_and_the_file_cut_by_hunks() -> None:
    units, skipped = _cut(BASE, BASE.replace("return a", "return a +"))
    assert [(unit.kind, set(unit.changed)) for unit in units] == [(UnitKind.HUNK, {5})]
    assert units[0].head is not None
    assert units[0].base is not None
    assert (units[0].head.start, units[0].head.end) == (1, 15)
    assert (units[0].base.start, units[0].base.end) == (1, 15)
    assert len(skipped) == 1
    assert (skipped[0].what, skipped[0].harmless) == ("a.py", False)
    assert "line 5" in skipped[0].reason


def test_a_syntax_error_that_is_mended_is_nothing_to_tell() -> None:
    units, skipped = _cut(BASE.replace("return a", "return a +"), BASE)
    assert _named(units) == [("first", UnitKind.FUNCTION, {5})]
    assert units[0].base is not None
    assert "return a +" in units[0].base.text
    assert skipped == ()


@pytest.mark.parametrize(
    "head",
    [
        "x = " + "(" * 500 + ")" * 500 + "\n",
        "x = " + "-" * 20_000 + "1\n",
        "if x: pass\n" + "elif x: pass\n" * 3_000,
        b"# -*- coding: nothing -*-\nx = 1\n",
        b"x = '\xff'\n",
    ],
    ids=["parentheses", "signs", "branches", "encoding", "bytes"],
)
def test_what_the_parser_cannot_take_is_cut_by_hunks(head: str | bytes) -> None:
    units, skipped = _cut("x = 1\n", head)
    assert {unit.kind for unit in units} == {UnitKind.HUNK}
    assert len(skipped) == 1


def test_other_languages_are_cut_by_hunks_with_context() -> None:
    base = "".join(f"line {n}\n" for n in range(1, 101))
    head = base.replace("line 20\n", "twenty\n").replace("line 30\n", "").replace("line 80\n", "eighty\nmore\n")
    units, skipped = _cut(base, head, "notes.txt")
    assert [(unit.head and (unit.head.start, unit.head.end), set(unit.changed)) for unit in units] == [
        ((10, 40), {20, 29, 30}),
        ((69, 90), {79, 80}),
    ]
    assert units[1].base is not None
    assert (units[1].base.start, units[1].base.end) == (70, 90)
    assert skipped == ()


def test_a_long_text_is_cut_in_pieces() -> None:
    units, _ = _cut(None, "x\n" * 1000, "notes.txt")
    assert [unit.head and unit.head.end for unit in units] == [200, 400, 600, 800, 1000]
    assert frozenset().union(*(unit.changed for unit in units)) == frozenset(range(1, 1001))


def test_files_that_were_left_out_have_no_units() -> None:
    assert _cut(BASE, BASE.replace("return a", ""), left_out=frozenset({"a.py"})) == ((), ())


def test_line_ends_and_form_feeds_do_not_move_lines() -> None:
    base = "x = 1\r\n\x0c\r\ns = 'a\x85b\u2028c'\r\n\r\n\r\ndef f():\r\n    return 1\r\n"
    units, _ = _cut(base.encode(), base.replace("return 1", "return 2").encode())
    assert _named(units) == [("f", UnitKind.FUNCTION, {7})]
    assert units[0].head is not None
    assert units[0].head.text == "def f():\n    return 2"


def test_a_lone_carriage_return_does_not_move_lines() -> None:
    base = "x = 1\ry = 2\n\n\ndef f():\n    return 1\n"
    units, _ = _cut(base.encode(), base.replace("return 1", "return 2").encode())
    assert [(unit.kind, set(unit.changed)) for unit in units] == [(UnitKind.HUNK, {5})]


def test_declared_encodings_and_byte_order_marks_are_read() -> None:
    latin = "# -*- coding: latin-1 -*-\ns = 'é'\n".encode("latin-1")
    units, skipped = _cut(b"# -*- coding: latin-1 -*-\n", latin)
    assert units[0].head is not None
    assert units[0].head.text.endswith("s = 'é'")
    units, skipped = _cut(None, b"\xef\xbb\xbfx = 1\n")
    assert units[0].head is not None
    assert units[0].head.text == "x = 1"
    assert skipped == ()


NAMES = st.sampled_from(["a", "b", "c", "d"])
PLAIN = st.sampled_from(
    ["x = 1", "y = 2; z = 3", "# note", "", "call(\n    1,\n)", "if x:\n    pass\nelse:\n    y = 1", '"""text"""']
)


def _indented(lines: list[str]) -> str:
    return "\n".join(f"    {line}" if line else line for block in lines for line in block.split("\n"))


def _function(name: str, body: list[str], decorated: bool) -> str:
    return ("@mark\n" if decorated else "") + f"def {name}():\n{_indented([*body, 'pass'])}"


def _class(name: str, body: list[str], one_line: bool) -> str:
    return f"class {name}: v = 1" if one_line else f"class {name}(\n    object\n):\n{_indented([*body, 'w = 1'])}"


def _guarded(body: list[str]) -> str:
    return f"try:\n{_indented([*body, 'pass'])}\nfinally:\n{_indented([*body, 'pass'])}"


def _deeper(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bodies = st.lists(children, max_size=3)
    return (
        st.builds(_function, NAMES, bodies, st.booleans())
        | st.builds(_class, NAMES, bodies, st.booleans())
        | st.builds(_guarded, bodies)
    )


STATEMENTS = st.recursive(PLAIN, _deeper, max_leaves=12)
MODULES = st.lists(STATEMENTS, max_size=6).map(lambda parts: "".join(f"{part}\n" for part in parts))


@settings(max_examples=150, deadline=None)
@given(base=MODULES, head=MODULES)
def test_every_changed_line_is_in_exactly_one_unit_and_spans_are_the_files_lines(base: str, head: str) -> None:
    ast.parse(head)
    units, skipped = _cut(base, head)
    added = [line for hunk in _hunks(base, head) for line in hunk.head_lines]
    marked = [line for unit in units for line in unit.changed]
    assert skipped == ()
    assert len(marked) == len(set(marked))
    assert set(added) <= set(marked)
    for unit in units:
        assert unit.head or unit.base
        assert unit.path == "a.py"
        for span, text in ((unit.base, base), (unit.head, head)):
            if span:
                assert span.text == "\n".join(_split(text)[span.start - 1 : span.end])
        assert not unit.changed or (
            unit.head and unit.head.start <= min(unit.changed) <= max(unit.changed) <= unit.head.end
        )


@settings(max_examples=100, deadline=None)
@given(base=MODULES, head=MODULES)
def test_every_deleted_line_of_code_can_be_seen_in_some_unit(base: str, head: str) -> None:
    units, _ = _cut(base, head)
    seen = {line for unit in units if unit.base for line in range(unit.base.start, unit.base.end + 1)}
    deleted = {line for hunk in _hunks(base, head) for line in hunk.base_lines if _split(base)[line - 1].strip()}
    assert deleted <= seen


def test_new_code_in_the_place_of_lines_of_a_function_is_new() -> None:
    base = "def f(text):\n    found = {}\n    return found\n"
    head = "class Found:\n    pass\n\n\nNOTHING = Found()\n\n\ndef f(text, more):\n    return NOTHING\n"
    units, _ = _cut(base, head)
    assert [(u.name, u.base is None) for u in units] == [("Found", True), ("", True), ("f", False)]
