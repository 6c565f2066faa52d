"""Writes the gold files anew: `python -m tests.report.update_gold`, then look at the difference."""

from __future__ import annotations

from tests.report.gold import FOLDER, outputs


def main() -> None:
    for old in FOLDER.iterdir():
        old.unlink()
    for name, text in outputs().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
