from __future__ import annotations

import re

from reviewer.craft.contest import Timing
from reviewer.craft.document import Documented
from reviewer.craft.optimise import Optimised
from reviewer.craft.owntests import Tested
from reviewer.report.htmlcrafted import page
from reviewer.tasks.optimise import Aim

ROWS = (Timing(64, 0.001, 0.0, 500, 900, "list of 64"), Timing(128, 0.5, 0.01, 900, 0, "<b>"))
EVIL = "f</script><script>alert(1)</script>"
FASTER = Optimised(
    "unique", "", "patch", 50.0, 86, 1, ROWS, "", inputs={"recorded": 2, "drawn": 84}, tests=Tested(passed=3)
)
NOTHING = Optimised(EVIL, "", "", 1.0, 0, 0, (), "a version was refuted: <i>", aim=Aim.CLEARER)
PATCH = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-<old>\n+<new>\n"


def test_what_was_measured_is_plotted_and_told() -> None:
    text = page("optimised", [FASTER], PATCH)
    assert "1 definition of 1 optimised" in text
    assert "equal answers to 86 inputs (2 recorded, 84 drawn)" in text
    assert "3 tests of the project that run it pass with it" in text
    labels = re.findall(r'<svg[^>]*aria-label="([^"]*)"', text)
    assert labels[0] == "Seconds at size 128: before 0.5 s, after 0.01 s"
    assert labels[1].startswith("Peak memory at size 128: before 900 B")
    places = [p for line in re.findall(r'<polyline points="([^"]*)"', text) for p in line.split()]
    assert len(places) == 8
    assert all(0 <= float(x) <= 560 and 0 <= float(y) <= 240 for x, y in (p.split(",") for p in places))
    assert "<del>-&lt;old&gt;</del><ins>+&lt;new&gt;</ins>" in text


def test_the_page_asks_for_nothing_and_has_no_script() -> None:
    text = page("optimised", [FASTER, NOTHING], PATCH)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src &#x27;none&#x27;; style-src &#x27;sha256-")
    assert "script-src" not in policy[1]
    assert "<script" not in text
    assert "<b>" not in text
    assert "nothing clearer is shown" in text
    assert not re.search(r"(src|href|url)\s*=|url\(|style=", text)


def test_documentation_has_a_page_too() -> None:
    results = [Documented("f", "", "It does.", 1, types=(("x", "int"),), types_by="2 calls in the tests")]
    text = page("documented", results, PATCH)
    assert "<li>f: documented, 1 example executed</li>" in text
    assert "<li>types: x: int (2 calls in the tests)</li>" in text
