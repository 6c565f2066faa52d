"""Build the example's git repository: `python examples/make_repository.py DEST` commits base/ and stages change/."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "shop"


def main() -> int:
    """Lay the repository down at the folder that is named (it is replaced)."""
    dest = Path(sys.argv[1])
    shutil.rmtree(dest, ignore_errors=True)
    shutil.copytree(SOURCE / "base", dest)
    author = ["-c", "user.name=Example", "-c", "user.email=example@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "The shop's catalogue"]):
        subprocess.run(["git", *author, *words], cwd=dest, check=True)
    shutil.copytree(SOURCE / "change", dest, dirs_exist_ok=True)
    subprocess.run(["git", "add", "-A"], cwd=dest, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
