"""A server that falls silent, comes back, or counts anew: the page says so and catches up."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

from playwright.sync_api import Browser, Page, Route, expect
from running import Demo


def test_a_silent_server_is_noticed(chromium: Browser, running_demo: Demo) -> None:
    """Ten seconds after the server fell silent page and second tab say how old they are; when it is back the words go away."""
    context = chromium.new_context(base_url=running_demo.url)
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto("/board")
        expect(page.locator("[data-clock-time]")).to_have_text(re.compile(r"\d:\d\d:\d\d"))
    server = running_demo.info["pids"]["server"]
    os.kill(server, signal.SIGSTOP)
    try:
        for page in (first, second):
            expect(page.locator("[data-stale]")).to_contain_text("s behind", timeout=16_000)
    finally:
        os.kill(server, signal.SIGCONT)
    for page in (first, second):
        expect(page.locator("[data-stale]")).to_be_hidden(timeout=20_000)
    context.close()


def test_counters_that_went_back_are_news_once(context: object, sign_in: Callable[[int], Page]) -> None:
    """After a restore the server's counters may be smaller than the page's: it fetches once and waits on, it does not ask in a circle."""
    page = sign_in(7)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) < 20 and "team%3At008%3A5" not in asked[-1].replace("%2C", ","):
            route.fulfill(json={"news": {"team:t008": 5}})
        # otherwise it waits, as the server would

    page.route("**/live?*", answer)
    with page.expect_request("**/fragments/submissions**"):
        page.reload()
    page.wait_for_timeout(1500)
    assert len(asked) == 2
