"""What the facts of a run mean (DESIGN 6, order on one test)."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.verdict import Verdict
from app.languages.loader import load_languages
from judge_node.pipeline.deciding import is_flaky, is_near, verdict_of_run
from judge_node.sandbox.outcome import Limit
from unit.judge_node.pipeline.outcomes import outcome

LANGUAGES = load_languages()
FULL_HEAP = b"Terminating due to java.lang.OutOfMemoryError: Java heap space\n"


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, None),
        ({"cpu_seconds": 1.0}, None),
        ({"cpu_seconds": 1.000001}, Verdict.TLE),
        ({"limit": Limit.CPU, "cpu_seconds": 1.21, "signal": 9}, Verdict.TLE),
        ({"limit": Limit.WALL, "signal": 9}, Verdict.TLE),
        ({"limit": Limit.MEMORY}, Verdict.MLE),
        ({"limit": Limit.MEMORY, "signal": 9}, Verdict.MLE),
        ({"limit": Limit.MEMORY, "cpu_seconds": 1.1}, Verdict.TLE),
        ({"limit": Limit.FILE_SIZE, "signal": 25}, Verdict.OLE),
        ({"exit_code": 1}, Verdict.RTE),
        ({"exit_code": 42}, Verdict.RTE),
        ({"signal": 11}, Verdict.RTE),
        ({"limit": Limit.OUTPUT, "stdout_bytes": 900}, Verdict.OLE),
        ({"stdout_bytes": 90, "stderr_bytes": 11}, Verdict.OLE),
        ({"limit": Limit.OUTPUT, "exit_code": 1}, Verdict.RTE),
        ({"limit": Limit.OUTPUT, "cpu_seconds": 1.5}, Verdict.TLE),
        ({"exit_code": 3, "stderr_head": FULL_HEAP}, Verdict.RTE),
    ],
)
def test_order_of_verdicts(facts: dict[str, Any], verdict: Verdict | None) -> None:
    """TLE goes before MLE, MLE before RTE, RTE before OLE, and only then the validator is asked."""
    assert verdict_of_run(outcome(**facts), 1.0, 100, LANGUAGES["cpp"]) is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"exit_code": 3, "stderr_head": FULL_HEAP}, Verdict.MLE),
        ({"exit_code": 3}, Verdict.RTE),
        ({"exit_code": 1, "stderr_head": FULL_HEAP}, Verdict.RTE),
        ({"exit_code": 3, "stderr_head": FULL_HEAP, "cpu_seconds": 1.1}, Verdict.TLE),
    ],
)
def test_a_full_java_heap_is_memory(facts: dict[str, Any], verdict: Verdict) -> None:
    """A Java team whose heap is full gets MLE; one that only exits with the same code gets RTE."""
    assert verdict_of_run(outcome(**facts), 1.0, 100, LANGUAGES["java"]) is verdict


@pytest.mark.parametrize(
    ("facts", "near"),
    [
        ({"cpu_seconds": 0.89}, False),
        ({"cpu_seconds": 0.91}, True),
        ({"cpu_seconds": 1.09}, True),
        ({"cpu_seconds": 1.11, "limit": Limit.CPU}, False),
        ({"cpu_seconds": 0.95, "limit": Limit.MEMORY}, False),
        ({"cpu_seconds": 0.95, "limit": Limit.WALL}, False),
    ],
)
def test_near_the_limit(facts: dict[str, Any], near: bool) -> None:
    """Only a run within ten per cent of its limit is measured again, and only where time decides it."""
    assert is_near(outcome(**facts), 1.0) is near


def test_flaky() -> None:
    """A spread over five per cent is told to the jury."""
    assert not is_flaky([1.0, 1.049])
    assert is_flaky([1.0, 1.051, 1.02])
