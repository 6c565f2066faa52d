"""Reports: each turns a Review into text and owns its escaping and its severity table."""
