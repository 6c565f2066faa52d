"""Evidence: what deterministic tools say about the change."""
