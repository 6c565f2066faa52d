"""Weaknesses that bandit and ruff have no rule for: found by syntax and by the flow of data within one function."""
