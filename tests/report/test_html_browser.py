"""The page in a real browser. These tests need the `browser` extra and a Chromium; without, they are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from reviewer.report.htmlreport import render
from reviewer.review import ChangedFile, Edit, Review
from tests.report.hostile import hostile, many
from tests.report.reviews import CHANGED, FULL, REPRODUCED, REVIEWS
from tests.report.test_html import hostile_change

playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra `browser` is not installed")

CHROMIUM = os.environ.get("LLM_REVIEW_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PHONE, DESKTOP = 390, 1280
FIRST = f"f-{REPRODUCED.fingerprint}"
LARGE = tuple(
    ChangedFile(f"src/m{n}.py", f"src/m{n}.py", "M", ("def f():", f"    return {n}"), (Edit(2, 1, ("    return 0",)),))
    for n in range(1000)
)

TIMED = replace(
    FULL,
    findings=(replace(REPRODUCED, suggestion=replace(REPRODUCED.suggestion, speedup=12.5)),),  # type: ignore[type-var]
)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium")


@dataclass
class Tab:
    """A page in the browser, with all that it complained of or asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def shown(self) -> list[str]:
        ids = self.page.evaluate(
            "[...document.querySelectorAll('.finding')].filter((one) => one.checkVisibility()).map((one) => one.id)"
        )
        return [str(one) for one in ids]

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id"))


Open = Callable[..., Tab]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open a review's page; at its end it must have complained of nothing and asked for nothing but itself."""
    tabs: list[Tab] = []

    def opened(
        review: Review, changed: Any = CHANGED, width: int = DESKTOP, scheme: str = "light", at: str = ""
    ) -> Tab:
        file = tmp_path / "page.html"
        file.write_text(render(review, changed), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        tab = Tab(context.new_page())
        tabs.append(tab)
        tab.page.on("console", lambda message: tab.complaints.append(message.text))
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.page.on("dialog", lambda dialog: tab.complaints.append(dialog.message))
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.goto(file.as_uri() + at)
        return tab

    yield opened
    for tab in tabs:
        assert tab.complaints == []
        assert len(tab.requests) == 1
        tab.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", ["full", "clean", "hostile", "timed", "long"])
def test_nothing_stands_out_and_axe_finds_nothing(show: Open, name: str, width: int, scheme: str) -> None:
    special = {"hostile": (hostile(), hostile_change()), "timed": (TIMED, CHANGED), "long": (many(60), LARGE[:60])}
    review, changed = special.get(name) or (REVIEWS[name], CHANGED)
    tab = show(review, changed, width, scheme)
    tab.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
    found = axe.Axe().run(tab.page).response
    assert [
        f"{v['id']}: {n['html'][:200]} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"]
    ] == []
    assert len(found["passes"]) > 15


def test_a_hostile_review_runs_nothing(show: Open) -> None:
    tab = show(hostile(), hostile_change())
    assert tab.page.locator("img, iframe, main script, main style").count() == 0
    assert "<img src=x onerror=alert(1)>" in tab.page.inner_text("main")


def test_the_policy_holds_against_what_would_get_in(show: Open) -> None:
    """Even with markup that escaped nothing, no script would run and nothing would be asked for."""
    attempts = {
        "image": "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}))",
        "style": "document.body.append(Object.assign(document.createElement('style'), {innerText: 'p {color: red}'}))",
        "script": "document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))",
        "markup": "document.body.innerHTML += '<img src=x onerror=window.ran=1>'",
        "fetch": "fetch('http://127.0.0.1:9/x').catch(() => 0)",
    }
    tab = show(FULL)
    for name, attempt in attempts.items():
        tab.complaints.clear()
        refused = ""
        try:
            tab.page.evaluate(f"() => {{ {attempt} }}")
            tab.page.wait_for_timeout(50)
        except playwright.Error as error:
            refused = str(error)
        words = " ".join([refused, *tab.complaints])
        assert "Content Security Policy" in words or "requires 'Trusted" in words, name
    assert tab.page.evaluate("window.ran") is None
    tab.complaints.clear()
    # The browser announces a request before the policy refuses it.
    tab.requests[1:] = []


