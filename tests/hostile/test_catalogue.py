"""Some three hundred hostile programs through the whole pipeline, each with the verdicts that it may get."""

from __future__ import annotations

import shutil

import pytest

from app.core.verdict import Verdict
from hostile.arena import SECRET, Arena
from hostile.catalogue import Case, read_cases
from judge_node.pipeline.job import JudgeResult

pytestmark = [pytest.mark.root, pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is missing")]


def no_breach(result: JudgeResult) -> None:
    """Fails where a program got what it must not get."""
    texts = [result.compile.output, result.message]
    for run in result.runs:
        texts += [run.stdout_head, run.stderr_head, run.message]
    for text in texts:
        assert SECRET not in text, "the secret was read"
    for run in result.runs:
        assert "BREACH" not in run.stdout_head, run.stdout_head


def test_a_hostile_program_is_held(arena: Arena, hostile_case: Case) -> None:
    """It gets one of its verdicts, nothing of the host is read or changed, and the next submission is judged as ever."""
    if hostile_case.language == "java" and shutil.which("javac") is None:
        pytest.skip("javac is missing")
    # Native programs have a strict table of system calls, which ends most attacks at once: the others are asked here.
    result = arena.judge(hostile_case, "runtime" if hostile_case.extension == "c" else None)
    arena.look_round()
    no_breach(result)
    seen = next((run.stderr_head for run in result.runs if run.verdict is result.verdict), result.compile.output)
    assert result.verdict in hostile_case.allowed, f"{result.verdict}: {result.message} {seen[:600]}"


@pytest.mark.hostile
def test_a_hostile_program_is_held_by_the_strict_table(arena: Arena, strict_case: Case) -> None:
    """The same as a native program: most end at their first forbidden call; none gets through, none is a judging error."""
    result = arena.judge(strict_case)
    arena.look_round()
    no_breach(result)
    assert result.verdict not in {Verdict.JE, None}


def test_there_are_two_hundred_cases() -> None:
    """The catalogue covers every bullet of the threat list, in each language whose attack it is."""
    cases = read_cases()
    assert len({case.id for case in cases}) == len(cases) >= 200
    bullets = {case.bullet for case in cases}
    assert bullets >= {
        "processes",
        "memory",
        "time",
        "output",
        "files",
        "network",
        "kernel",
        "compilers",
        "verdicts",
        "validators",
    }
    assert {case.language for case in cases} == {"c", "cpp", "python3", "java"}
