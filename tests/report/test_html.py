from __future__ import annotations

import base64
import hashlib
import random
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reviewer.finding import Location, Side, Suggestion, Verdict
from reviewer.report import htmlreport
from reviewer.report.htmlcode import coloured
from reviewer.report.htmldiff import line_of, rows
from reviewer.report.htmlreport import render
from reviewer.report.htmltag import el, text
from reviewer.review import ChangedFile, Edit
from tests.report.hostile import NAME, TEXT, hostile, many
from tests.report.reviews import CHANGED, FULL, OPINION, REPRODUCED, REVIEWS, SOURCES

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; everything that is open must be closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, found, value in self.attributes if found == name]


def hostile_change() -> tuple[ChangedFile, ...]:
    lines = tuple(TEXT.split("\n"))
    return (
        ChangedFile(NAME, TEXT, "R", lines, (Edit(1, 2, (TEXT.replace("\n", " "), "</code></del><script>x")),)),
        ChangedFile(f"{TEXT}.py", f"{TEXT}.py", "A", ('x = """</script>', "<b>"), (Edit(1, 2, ()),)),
        ChangedFile("x", "x", "M", omitted=TEXT),
    )


def test_hostile_text_adds_no_element_and_no_attribute() -> None:
    page = Page(render(hostile(), hostile_change()))
    assert page.tags.keys() <= Page(render(FULL, CHANGED)).tags.keys() | {"details", "ol"}
    assert page.tags["script"] == page.tags["style"] == 1
    assert not {name for _, name, _ in page.attributes} & {"src", "style", "onerror", "srcset", "action"}
    assert all(value.startswith("#") for value in page.values("href"))
    everything = "".join(page.text) + "".join(value for _, _, value in page.attributes)
    assert "<img src=x onerror=alert(1)>" in everything
    assert not set(everything) & {"\x1b", "\u202e", "\udcff", "\x07"}


def test_a_page_of_every_kind_is_whole() -> None:
    for review in (*REVIEWS.values(), many(40)):
        for changed in ((), CHANGED):
            page = Page(render(review, changed))
            ids = page.values("id")
            assert len(ids) == len(set(ids))
            assert {value[1:] for value in page.values("href")} <= set(ids)


def test_the_policy_allows_just_what_is_there() -> None:
    source = render(FULL, CHANGED)
    policy = next(v for v in Page(source).values("content") if v.startswith("default-src"))
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        inside = source.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert "http" not in inside
    assert "unsafe" not in policy


def test_a_finding_stands_after_its_line() -> None:
    source = render(FULL, CHANGED)
    line = source.index("4 +")
    finding = source.index(
        f'<article data-severity="error" data-proof="reproduced" class="finding" id="f-{REPRODUCED.fingerprint}'
    )
    assert line < finding < source.index("6    5  ")
    assert source.index("Findings elsewhere") < source.index('class="finding" id="f-', finding + 200)


def test_what_is_text_is_escaped_and_what_is_html_is_not() -> None:
    assert el("b", "<i>&\x1b", el("i", "x"), title='"\n') == '<b title="&quot;␊">&lt;i&gt;&amp;␛<i>x</i></b>'
    assert text("\r\n\t\u2028") == "\n\t\\u2028"


@pytest.mark.parametrize("path", ["x.py", "x.json", "x.toml", "x.unknown", "x"])
def test_colours_keep_every_line(path: str) -> None:
    lines = ['x = """a', "", "b", '"""', "\t<y>\r&", "# \x0c\x0b\x85\u2028", "", "def f(:", "", ""]
    made = coloured(lines, path)
    assert [re.sub(r"</?i[^>]*>", "", one) for one in made] == [text(line) for line in lines]


def test_a_string_is_a_string_to_its_end_and_what_is_huge_is_plain() -> None:
    assert coloured(['x = """a', "if", '"""'], "x.py")[1] == '<i class="s">if</i>'
    assert coloured(["if", "x" * 2000], "x.py")[0] == "if"


def numbers(file: ChangedFile, said: tuple[int, ...] = ()) -> list[str]:
    made = rows(file, {line: [el("hr", f"{line}")] for line in said})
    return [n.strip() or f"said {s}" for n, s in re.findall(r'data-n="([^"]*)"|<hr>(\d+)', made)]


def test_lines_have_the_numbers_of_both_sides() -> None:
    file = ChangedFile("a", "a", "M", tuple("abcdefghijklmnop"), (Edit(2, 2, ("x",)), Edit(10, 0, ("y", "z"))))
    assert numbers(file, (2, 15)) == [
        "1    1", "2      -", "2 +", "said 2", "3 +", "3    4", "4    5", "5    6",
        "7    8", "8    9", "9   10", "10      -", "11      -", "12   11", "13   12", "14   13", "15   14", "16   15",
        "said 15", "17   16",
    ]  # fmt: skip


