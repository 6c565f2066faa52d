"""Where code under review is executed; what is isolated is said, not assumed."""
