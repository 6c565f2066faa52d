"""JUnit XML, for the many systems that show nothing else: a case for each finding, which fails if it blocks."""

from __future__ import annotations

from xml.etree import ElementTree as Xml  # written here, never read

from ..finding import Finding
from ..review import Review
from .base import headline, missing, plain_message
from .sanitise import visible

NAME = "llm-review"


def render(review: Review) -> str:
    """The report as an XML document.

    What blocks is a failure; other findings are in the output of cases that pass; what was not done is skipped.
    """
    blocking = [f for f in review.findings if f.blocking]
    gaps = missing(review)
    cases = max(1, len(review.findings) + len(gaps))
    numbers = {"tests": str(cases), "failures": str(len(blocking)), "errors": "0", "skipped": str(len(gaps))}
    top = Xml.Element("testsuites", {"name": NAME, **numbers, "time": f"{review.receipt.seconds:.3f}"})
    suite = Xml.SubElement(top, "testsuite", {"name": NAME, **numbers, "time": f"{review.receipt.seconds:.3f}"})
    for finding in review.findings:
        _add(suite, finding)
    for skipped in gaps:
        Xml.SubElement(_case(suite, skipped.what, NAME), "skipped", {"message": visible(skipped.reason, lines=False)})
    if not len(suite):
        Xml.SubElement(_case(suite, "review", NAME), "system-out").text = headline(review)
    Xml.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_text(top)}\n'


def _add(suite: Xml.Element, finding: Finding) -> None:
    place = finding.location
    case = _case(suite, f"{finding.rule_id} at {place.path}:{place.start_line}", place.path)
    words = visible(plain_message(finding))
    if finding.blocking:
        message = visible(finding.message, lines=False)
        Xml.SubElement(case, "failure", {"message": message, "type": finding.severity.value}).text = words
    else:
        Xml.SubElement(case, "system-out").text = f"{finding.severity.value}: {words}"


def _case(suite: Xml.Element, name: str, group: str) -> Xml.Element:
    words = {"name": visible(name, lines=False), "classname": visible(group, lines=False), "time": "0"}
    return Xml.SubElement(suite, "testcase", words)


def _text(top: Xml.Element) -> str:
    """The document's text; two noncharacters are all that XML forbids of what is left after `visible`."""
    return Xml.tostring(top, encoding="unicode").replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