def test_every_edit_is_shown_whole_wherever_it_is() -> None:
    chance = random.Random(7)
    for _ in range(200):
        head, edits, base, lines = [], [], [], []
        for n in range(chance.randrange(1, 8)):
            same = [f"s{n}.{i}" for i in range(chance.randrange(1, 10))] if n else []
            came, gone = ([f"{w}{n}.{i}" for i in range(chance.randrange(3))] for w in "ac")
            head += same
            if came or gone:
                edits.append(Edit(len(head) + bool(came), len(came), tuple(gone)))
            head += came
            lines += [(">", c) for c in came] + [("<", g) for g in gone]
            base += same + gone
        made = rows(ChangedFile("a", "a", "M", tuple(head), tuple(edits)), {})
        assert Counter(re.findall(r"<ins[^>]*>([^<]*)", made)) == Counter(c for s, c in lines if s == ">")
        shown = [(int(n.split()[0]), c) for n, c in re.findall(r'<del[^>]*data-n="([^"]*)">([^<]*)', made)]
        assert Counter(c for _, c in shown) == Counter(g for s, g in lines if s == "<")
        assert all(base[n - 1] == c for n, c in shown)


def test_a_finding_of_the_version_before_stands_where_its_line_went() -> None:
    (file, *_) = CHANGED
    at = [line_of(file, replace(OPINION, location=Location(file.path, n, n, Side.BASE))) for n in range(1, 9)]
    assert at == [1, 2, 2, 3, 4, 5, 6, None]
    assert line_of(file, replace(OPINION, location=Location(file.path, 7, 7))) is None
    assert file.lines == SOURCES[file.path]


def test_a_new_file_of_the_old_name_of_another_keeps_its_findings() -> None:
    path = REPRODUCED.location.path
    moved = ChangedFile("z.py", path, "R", SOURCES[path], (Edit(1, 1, ("x",)),))
    source = render(replace(FULL, findings=(REPRODUCED,)), (replace(CHANGED[0], base_path=path), moved))
    assert source.index("<article") < source.index("z.py")


def test_a_change_that_is_large_is_plain_from_some_file_on(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ChangedFile("a.py", "a.py", "A", ("import os",), (Edit(1, 1, ()),))
    assert "without colours" not in render(FULL, [one])
    monkeypatch.setattr(htmlreport, "COLOURED", 20)
    source = render(FULL, [one, replace(one, path="b.py", base_path="b.py")])
    assert "without colours" in source
    assert source.count('<i class="k">import</i>') == 1
    assert source.count("import os</ins>") == 1


def test_a_thousand_files_are_there_and_closed() -> None:
    files = tuple(ChangedFile(f"m{n}.py", f"m{n}.py", "M", ("a = 1",), (Edit(1, 1, ("a = 2",)),)) for n in range(1000))
    page = Page(render(FULL, files))
    assert page.values("class").count("file") == 1000
    opened = [1 for tag, name, _ in page.attributes if tag == "details" and name == "open"]
    assert len(opened) == 1  # the patch that was verified


def test_a_measured_speed_is_two_bars() -> None:
    fix = Suggestion("-a\n+b\n", "use a set", Verdict.VERIFIED, speedup=4.0)
    page = render(replace(FULL, findings=(replace(REPRODUCED, suggestion=fix),)))
    assert '<meter value="1.0000" aria-label="as it is: 100.0% of the time">' in page
    assert '<meter value="0.2500" aria-label="with the fix: 25.0% of the time">' in page
    slower = render(replace(FULL, findings=(replace(REPRODUCED, suggestion=replace(fix, speedup=0.5)),)))
    assert '<meter value="0.5000" aria-label="as it is: 50.0% of the time">' in slower
    assert "Measured time" not in render(FULL)


def test_every_link_to_a_part_of_the_report_leads_to_one() -> None:
    for review, changed in ((FULL, CHANGED), (FULL, ()), (REVIEWS["clean"], CHANGED)):
        page = Page(render(review, changed))
        links = [link[1:] for link in page.values("href") if link.startswith("#")]
        assert {"tests", "receipt"} < set(links) <= set(page.values("id"))


def test_the_package_has_the_style_and_the_script(tmp_path: Path) -> None:
    words = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    subprocess.run(words, cwd=Path(__file__).parents[2], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert {"reviewer/report/page.css", "reviewer/report/page.js"} <= set(zipfile.ZipFile(wheel).namelist())
