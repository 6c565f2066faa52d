from __future__ import annotations

from reviewer.change.change import Span
from reviewer.verify.patch import lines_of
from reviewer.verify.rewrite import put_unit

FILE = '''"""Doc."""

import os


class Box:
    @property
    def size(self):
        """How much fits."""
        return 1

    def grow(self):
        return 2
'''
SPAN = Span(7, 10, "".join(lines_of(FILE)[6:10]))


def test_a_method_is_put_back_with_its_indentation() -> None:
    fixed = put_unit(FILE, SPAN, "Box.size", "@property\ndef size(self):\n    return 3\n")
    assert fixed == FILE.replace('        """How much fits."""\n        return 1\n', "        return 3\n")


def test_a_method_is_found_inside_a_repeated_class() -> None:
    fixed = put_unit(FILE, SPAN, "Box.size", "class Box:\n    @property\n    def size(self):\n        return 3\n")
    assert fixed is not None
    assert "        return 3\n" in fixed
    assert fixed.count("class Box") == 1


def test_missing_imports_are_added_after_the_files_own() -> None:
    fixed = put_unit(FILE, SPAN, "Box.size", "import os\nimport shlex\n\ndef size(self):\n    return 3\n")
    assert fixed is not None
    assert "import os\nimport shlex\n\n\nclass Box" in fixed


def test_what_does_not_parse_or_has_another_name_is_no_candidate() -> None:
    assert put_unit(FILE, SPAN, "Box.size", "def size(self:") is None
    assert put_unit(FILE, SPAN, "Box.size", "def other(self): pass") is None
    assert put_unit(FILE, SPAN, "Box.size", "".join(lines_of(FILE)[6:10])) is None
    assert put_unit(FILE, SPAN, "Box.size", "x = (" * 5000) is None


def test_line_endings_of_the_file_are_kept() -> None:
    dos = FILE.replace("\n", "\r\n")
    span = Span(7, 10, "".join(lines_of(dos)[6:10]))
    fixed = put_unit(dos, span, "Box.size", "def size(self):\n    return 3\n")
    assert fixed is not None
    assert fixed.count("\n") == fixed.count("\r\n")
