"""Writes the gold files and what is generated in docs/ anew: `python -m tests.report.update_gold`, then look at the
difference.
"""

from __future__ import annotations

from reviewer.reference import as_markdown
from reviewer.report import schema
from tests.report.gold import FOLDER, outputs
from tests.report.test_schema import PUBLISHED
from tests.test_reference import REFERENCE


def main() -> None:
    for old in FOLDER.iterdir():
        old.unlink()
    for name, text in outputs().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    REFERENCE.write_text(as_markdown(), encoding="utf-8")
    PUBLISHED.write_text(schema.render(), encoding="utf-8")


if __name__ == "__main__":
    main()
