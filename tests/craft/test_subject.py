from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.craft.subject import again, replace_file, subjects
from reviewer.errors import UsageError

TEXT = (
    "import os\n\n\n@os.fspath\ndef one():\n    pass\n\n\nclass Two:\n    def three(self):\n        def inner(): pass\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.py"
    path.write_text(TEXT)
    return path


def test_a_file_is_all_its_functions_and_methods(file: Path) -> None:
    assert [(s.name, s.span.start, s.span.end) for s in subjects(str(file))] == [("one", 4, 6), ("Two.three", 10, 11)]


def test_a_name_is_one_definition_with_its_decorators(file: Path) -> None:
    (found,) = subjects(f"{file}::one")
    assert found.span.text == "@os.fspath\ndef one():\n    pass\n"
    assert found.label == f"{file}::one"
    assert subjects(f"{file}::Two")[0].span.start == 9


def test_a_name_that_is_not_there_has_the_nearest_as_a_hint(file: Path) -> None:
    with pytest.raises(UsageError, match=r"defines no Two\.tree") as error:
        subjects(f"{file}::Two.tree")
    assert error.value.hint == "did you mean 'Two.three'?"


@pytest.mark.parametrize("content", [b"def (", b"\xff\xfe", b"x = '\0'"])
def test_what_is_not_python_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.py"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not Python"):
        subjects(str(path))
    with pytest.raises(UsageError, match="cannot read"):
        subjects(str(tmp_path / "none.py"))


def test_the_same_definition_in_a_newer_text(file: Path) -> None:
    found = subjects(f"{file}::one")[0]
    assert again(found, "x = 1\n" + TEXT).span.start == 5


def test_a_file_is_replaced_whole_and_keeps_its_mode(file: Path) -> None:
    file.chmod(0o750)
    replace_file(file, TEXT, "x = 1\r\n")
    assert file.read_bytes() == b"x = 1\r\n"
    assert file.stat().st_mode & 0o777 == 0o750
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_was_changed_in_the_meantime_is_left(file: Path) -> None:
    file.write_text("mine\n")
    with pytest.raises(UsageError, match="changed in the meantime"):
        replace_file(file, TEXT, "x = 1\n")
    assert file.read_text() == "mine\n"
