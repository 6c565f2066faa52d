"""What a repair should look like, by rule: a small model knows the shape of a fix better when it is named."""

from __future__ import annotations

from ..finding import Category, Finding

SHELL = "Pass the command as a list with one element for each argument, and do not use a shell."
SQL = "Keep the values out of the statement's text: use placeholders and pass the values as parameters."
YAML = "Use yaml.safe_load."
HASH = "Use hashlib.sha256."
RANDOM = "Use the secrets module."
PICKLE = "Use json, not pickle."
EVAL = "Use ast.literal_eval."
BY_NUMBER = {
    "602": SHELL, "604": SHELL, "605": SHELL, "607": SHELL, "608": SQL, "506": YAML, "303": HASH, "324": HASH,
    "311": RANDOM, "301": PICKLE, "307": EVAL,
}  # fmt: skip
SEARCH = "Keep a set beside the list for the membership test; the result must stay the same, its order too."


def guidance(finding: Finding) -> str:
    """One sentence for the prompt, or ""."""
    if finding.category is Category.PERFORMANCE:
        return SEARCH
    tool, _, code = finding.rule_id.partition("/")
    return BY_NUMBER.get(code[1:], "") if tool in {"bandit", "ruff"} and code[:1] in {"B", "S"} else ""
