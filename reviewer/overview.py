"""The commands, and what `llm-review --help` says: nothing needs to be imported for it."""

from __future__ import annotations

DESCRIPTION = "The code reviewer for Python that proves what it says."
COMMANDS = {
    "diff": "review a change",
    "fix": "apply verified fixes",
    "ci": "review the event of a GitHub workflow or GitLab job",
    "hook": "review what is staged, under a deadline: for pre-commit",
    "show": "show the last review, or one that finished in the background",
    "model": "list, pull or locate models",
    "generate": "write code from a description, checked",
    "run": "run a script in the sandbox",
    "serve": "keep the model in memory, for faster reviews",
    "stop": "end the model servers and what goes on in the background",
    "document": "docstrings, the code provably unchanged",
    "explain": "what a file's functions do",
    "dismiss": "do not show a finding again",
    "optimise": "faster versions, compared and measured",
    "init": "make llm-review part of this repository",
    "doctor": "say what works here and what does not",
}
EXAMPLES = """examples:
  llm-review diff                  review what is staged, or else the work tree
  llm-review diff main...HEAD      review a branch
  llm-review diff --no-llm         tools and tests alone, no model
  git diff | llm-review diff --patch -
  llm-review model pull            get the default model

exit codes: 0 nothing blocks, 1 a finding blocks, 2 wrong use or settings,
3 incomplete and on_incomplete = "fail", 130 interrupted"""
OVERVIEW = """usage: llm-review [-h] [--version] COMMAND ...

{description}

positional arguments:
  COMMAND
{commands}

options:
  -h, --help  show this help message and exit
  --version   show program's version number and exit

{examples}
"""


def overview() -> str:
    """What argparse would say in 80 columns; a test holds them together."""
    commands = "\n".join(f"    {name:<8}  {text}" for name, text in COMMANDS.items())
    return OVERVIEW.format(description=DESCRIPTION, commands=commands, examples=EXAMPLES)
