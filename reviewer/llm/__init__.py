"""Language models: a small Protocol, the providers behind it, the catalogue and the download."""
