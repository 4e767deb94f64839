"""A running demo with its judge, and Chromium to look at it: both once for all browser tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from running import Demo

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Server, node and contest of their own: these tests look at a team's whole list."""
    with Demo(tmp_path_factory.mktemp("browser") / "data", teams=12) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the system."""
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, running_demo: Demo) -> Iterator[BrowserContext]:
    """A browser of its own for each test; whatever a page's script throws or the policy refuses fails the test."""
    made = chromium.new_context(base_url=running_demo.url)
    made.set_default_timeout(20_000)
    errors: list[str] = []
    made.on("weberror", lambda error: errors.append(str(error.error)))
    made.on(
        "console", lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None
    )
    yield made
    made.close()
    assert errors == []


@pytest.fixture
def sign_in(context: BrowserContext, running_demo: Demo) -> Callable[[int], Page]:
    """Signs in as the team of this number through the form; gives the page that follows."""

    def go(team: int) -> Page:
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Name").fill(running_demo.info["teams"][team]["username"])
        page.get_by_label("Password").fill(running_demo.info["teams"][team]["password"])
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("/")
        return page

    return go


@pytest.fixture
def without_scripts(chromium: Browser, running_demo: Demo) -> Iterator[Any]:
    """A browser whose JavaScript is switched off."""
    made = chromium.new_context(base_url=running_demo.url, java_script_enabled=False)
    yield made
    made.close()
