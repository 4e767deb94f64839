"""Judging in the real sandbox: second looks near the limit, stopping early, being stopped, containers that break (DESIGN 6)."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.core.errors import Fault
from app.core.judgement import Run
from app.core.spans import WHOLE, Span
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.core.ways import Ways
from app.languages.loader import load_languages
from judge_node.pipeline.job import JobLimits, JobTest, JobValidator, JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.pipeline.programs import ValidatorStore
from judge_node.sandbox.interface import Container, Sandbox, View
from judge_node.sandbox.linux.box import LinuxSandbox
from judge_node.sandbox.linux.container import LinuxContainer

pytestmark = pytest.mark.root

LIMIT_SECONDS = 0.2
HEAD = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <time.h>\n"
SAYS = (
    HEAD
    + """
static void spin(double seconds) {
    struct timespec now;
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); while (now.tv_sec + now.tv_nsec / 1e9 < seconds);
}
int main(void) {
    char word[20] = "";
    scanf("%19s", word);
    if (!strcmp(word, "right")) puts("1");
    if (!strcmp(word, "wrong")) puts("2");
    if (!strcmp(word, "blank")) putchar(' ');
    if (!strcmp(word, "crash")) { puts("1"); fflush(stdout); abort(); }
    if (!strcmp(word, "near")) { spin(0.19); puts("1"); }
    if (!strcmp(word, "over")) { spin(0.206); puts("1"); }
    if (!strcmp(word, "ever")) for (;;) { }
    if (!strcmp(word, "file")) puts(fopen("note.txt", "w") ? "1" : "2");
    if (!strcmp(word, "temp")) puts(fopen("/tmp/note.txt", "w") ? "1" : "2");
    return 0;
}
"""
)
"""Does what its input says; the right answer is always 1."""
JudgeAll = Callable[..., JudgeResult]


@pytest.fixture
def workshop(sandbox: LinuxSandbox, tmp_path: Path) -> Workshop:
    return Workshop(sandbox, ValidatorStore(tmp_path / "validators", {}), node="here")


@pytest.fixture
def judged(workshop: Workshop, tmp_path: Path) -> JudgeAll:
    """Judges the program on tests with these words as their inputs."""

    def judge_all(*words: str, watcher: Watcher | None = None, validator: str = "", **more: object) -> JudgeResult:
        todo = replace(job(tmp_path, words), **more)  # type: ignore[arg-type]
        if validator:
            own = JobValidator((SourceFile("check.c", (HEAD + validator).encode()),), todo.language)
            todo = replace(todo, validator=own)
        work = tmp_path / f"work-{len(list(tmp_path.iterdir()))}"
        work.mkdir()
        return judge(todo, workshop, work, watcher or Watcher())

    return judge_all


def job(folder: Path, words: tuple[str, ...]) -> JudgeJob:
    (folder / "ans").write_text("1\n")
    for word in words:
        (folder / f"{word}.in").write_text(f"{word}\n")
    tests = [JobTest(f"secret/{n}", False, folder / f"{word}.in", folder / "ans") for n, word in enumerate(words, 1)]
    limits = JobLimits(cpu_seconds=LIMIT_SECONDS, memory_bytes=64 << 20)
    return JudgeJob((SourceFile("a.c", SAYS.encode()),), load_languages()["c"], tuple(tests), limits)


@dataclass
class MortalSandbox:
    """The real one, and which of its containers run submissions: those can be killed, as by a kernel's mishap, or are `doomed`."""

    sandbox: Sandbox
    doomed: bool = False
    made: list[LinuxContainer] = field(default_factory=list)

    def container(self, view: View, *, memory_bytes: int, processes: int) -> Container:
        made = self.sandbox.container(view, memory_bytes=memory_bytes, processes=processes)
        assert isinstance(made, LinuxContainer)
        if view.profile != "compiler" and processes == load_languages()["c"].run.processes:
            self.made.append(made)
            if self.doomed:
                kill(made)
        return made

    def close(self) -> None:
        self.sandbox.close()


def kill(box: LinuxContainer) -> None:
    """Ends the processes behind a container, and waits until the kernel has."""
    os.kill(box._starter.pid, signal.SIGKILL)
    gone = select.poll()
    gone.register(box._starter.init, select.POLLHUP)
    assert gone.poll(30_000), "a killed container is still alive"