def test_filters_by_severity_and_proof(show: Open) -> None:
    tab = show(FULL)
    everything = tab.shown()
    assert len(everything) == 3
    tab.page.get_by_label("opinion").uncheck()
    assert len(tab.shown()) == 2
    assert tab.page.inner_text("#shown") == "2 of 3 findings shown"
    tab.page.get_by_label("error").uncheck()
    assert tab.shown() == []
    assert tab.page.locator("#list li:visible").count() == 0
    tab.page.get_by_label("error").check()
    tab.page.get_by_label("opinion").check()
    assert tab.shown() == everything
    assert tab.page.inner_text("#shown") == "3 findings shown"


def test_a_link_leads_to_its_finding_even_where_it_is_folded_away(show: Open) -> None:
    tab = show(many(30), LARGE, at="#file-900")
    assert tab.page.locator("#file-900").evaluate("one => one.open")
    tab = show(FULL, at=f"#{FIRST}")
    assert tab.focused() == FIRST
    tab.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = false")
    tab.page.get_by_label("reproduced").uncheck()
    tab.page.evaluate("location.hash = ''")
    tab.page.evaluate(f"location.hash = '#{FIRST}'")
    tab.page.locator(f"#{FIRST}").wait_for(state="visible")
    assert tab.focused() == FIRST
    assert tab.page.get_by_label("reproduced").is_checked()


def test_the_keyboard_is_enough(show: Open) -> None:
    tab = show(FULL)
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    tab.page.keyboard.press("Enter")
    assert tab.focused() == "main"
    shown = tab.shown()
    walked = []
    for key in "jjjjkk":
        tab.page.keyboard.press(key)
        walked.append(shown.index(tab.focused()))
    assert walked == [0, 1, 2, 2, 1, 0]
    assert tab.page.evaluate("location.hash") == f"#{shown[0]}"
    tab.page.locator("input").first.focus()
    tab.page.keyboard.press("Space")
    assert len(tab.shown()) < 3


def test_a_measured_speed_is_seen(show: Open) -> None:
    bars = show(TIMED).page.locator(".timing meter")
    assert bars.count() == 2
    assert [bars.nth(n).evaluate("one => one.position ?? one.value") for n in range(2)] == [1, 0.08]


def test_the_parts_of_the_report_are_one_step_away_and_a_long_list_hides_none(show: Open) -> None:
    tab = show(many(1000), LARGE, PHONE)
    change = tab.page.locator("#change")
    assert tab.page.locator("#list").bounding_box()["height"] < 600
    tab.page.get_by_role("link", name="The change").click()
    assert abs(change.bounding_box()["y"]) < 60
    tab.page.get_by_label("error").uncheck()
    assert tab.page.inner_text("#shown") == "0 of 1,000 findings shown"


def test_side_by_side_puts_what_came_beside_what_went(show: Open) -> None:
    tab = show(FULL)
    went, came = tab.page.locator(".e > del").first, tab.page.locator(".e > ins").first
    assert went.bounding_box()["y"] < came.bounding_box()["y"]
    tab.page.get_by_role("button", name="Side by side").press("Enter")
    assert went.bounding_box()["y"] == came.bounding_box()["y"]
    assert went.bounding_box()["x"] < came.bounding_box()["x"]


def test_print_opens_all_and_hides_the_controls(show: Open) -> None:
    tab = show(many(3), LARGE[:30], scheme="dark")
    tab.page.emulate_media(media="print", color_scheme="dark")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    assert tab.page.evaluate(paper) == "rgb(255, 255, 255)"
    assert (
        tab.page.locator("ins.l").first.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(227, 248, 231)"
    )
    tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.page.locator("details:not([open])").count() == 0
    assert not tab.page.get_by_role("button", name="Side by side").is_visible()
    assert tab.page.locator(".file .l").last.is_visible()
    tab.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.page.locator("details:not([open])").count() > 0


def test_a_thousand_files_can_be_walked_through(show: Open) -> None:
    tab = show(many(1000), LARGE)
    assert tab.page.locator("details.file").count() == 1000
    for _ in range(3):
        tab.page.keyboard.press("j")
    assert tab.focused() == tab.shown()[2]
    tab.page.locator("#file-1000 > summary").click()
    assert "return 999" in tab.page.inner_text("#file-1000")
