"""A judge machine proves itself in its real sandbox before it offers anything."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from judge_node.pipeline.judging import Workshop
from judge_node.selftest import run_selftest
from judge_node.settings import DataFolder
from judge_node.toolroom import Toolroom

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler"),
]


@pytest.fixture(scope="module")
def toolroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toolroom]:
    folder = DataFolder(tmp_path_factory.mktemp("node"))
    yield Toolroom(folder)
    folder.close()


@pytest.fixture(scope="module")
def workshop(toolroom: Toolroom) -> Iterator[Workshop]:
    opened = toolroom.open_workshop()
    yield opened
    opened.sandbox.close()


def test_honest_machine_passes(toolroom: Toolroom, workshop: Workshop, tmp_path: Path) -> None:
    """Every language whose compiler is here judges its small program right; crash, hang and wrong answer are told apart."""
    languages = {name: one for name, one in toolroom.usable().items() if name in ("c", "python3")}
    result = run_selftest(workshop, languages, tmp_path, threading.Event())
    assert (result.good, result.failures, result.passed) == (frozenset(languages), {}, True)
    assert list(tmp_path.iterdir()) == []


def test_broken_language_is_not_offered(
    toolroom: Toolroom, workshop: Workshop, tmp_path: Path, expected_warnings: list[str]
) -> None:
    """A compiler that does not do its work: its language is not offered, the others are."""
    expected_warnings.append("C17 was judged")
    languages = toolroom.usable()
    broken = replace(languages["c"], compile=replace(languages["c"].compile, argv=("false", "{files}")))
    result = run_selftest(workshop, {"c": broken, "python3": languages["python3"]}, tmp_path, threading.Event())
    assert result.good == {"python3"}
    assert result.passed


def test_machine_that_judges_wrong_may_not_work(
    toolroom: Toolroom, workshop: Workshop, tmp_path: Path, expected_warnings: list[str]
) -> None:
    """A machine on which a crash looks like something else does not pass, whatever else is right."""
    expected_warnings.append("must end as RTE")
    python = toolroom.usable()["python3"]
    forgiving = replace(
        python, run=replace(python.run, argv=("sh", "-c", '/usr/bin/python3 "$0" || true', "/program/{main}"))
    )
    result = run_selftest(workshop, {"python3": forgiving}, tmp_path, threading.Event())
    assert result.good == {"python3"}
    assert not result.passed


def test_stopped_selftest_ends_soon(toolroom: Toolroom, workshop: Workshop, tmp_path: Path) -> None:
    """SIGTERM while it proves itself: nothing is tried any more."""
    stop = threading.Event()
    stop.set()
    result = run_selftest(workshop, toolroom.usable(), tmp_path, stop)
    assert (result.good, result.passed) == (frozenset(), False)
