"""`llm-review dismiss`: a finding that is not to be shown again, with the reason, in a file that can be committed."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

from ..change.git import Repository
from ..change.locate import current_folder
from ..errors import ExitCode, UsageError
from ..evidence.dismissed import FILE, with_entry
from ..scratch import scratch


def run(arguments: argparse.Namespace) -> int:
    """Add the entry to the file at the repository's top."""
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        path = repo.root / FILE
        if path.is_symlink():
            raise UsageError(f"{FILE} is a symbolic link", "make it a file of its own")
        text = path.read_text("utf-8") if path.is_file() else ""
        path.write_text(with_entry(text, arguments.id, arguments.because), "utf-8")
    sys.stdout.write(f"{arguments.id} is dismissed in {FILE}; commit it, and it counts for everyone\n")
    return ExitCode.OK
