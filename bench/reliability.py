"""Whether the confidence of findings means something: of those with a confidence, the share that point at a defect.

    python bench/reliability.py bench/out/blind.jsonl bench/out/control.jsonl

Takes finished runs of `quality.py` on as many defects as clean changes: on a clean change no remark on a bug or a
weakness is right. A report on a defect of which some remarks hit and others do not is left out, and counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from judge import JUDGED
from record import Ledger, Record

WIDTH = 30
Points = Mapping[tuple[float, str], Sequence[bool]]


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "ledgers", type=Path, nargs="+", metavar="FILE", help="finished runs, with their .reports folders"
    )
    found: dict[tuple[float, str], list[bool]] = defaultdict(list)
    mixed = 0
    for path in parser.parse_args(argv).ledgers:
        for record in Ledger(path).read():
            right = truth(record)
            mixed += right is None
            for finding in findings(path, record) if right is not None else ():
                found[finding["confidence"], finding["rule_id"]].append(bool(right))
    print(table(found))
    print(f"\n{mixed} reports in which some remarks hit and others do not are left out" if mixed else "")
    return 0


def truth(record: Record) -> bool | None:
    """Whether all remarks of a run on bugs and weaknesses are right (True) or wrong (False); None where they differ."""
    if record.clean or not record.hits:
        return False
    return True if record.hits == record.counted else None


def findings(ledger: Path, record: Record) -> Iterator[dict[str, Any]]:
    """The remarks of a run that claim a bug or a weakness."""
    report = ledger.with_suffix(".reports") / f"{record.id}.{record.mode}.json"
    if not record.error and report.is_file():
        yield from (f for f in json.loads(report.read_text("utf-8"))["findings"] if f["category"] in JUDGED)


def table(points: Points) -> str:
    """By confidence, a line for each with its rules; then one for all of that confidence."""
    lines = ["| confidence | findings | right | |", "| --- | --- | --- | --- |"]
    for confidence in sorted({key[0] for key in points}, reverse=True):
        rules = {rule: right for (level, rule), right in points.items() if level == confidence}
        lines += [_row("", rule, right) for rule, right in sorted(rules.items())]
        lines.append(_row(f"**{confidence:.2f}**", "all", [one for right in rules.values() for one in right]))
    return "\n".join(lines)


def _row(confidence: str, what: str, right: Iterable[bool]) -> str:
    outcomes = list(right)
    share = sum(outcomes) / len(outcomes)
    return f"| {confidence} | {len(outcomes)} | {share:.2f} | `{'#' * round(share * WIDTH):<{WIDTH}}` {what} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
