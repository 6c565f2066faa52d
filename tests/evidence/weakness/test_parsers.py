from __future__ import annotations

import pytest

from .look import look, view


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("etree.XMLParser(resolve_entities=True)", "etree.XMLParser(resolve_entities=False)"),
        ("etree.XMLParser(no_network=False)", "etree.XMLParser(no_network=True)"),
        ("etree.XSLTAccessControl(read_network=True)", "etree.XSLTAccessControl(read_network=False)"),
        ("p.setFeature(handler.feature_external_ges, True)", "p.setFeature(handler.feature_external_ges, False)"),
    ],
)
def test_parsers_that_read_what_entities_name(bad: str, good: str) -> None:
    head = "from lxml import etree\nfrom xml.sax import handler\n"
    assert look(head + bad) == ["xml-external-entities"]
    assert look(head + good) == []


def test_a_host_that_is_looked_for_anywhere_is_no_check() -> None:
    assert view("if 'a.org' in x:\n    return redirect(x)") == ["host-checked-as-substring", "open-redirect"]
    assert view("if urlparse(x).hostname == 'a.org':\n    return redirect(x)") == []
    assert look("def f(text):\n    return 'a.org' in text") == []


def test_a_dot_in_a_host_s_pattern_must_be_escaped() -> None:
    assert look("import re\nre.compile('(www|beta).example.com/')") == ["host-regex-dot"]
    assert look(r"import re" "\n" r"re.compile(r'(www|beta)\.example\.com/')") == []
    assert look("import re\nre.compile('a.b')") == []


def test_an_object_that_runs_a_command_when_it_is_unpickled() -> None:
    text = "import os\nclass A:\n    def __reduce__(self):\n        return {}, ('x',)\n"
    assert look(text.format("os.system")) == ["pickle-payload"]
    assert look(text.format("A")) == []
