"""What is asked of the model: each task is a prompt, a schema and a parser."""