def test_stops_at_the_first_failing_test(judged: JudgeAll) -> None:
    """A wrong answer ends a pass/fail judgement; the tests after it are not run, and the validator's word is kept."""
    result = judged("right", "wrong", "right")
    assert result.verdict is Verdict.WA
    assert [(run.number, run.test, run.verdict, run.node) for run in result.runs] == [
        (1, "secret/1", Verdict.AC, "here"),
        (2, "secret/2", Verdict.WA, "here"),
    ]
    assert result.runs[1].message != ""
    assert [run.stdout_bytes for run in result.runs] == [2, 2]


def test_all_tests_when_asked(judged: JudgeAll) -> None:
    """The organiser may ask for all tests; the verdict is still the first failing one. Right output and then a crash is a crash."""
    result = judged("wrong", "crash", "right", all_tests=True)
    assert (result.verdict, [run.verdict for run in result.runs]) == (Verdict.WA, [Verdict.WA, Verdict.RTE, Verdict.AC])


def test_what_another_machine_has_run_is_not_run_again(judged: JudgeAll) -> None:
    """A machine that takes over runs what is missing; a failing test that is known already ends it before any run."""
    passed, failed = (Run(1, "", verdict, 0.0, 0.0, 0) for verdict in (Verdict.AC, Verdict.WA))
    told: list[int] = []
    watcher = Watcher(on_run=lambda run, _stdout: told.append(run.number))
    assert judged("wrong", "right", "right", known=(passed,), watcher=watcher).verdict is Verdict.AC
    assert told == [2, 3]
    assert judged("right", "right", known=(failed,), watcher=watcher).verdict is Verdict.WA
    assert told == [2, 3]


def test_a_part_of_the_tests(judged: JudgeAll) -> None:
    """A machine runs the tests of its span alone; a failing one ends the part; where what others ran is known, it decides."""
    told: list[int] = []
    watcher = Watcher(on_run=lambda run, _stdout: told.append(run.number), span=lambda: Span(3, 4))
    part = judged("wrong", "right", "right", "right", "wrong", watcher=watcher)
    assert (part.verdict, part.part, told) == (None, True, [3, 4])
    told.clear()
    part = judged("right", "right", "wrong", "right", watcher=watcher)
    assert (part.verdict, part.part, told) == (None, True, [3])
    known = tuple(Run(number, "", Verdict.AC, 0.0, 0.0, 0) for number in (1, 2))
    assert judged("right", "right", "right", "right", known=known, watcher=watcher).verdict is Verdict.AC


def test_a_span_is_cut_while_it_is_run(judged: JudgeAll) -> None:
    """The server lends the tail of what this machine is at: it stops before the first test that is another's."""
    span = [WHOLE]
    told: list[int] = []

    def on_run(run: Run, _stdout: Path) -> None:
        told.append(run.number)
        if run.number == 2:
            span[0] = Span(1, 3)

    part = judged(*["right"] * 6, watcher=Watcher(on_run=on_run, span=lambda: span[0]))
    assert (part.verdict, part.part, told) == (None, True, [1, 2, 3])


def test_no_output(judged: JudgeAll) -> None:
    """A rejected output of no bytes at all is NO; one blank is WA."""
    assert judged("nothing").verdict is Verdict.NO
    assert judged("blank").verdict is Verdict.WA


@pytest.mark.parametrize("does", ["return 0;", "abort();", "for (;;) { }"], ids=["another code", "crash", "endless"])
def test_a_broken_validator_is_a_judging_error(judged: JudgeAll, does: str) -> None:
    """Whatever a validator does beside 42 and 43, no team pays for it."""
    limits = JobLimits(cpu_seconds=LIMIT_SECONDS, memory_bytes=64 << 20, validation_seconds=0.3)
    result = judged("right", validator=f"int main(void) {{ {does} }}", limits=limits)
    assert result.verdict is Verdict.JE
    assert "output validator" in result.message


def test_a_validator_that_cannot_be_compiled_is_the_packages_fault(judged: JudgeAll) -> None:
    """The jury sees the compiler's words as a judging error of the first test; the sandbox goes on with other work."""
    result = judged("right", "right", validator="int main(void) { return x; }")
    assert (result.verdict, [run.verdict for run in result.runs]) == (Verdict.JE, [Verdict.JE])
    assert "cannot be compiled" in result.runs[0].message
    assert judged("right").verdict is Verdict.AC


