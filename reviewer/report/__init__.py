"""Reports: each turns a Review into text and owns its escaping and its severity table."""

# What `--format` takes, and the module here whose `render` makes it.
FORMATS = {
    "terminal": "terminal",
    "json": "jsonreport",
    "markdown": "markdown",
    "sarif": "sarif",
    "github": "annotations",
    "gitlab": "codequality",
    "rdjson": "rdjson",
    "junit": "junit",
    "html": "htmlreport",
}
