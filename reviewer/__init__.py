"""llm-review: the code reviewer for Python that proves what it says."""

__version__ = "0.1.0"