def test_compiled_validators_are_forgotten(judged: JudgeAll, workshop: Workshop, tmp_path: Path) -> None:
    """When a contest was closed nothing compiled of its packages is left; the next package's validator is compiled as ever."""
    accepts = "int main(void) { return 42; }"
    assert judged("wrong", validator=accepts).verdict is Verdict.AC
    assert any((tmp_path / "validators").iterdir())
    workshop.validators.forget()
    assert not (tmp_path / "validators").exists()
    assert judged("wrong", validator=accepts).verdict is Verdict.AC


def test_near_runs_are_measured_twice_more_and_the_smallest_counts(judged: JudgeAll) -> None:
    """An unlucky moment costs no team its verdict; at most three tests are measured again, the others are marked."""
    result = judged("near", "near", "near", "near")
    assert result.verdict is Verdict.AC
    assert [(run.near_limit, len(run.repeats)) for run in result.runs] == [(True, 2)] * 3 + [(True, 0)]
    assert all(run.cpu_seconds <= min(run.repeats, default=LIMIT_SECONDS) for run in result.runs)


def test_near_run_that_stays_over_the_limit(judged: JudgeAll) -> None:
    """Three times over the limit is over the limit."""
    run = judged("over").runs[0]
    assert (run.verdict, run.near_limit, len(run.repeats)) == (Verdict.TLE, True, 2)
    assert min(run.cpu_seconds, *run.repeats) > LIMIT_SECONDS


def test_progress_is_told(judged: JudgeAll) -> None:
    """Whoever watches hears of the compiler and of each run, while its output is still there; taking it away disturbs no later run."""
    heard: list[str] = []

    def on_run(run: Run, stdout: Path) -> None:
        heard.append(f"{run.test} {stdout.read_text().strip()}")
        stdout.rename(stdout.with_name(f"taken-{run.number}"))

    watcher = Watcher(on_compile=lambda result: heard.append(f"compiled {result.ok}"), on_run=on_run)
    assert judged("right", "wrong", watcher=watcher).verdict is Verdict.WA
    assert heard == ["compiled True", "secret/1 1", "secret/2 2"]


def test_a_stopped_judgement_has_no_verdict(judged: JudgeAll) -> None:
    """A lease that is taken away leaves no verdict behind, neither between runs nor in a run that we end ourselves."""
    stop = threading.Event()
    watcher = Watcher(on_run=lambda run, stdout: stop.set(), stop=stop)
    between = judged("right", "right", watcher=watcher)
    assert (between.verdict, len(between.runs)) == (None, 1)
    halt = threading.Event()
    timer = threading.Timer(0.1, halt.set)
    watcher = Watcher(on_compile=lambda result: timer.start(), stop=halt)
    long = JobLimits(cpu_seconds=60.0, memory_bytes=64 << 20)
    inside = judged("ever", watcher=watcher, limits=long)
    timer.join()
    assert (inside.verdict, inside.runs) == (None, ())


def test_a_broken_container_is_replaced_once(workshop: Workshop, tmp_path: Path) -> None:
    """What breaks between two runs costs no team its verdict: the test runs again in a fresh container."""
    mortal = MortalSandbox(workshop.sandbox)
    watcher = Watcher(on_run=lambda run, stdout: kill(mortal.made[-1]))
    (tmp_path / "work").mkdir()
    todo = job(tmp_path, ("right", "right", "right"))
    result = judge(todo, replace(workshop, sandbox=mortal), tmp_path / "work", watcher)
    assert (result.verdict, len(result.runs), len(mortal.made)) == (Verdict.AC, 3, 3)


def test_a_container_that_breaks_again_is_the_machines_fault(workshop: Workshop, tmp_path: Path) -> None:
    """Both the first and the replacing container die: a fault for the organiser, no verdict of the team."""
    mortal = MortalSandbox(workshop.sandbox, doomed=True)
    (tmp_path / "work").mkdir()
    with pytest.raises(Fault):
        judge(job(tmp_path, ("right",)), replace(workshop, sandbox=mortal), tmp_path / "work", Watcher())
    assert len(mortal.made) == 2


def test_a_problem_may_close_the_working_directory(judged: JudgeAll) -> None:
    """The same program keeps a note where the problem lets it, and cannot where it does not; runtimes keep their /tmp."""
    assert [run.verdict for run in judged("file", "temp").runs] == [Verdict.AC, Verdict.AC]
    closed = judged("temp", "file", ways=Ways(read_only=True))
    assert [run.verdict for run in closed.runs] == [Verdict.AC, Verdict.WA]
