"""Second looks near the limit, stopping early, and judgements that somebody stops (DESIGN 6)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import Fault
from app.core.judgement import Run
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.loader import load_languages
from judge_node.pipeline.job import JobLimits, JobTest, JobValidator, JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.pipeline.programs import ValidatorStore
from judge_node.sandbox.outcome import Limit, Outcome
from unit.judge_node.pipeline.outcomes import outcome
from unit.judge_node.pipeline.scripted import ScriptedSandbox

AC, WA = outcome(exit_code=42), outcome(exit_code=43, stderr_head=b"line 1\n")


def job(folder: Path, tests: int, *, all_tests: bool = False) -> JudgeJob:
    (folder / "file").write_bytes(b"1\n")
    return JudgeJob(
        files=(SourceFile("a.c", b""),),
        language=load_languages()["c"],
        tests=tuple(JobTest(f"secret/{n}", False, folder / "file", folder / "file") for n in range(1, tests + 1)),
        limits=JobLimits(cpu_seconds=1.0, memory_bytes=64 << 20),
        all_tests=all_tests,
    )


def judged(
    tmp_path: Path,
    runs: Sequence[Outcome | Fault],
    answers: Sequence[Outcome | Fault],
    *,
    all_tests: bool = False,
    tests: int | None = None,
    watcher: Watcher | None = None,
) -> JudgeResult:
    workshop = Workshop(ScriptedSandbox(runs, answers), ValidatorStore(tmp_path / "validators", {}), node="here")
    (tmp_path / "work").mkdir()
    todo = job(tmp_path, tests or len(runs), all_tests=all_tests)
    return judge(todo, workshop, tmp_path / "work", watcher or Watcher())


def test_stops_at_the_first_failing_test(tmp_path: Path) -> None:
    """A wrong answer ends a pass/fail judgement; the tests after it are not run."""
    result = judged(tmp_path, [outcome()] * 3, [AC, WA], tests=3)
    assert result.verdict is Verdict.WA
    assert [(run.number, run.test, run.verdict) for run in result.runs] == [
        (1, "secret/1", Verdict.AC),
        (2, "secret/2", Verdict.WA),
    ]
    assert (result.runs[1].message, result.runs[1].node) == ("line 1", "here")


def test_all_tests_when_asked(tmp_path: Path) -> None:
    """The organiser may ask for all tests; the verdict is still the first failing one."""
    runs = [outcome(), outcome(exit_code=1), outcome()]
    result = judged(tmp_path, runs, [WA, AC], all_tests=True)
    assert (result.verdict, [run.verdict for run in result.runs]) == (Verdict.WA, [Verdict.WA, Verdict.RTE, Verdict.AC])


def test_no_output(tmp_path: Path) -> None:
    """A rejected output of no bytes at all is NO; one blank is WA."""
    assert judged(tmp_path, [outcome(stdout_bytes=0)], [WA]).verdict is Verdict.NO


@pytest.mark.parametrize("answer", [outcome(exit_code=0), outcome(signal=11), outcome(exit_code=42, limit=Limit.CPU)])
def test_a_broken_validator_is_a_judging_error(tmp_path: Path, answer: Outcome) -> None:
    """Whatever a validator does beside 42 and 43, no team pays for it."""
    result = judged(tmp_path, [outcome()], [answer])
    assert result.verdict is Verdict.JE
    assert "output validator" in result.message


def test_the_validator_is_not_asked_about_a_crash(tmp_path: Path) -> None:
    """Right output and then a crash is never accepted."""
    assert judged(tmp_path, [outcome(signal=11)], []).verdict is Verdict.RTE


def test_near_run_is_measured_twice_more(tmp_path: Path) -> None:
    """The smallest of three measurements counts, so an unlucky moment costs no team its verdict."""
    runs = [outcome(cpu_seconds=1.05), outcome(cpu_seconds=0.97), outcome(cpu_seconds=1.02)]
    result = judged(tmp_path, runs, [AC], tests=1)
    run = result.runs[0]
    assert (run.verdict, run.cpu_seconds, run.repeats, run.near_limit, run.flaky) == (
        Verdict.AC, 0.97, (1.05, 1.02), True, True,
    )  # fmt: skip


def test_near_run_that_stays_over_the_limit(tmp_path: Path) -> None:
    """Three times over the limit is over the limit."""
    result = judged(tmp_path, [outcome(cpu_seconds=1.02)] * 3, [], tests=1)
    assert (result.verdict, result.runs[0].flaky) == (Verdict.TLE, False)


def test_at_most_three_tests_are_measured_again(tmp_path: Path) -> None:
    """A submission that is always near its limit does not hold up the judge; the other tests are marked."""
    result = judged(tmp_path, [outcome(cpu_seconds=0.95)] * (3 * 3 + 2), [AC] * 5, tests=5)
    assert [(run.near_limit, len(run.repeats)) for run in result.runs] == [(True, 2)] * 3 + [(True, 0)] * 2


def test_progress_is_told(tmp_path: Path) -> None:
    """Whoever watches hears of the compiler and of each run, while its output is still there."""
    heard: list[str] = []

    def on_run(run: Run, stdout: Path) -> None:
        heard.append(f"{run.test} {stdout.read_text().split()[0]}")

    watcher = Watcher(on_compile=lambda result: heard.append(f"compiled {result.ok}"), on_run=on_run)
    judged(tmp_path, [outcome(), outcome()], [AC, AC], watcher=watcher)
    assert heard == ["compiled True", "secret/1 run", "secret/2 run"]


def test_a_stopped_judgement_has_no_verdict(tmp_path: Path) -> None:
    """A lease that is taken away leaves no verdict behind, before and during a run."""
    stop = threading.Event()
    watcher = Watcher(on_run=lambda run, stdout: stop.set(), stop=stop)
    result = judged(tmp_path, [outcome(), outcome()], [AC, AC], watcher=watcher)
    assert (result.verdict, len(result.runs)) == (None, 1)


def test_a_run_that_was_stopped_counts_for_nothing(tmp_path: Path) -> None:
    """A run that we ended ourselves is not the team's crash."""
    assert judged(tmp_path, [outcome(stopped=True, signal=9)], []).verdict is None


def test_a_validator_that_cannot_be_compiled_is_the_packages_fault(tmp_path: Path) -> None:
    """The jury sees the compiler's words as a judging error of the first test; the node goes on with other work."""
    workshop = Workshop(ScriptedSandbox([], []), ValidatorStore(tmp_path / "validators", {}))
    todo = job(tmp_path, 2)
    broken = JobValidator((SourceFile("check.txt", b""),), todo.language)
    (tmp_path / "work").mkdir()
    result = judge(replace(todo, validator=broken), workshop, tmp_path / "work", Watcher())
    assert (result.verdict, [run.verdict for run in result.runs]) == (Verdict.JE, [Verdict.JE])
    assert "cannot be compiled" in result.runs[0].message


def test_a_broken_container_is_replaced_once(tmp_path: Path) -> None:
    """What one run breaks costs no team its verdict: the test runs again in a fresh container; a second fault is the
    machine's.
    """
    fault = Fault("sandbox", "gone")
    (tmp_path / "a").mkdir()
    assert judged(tmp_path / "a", [outcome(), fault, outcome()], [AC, AC], tests=2).verdict is Verdict.AC
    (tmp_path / "b").mkdir()
    with pytest.raises(Fault, match="gone"):
        judged(tmp_path / "b", [fault, fault], [], tests=1)
