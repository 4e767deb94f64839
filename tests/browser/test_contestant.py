"""A contestant's day in a real browser: signing in, submitting, seeing the verdict arrive, signing out and going back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from running import Demo

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"
CRATES = PROBLEMS / "crates" / "submissions"
VERDICT_MS = 60_000


def test_wrong_password_keeps_the_name(context: BrowserContext, running_demo: Demo) -> None:
    """A mistyped password leads back to the form with the name in it and a sentence above."""
    page = context.new_page()
    page.goto("/sign-in?next=/board")
    page.get_by_label("Name").fill(running_demo.info["teams"][0]["username"])
    page.get_by_label("Password").fill("not the one on the slip")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("Name")).to_have_value(running_demo.info["teams"][0]["username"])
    page.get_by_label("Password").fill(running_demo.info["teams"][0]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("/board")


def test_file_to_verdict_without_reloading(sign_in: Callable[[int], Page]) -> None:
    """A file is chosen, problem and language are guessed, and the verdict appears by itself on the same page."""
    page = sign_in(1)
    page.evaluate("window.sameDocument = true")
    page.set_input_files("#files", str(CRATES / "accepted" / "crates.cpp"))
    expect(page.get_by_label("Problem", exact=True)).to_have_value("crates")
    expect(page.get_by_label("Language", exact=True)).to_have_value("cpp")
    page.get_by_role("main").get_by_role("button", name="Submit").click()
    first = page.locator("tr[data-verdict]").first
    expect(first.locator(".chip-waiting")).to_be_visible()
    expect(first.locator(".chip-good")).to_be_visible(timeout=VERDICT_MS)
    expect(page.get_by_role("status").get_by_text("A: Accepted")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^A: solved"))).to_be_visible(timeout=10_000)
    assert page.evaluate("window.sameDocument"), "the page was not left"


def test_pasted_code_by_keyboard(sign_in: Callable[[int], Page]) -> None:
    """Code is typed on a problem's page and sent by Ctrl+Enter, without the mouse; the try appears below."""
    page = sign_in(2)
    page.goto("/problems/crates")
    page.get_by_text("or type it here").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Code").fill("import sys\nprint('WRONG by design')\n")
    expect(page.get_by_label("Language", exact=True)).to_have_value("python3")
    page.get_by_label("Code").press("Control+Enter")
    expect(page.locator("tr[data-verdict] .chip-bad").first).to_be_visible(timeout=VERDICT_MS)
    page.locator("tr[data-verdict] a").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Submission"))).to_be_visible()
    expect(page.locator("pre[id=source-0]")).to_contain_text("WRONG by design")


def test_pasting_into_the_page(sign_in: Callable[[int], Page]) -> None:
    """Code pasted anywhere on the page lands in the card with its language; the problem is asked for and the code is kept."""
    page = sign_in(3)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text", "#include <iostream>\\nint main() { std::cout << 1; }");
          document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )
    expect(page.get_by_label("Language", exact=True)).to_have_value("cpp")
    page.get_by_role("main").get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose it")
    expect(page.get_by_label("Problem", exact=True)).to_be_focused()
    expect(page.get_by_label("Code")).to_have_value(re.compile("std::cout"))


def test_second_tab_hears_of_the_verdict(sign_in: Callable[[int], Page], context: BrowserContext) -> None:
    """Two tabs share one wait at the server; a board in the other tab shows the solved problem by itself."""
    page = sign_in(4)
    board = context.new_page()
    with context.expect_event("request", lambda request: "/live?" in request.url):
        board.goto("/board")
    board.wait_for_timeout(1500)  # whoever leads has been settled by then
    waits: set[Page] = set()
    context.on("request", lambda request: waits.add(request.frame.page) if "/live?" in request.url else None)
    page.set_input_files("#files", str(CRATES / "accepted" / "crates.py"))
    page.get_by_role("main").get_by_role("button", name="Submit").click()
    expect(page.locator("tr[data-verdict] .chip-good").first).to_be_visible(timeout=VERDICT_MS)
    expect(board.locator("tr.own .mark-solved, tr.own .mark-first")).to_have_count(1, timeout=10_000)
    assert len(waits) == 1, "one tab waits for both"


def test_copying_a_sample(sign_in: Callable[[int], Page]) -> None:
    """The copy button says that it copied; what was copied can be pasted into the code."""
    page = sign_in(5)
    page.goto("/problems/crates")
    sample = page.locator("#sample-1-in").text_content()
    page.get_by_role("button", name="Copy input 1").click()
    expect(page.get_by_role("button", name="Copy input 1")).to_have_text("Copied")
    page.get_by_text("or type it here").click()
    page.get_by_label("Code").focus()
    page.keyboard.press("Control+V")
    expect(page.get_by_label("Code")).to_have_value(sample or "")


def test_signing_out_and_going_back(sign_in: Callable[[int], Page], running_demo: Demo) -> None:
    """After signing out the browser's way back shows nothing of the team."""
    page = sign_in(6)
    page.goto("/problems")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("/")
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        expect(page.get_by_role("navigation").get_by_role("link", name="Sign in")).to_be_visible()


def test_clock_runs(context: BrowserContext) -> None:
    """The clock counts down while somebody looks at it."""
    page = context.new_page()
    page.goto("/board")
    shown = page.locator("[data-clock-time]")
    before = shown.text_content()
    expect(shown).not_to_have_text(before or "")
    assert re.fullmatch(r"\d+:\d\d:\d\d", shown.text_content() or "")


def test_works_without_scripts(without_scripts: BrowserContext, running_demo: Demo) -> None:
    """With JavaScript off a team signs in, submits a file and reads its verdict after reloading."""
    page = without_scripts.new_page()
    page.goto("/sign-in")
    page.get_by_label("Name").fill(running_demo.info["teams"][7]["username"])
    page.get_by_label("Password").fill(running_demo.info["teams"][7]["password"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.set_input_files("#files", str(CRATES / "accepted" / "crates.c"))
    page.get_by_role("main").get_by_role("button", name="Submit").click()
    expect(page.locator("tr[data-verdict]").first).to_be_visible()
    for _ in range(60):
        if page.locator(".chip-good").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("tr[data-verdict] .chip-good").first).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways(
    context: BrowserContext, sign_in: Callable[[int], Page], width: int, scheme: str
) -> None:
    """On a phone, a laptop and a wall screen every page fits, light and dark."""
    page = sign_in(8)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/problems", "/problems/crates", "/board", "/submit", "/missing"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_theme_switch_stays(context: BrowserContext) -> None:
    """The dark theme that somebody chose is still there on the next page."""
    page = context.new_page()
    page.emulate_media(color_scheme="light")
    page.goto("/board")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
