"""A problem that takes outputs: what a contestant sees, chooses and is told, in a real browser."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flow.test_gate_composed import make_app
from gate_house import CONTEST, House, open_house
from playwright.sync_api import Browser, FilePayload, Page, expect
from unit.app.package.foreign import TASK, italian

import web
from app.core.ids import ProblemId


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A contest with a problem that takes programs and one that takes outputs."""
    folder = tmp_path_factory.mktemp("hall")
    with contextlib.closing(open_house(folder, make_app, static_files=Path(web.__path__[0]) / "static")) as opened:
        package = italian(folder / "outputs", {"task.yaml": TASK + "output_only: true\n"})
        opened.services.problems.import_package(CONTEST, package, label="B", problem_id=ProblemId("outputs"))
        yield opened


@pytest.fixture
def page(chromium: Browser, house: House) -> Iterator[Page]:
    """A team's page, wide enough for everything."""
    context = chromium.new_context(base_url=house.url)
    context.set_default_timeout(20_000)
    opened = context.new_page()
    opened.goto("/sign-in")
    opened.get_by_label("Name").fill("team1")
    opened.get_by_label("Password").fill(house.password("team1"))
    opened.keyboard.press("Enter")
    opened.wait_for_url("/")
    yield opened
    context.close()


def outputs(*numbers: int) -> list[FilePayload]:
    """Files as a contestant has them."""
    return [{"name": f"output_{n:03d}.txt", "mimeType": "text/plain", "buffer": b"3\n"} for n in numbers]


def test_outputs_from_the_problems_page(page: Page) -> None:
    """The card names the outputs and asks for no language; a wrong name is told; several files, then a zip, are sent by keyboard."""
    page.goto("/problems/outputs")
    expect(page.get_by_text("output_000.txt, output_001.txt, output_002.txt, output_003.txt")).to_be_visible()
    expect(page.get_by_text("or type it here")).to_be_hidden()
    chosen = page.get_by_label("Output files or a zip")
    chosen.set_input_files([{"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x"}])
    expect(page.get_by_label("Language", exact=True)).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("No test is called like notes.txt")
    chosen.set_input_files(outputs(0, 1, 3))
    page.keyboard.press("Control+Enter")
    expect(page.locator("tr[data-verdict]")).to_have_count(1)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine/output_002.txt", "3\n")
    chosen.set_input_files([{"name": "mine.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}])
    page.keyboard.press("Control+Enter")
    expect(page.locator("tr[data-verdict]")).to_have_count(2)
    page.locator("tr[data-verdict] a").first.click()
    expect(page.get_by_text("mine/output_002.txt")).to_be_visible()


def test_outputs_from_any_card(page: Page) -> None:
    """The general card changes with the chosen problem: no language where outputs are wanted, and back again."""
    page.goto("/submit")
    page.set_input_files("#files", outputs(0))
    problem, language = page.get_by_label("Problem", exact=True), page.get_by_label("Language", exact=True)
    problem.select_option("outputs")
    expect(language).to_be_hidden()
    expect(page.get_by_text("This problem takes outputs")).to_be_visible()
    problem.select_option("crates")
    expect(language).to_be_visible()
    expect(page.get_by_text("This problem takes outputs")).to_be_hidden()
    problem.select_option("outputs")
    page.get_by_role("main").get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Submitted")).to_be_visible()
