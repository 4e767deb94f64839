"""Problems that take outputs instead of a program: the form, its names, zips good and bad."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from pages_house import CONTEST, SAME_ORIGIN, PagesHouse, text_of
from werkzeug.test import TestResponse

from app.core.errors import Refusal
from app.core.ids import ProblemId
from app.core.output_names import test_for as whose
from app.core.output_names import usual_name
from app.core.submission import SourceFile
from unit.app.package.foreign import TASK, italian
from web.pages.outputs import outputs_of

TESTS = ("secret/0000", "secret/0001", "secret/0002", "secret/0003")
ANSWERS = {f"output_{number:03d}.txt": b"3\n" for number in range(4)}


@pytest.fixture
def outputs(running: PagesHouse, tmp_path: Path) -> PagesHouse:
    """The contest with a third problem, which takes outputs."""
    package = italian(tmp_path / "outputs", {"task.yaml": TASK + "output_only: true\n"})
    running.services.problems.import_package(CONTEST, package, label="C", problem_id=ProblemId("outputs"))
    running.settle()
    return running


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def send(house: PagesHouse, files: Mapping[str, bytes]) -> TestResponse:
    """The form of the problem's page with these files."""
    uploads = [(io.BytesIO(data), name) for name, data in files.items()]
    data = {"key": "k1", "problem": "outputs", "next": "/problems/outputs", "files": uploads}
    client = house.client("otters")
    return client.post("/submit", data=data, headers=SAME_ORIGIN, content_type="multipart/form-data")


def test_the_card_says_what_is_wanted(outputs: PagesHouse) -> None:
    """Names of the outputs, no language, nothing to type; other problems stay as they were."""
    page = outputs.client("otters").get("/problems/outputs")
    words, html = text_of(page), page.get_data(as_text=True)
    assert "Submit outputs to C" in words
    assert "output_000.txt, output_001.txt, output_002.txt, output_003.txt" in words
    assert '<details class="submit-more" hidden>' in html
    other = outputs.client("otters").get("/problems/crates").get_data(as_text=True)
    assert "data-outputs=" not in other
    assert 'outputs-wanted" data-outputs-wanted hidden' in other


@pytest.mark.parametrize("packed", [False, True])
def test_outputs_are_taken_by_their_names(outputs: PagesHouse, packed: bool) -> None:
    """Several files, or a zip of them with folders and what a Mac leaves in it: one submission with the same files."""
    files: Mapping[str, bytes] = ANSWERS
    if packed:
        litter = {"mine/.DS_Store": b"x", "__MACOSX/mine/output_000.txt": b"x"}
        files = {"all.zip": zipped({f"mine/{name}": data for name, data in ANSWERS.items()} | litter)}
    sent = send(outputs, files)
    assert (sent.status_code, sent.location) == (303, "/problems/outputs"), text_of(sent)
    page = outputs.client("otters").get("/submissions/1")
    assert page.status_code == 200
    for name in ANSWERS:
        assert name in text_of(page)
    assert ".DS_Store" not in text_of(page)


@pytest.mark.parametrize(
    ("files", "code", "sentence"),
    [
        ({"notes.txt": b"x"}, 422, "No test is called like notes.txt. The outputs are called output_000.txt"),
        ({"all.zip": b"no zip at all"}, 422, "all.zip cannot be opened as a zip"),
        ({"all.zip": zipped(ANSWERS)[:-30]}, 422, "cannot be opened as a zip"),
        ({"all.zip": zipped({"output_000.txt": b"0" * 50_000_000})}, 413, "larger than 100 KiB"),
        ({"all.zip": zipped({f"{number}.txt": b"" for number in range(1001)})}, 413, "At most 1000 files"),
        ({"all.zip": zipped({"../../output_000.txt": b"3"})}, 422, ""),
        ({}, 422, "Choose a file"),
    ],
)
def test_what_is_no_output_is_refused(
    outputs: PagesHouse, files: Mapping[str, bytes], code: int, sentence: str
) -> None:
    """Wrong names, broken zips, bombs and ways out of the folder: a sentence each, and nothing is submitted."""
    refused = send(outputs, files)
    assert refused.status_code == code, text_of(refused)
    assert sentence in text_of(refused)
    assert outputs.client("otters").get("/submissions/1").status_code == 404


@pytest.mark.parametrize(
    "bomb",
    [
        zipped({"output_000.txt": b"0" * 50_000_000}, zipfile.ZIP_BZIP2),
        zipped({"output_000.txt": b"0" * 50_000_000}, zipfile.ZIP_LZMA),
        zipped({"output_000.txt": b"0" * 50_000_000}),
        zipped({f"{number}": b"" for number in range(1001)}) * 20,
    ],
    ids=["bzip2", "lzma", "deflate", "records"],
)
def test_a_bomb_is_refused_before_it_is_large(bomb: bytes) -> None:
    """Whatever packs a zip's entries and however many it lists, looking at it takes a few MiB."""
    tracemalloc.start()
    try:
        with pytest.raises(Refusal):
            outputs_of((SourceFile("all.zip", bomb),), TESTS, 100 * 1024)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


def test_many_zips_share_one_limit() -> None:
    """A hundred zips, each of which would do alone, are refused at the second and not kept until all are open."""
    one = zipped({"output_000.txt": b"0" * 90_000})
    tracemalloc.start()
    try:
        with pytest.raises(Refusal, match="larger than 100 KiB"):
            outputs_of([SourceFile(f"{number}.zip", one) for number in range(100)], TESTS, 100 * 1024)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024


def test_names_of_outputs() -> None:
    """By the test's name with or without folders, by number; with folders only where two tests end alike."""
    assert usual_name("secret/0002", TESTS) == "output_002.txt"
    assert usual_name("secret/02-big", ["secret/02-big", "secret/03"]) == "02-big.out"
    assert usual_name("secret/a/1", ["secret/a/1", "secret/b/1"]) == "secret/a/1.out"
    assert whose("output_2.txt", TESTS) == "secret/0002"
    assert whose("x/0003.ans", TESTS) == "secret/0003"
    assert whose("0004.ans", TESTS) is None
