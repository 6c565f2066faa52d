"""Where changes are discussed: the only code but `llm/` that writes to a network."""
