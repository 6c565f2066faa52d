"""The change: two git trees, what differs between them, and the units that are reviewed."""
