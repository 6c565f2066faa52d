"""Code that is written or run on request, outside a change: each result is executed before it is shown."""
