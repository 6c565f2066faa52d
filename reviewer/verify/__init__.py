"""Execution: tests on base and head, and fixes judged by them."""
