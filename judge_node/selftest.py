"""The node proves to itself that it judges right before it says so: a tiny program in each language, one that crashes, one that hangs."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import Fault
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.definition import Language
from judge_node.pipeline.job import MEBIBYTE, JobLimits, JobTest, JudgeJob, Watcher
from judge_node.pipeline.judging import Workshop, judge

log = logging.getLogger("contestbox.judge.selftest")

_SUMS: Mapping[str, tuple[str, bytes]] = {
    "c": (
        "sum.c",
        b'#include <stdio.h>\nint main(void) { long a, b; if (scanf("%ld %ld", &a, &b) != 2) return 1;\n'
        b'    printf("%ld\\n", a + b); return 0; }\n',
    ),
    "cpp": (
        "sum.cpp",
        b"#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }\n",
    ),
    "java": (
        "Main.java",
        b"import java.util.Scanner;\npublic class Main { public static void main(String[] words) {\n"
        b"    Scanner in = new Scanner(System.in); System.out.println(in.nextLong() + in.nextLong()); } }\n",
    ),
    "python3": ("sum.py", b"print(sum(map(int, input().split())))\n"),
}
_MISDEEDS: Mapping[str, tuple[tuple[Verdict, str, bytes], ...]] = {
    "c": (
        (Verdict.RTE, "crash.c", b"#include <stdlib.h>\nint main(void) { abort(); }\n"),
        (Verdict.TLE, "hang.c", b"int main(void) { for (volatile long n = 0;; n++) { } }\n"),
        (Verdict.WA, "wrong.c", b'#include <stdio.h>\nint main(void) { puts("43"); return 0; }\n'),
    ),
    "python3": (
        (Verdict.RTE, "crash.py", b"raise SystemExit(3)\n"),
        (Verdict.TLE, "hang.py", b"while True:\n    pass\n"),
        (Verdict.WA, "wrong.py", b"print(43)\n"),
    ),
}
_SUM_LIMITS = JobLimits(cpu_seconds=5.0, memory_bytes=256 * MEBIBYTE)
_HANG_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class SelftestResult:
    """Languages that were judged right, and a sentence for each thing that was not. `passed`: the node may work."""

    good: frozenset[str]
    failures: Mapping[str, str]
    passed: bool

    @property
    def trouble(self) -> str:
        """Why the node may not work, in a sentence; "" where it may."""
        return "" if self.passed else next(iter(self.failures.values()), "No language that it knows is here.")


def run_selftest(
    workshop: Workshop, languages: Mapping[str, Language], jobs: Path, stop: threading.Event
) -> SelftestResult:
    """Judges the built-in programs in the real sandbox. A language whose program fails is not offered; when a misdeed gets another verdict
    than its own, or no language is left, the node may not work. Fault only where no sandbox can be used at all."""
    failures: dict[str, str] = {}
    good = set()
    for name, language in languages.items():
        if name not in _SUMS or stop.is_set():
            continue
        file, source = _SUMS[name]
        got = _judge(workshop, language, SourceFile(file, source), _SUM_LIMITS, jobs, stop)
        if got == Verdict.AC.value:
            good.add(name)
        else:
            failures[name] = f"A correct program in {language.name} was judged {got}."
    trial = next((name for name in _MISDEEDS if name in good), None)
    for expected, file, source in _MISDEEDS.get(trial or "", ()):
        limits = replace(_SUM_LIMITS, cpu_seconds=_HANG_SECONDS) if expected is Verdict.TLE else _SUM_LIMITS
        got = _judge(workshop, languages[trial or ""], SourceFile(file, source), limits, jobs, stop)
        if got != expected.value:
            failures[file] = f"A program that must end as {expected.value} was judged {got}."
    for sentence in failures.values():
        log.warning("%s", sentence)
    return SelftestResult(frozenset(good), failures, trial is not None and not set(failures) - set(languages))


def _judge(
    workshop: Workshop, language: Language, source: SourceFile, limits: JobLimits, jobs: Path, stop: threading.Event
) -> str:
    """The verdict, or what went wrong instead of one."""
    with tempfile.TemporaryDirectory(prefix="selftest-", dir=jobs) as name:
        folder = Path(name)
        question, answer, work = folder / "1.in", folder / "1.ans", folder / "work"
        question.write_bytes(b"20 22\n")
        answer.write_bytes(b"42\n")
        work.mkdir(mode=0o700)
        job = JudgeJob((source,), language, (JobTest("sum", True, question, answer),), limits)
        try:
            result = judge(job, workshop, work, Watcher(stop=stop))
        except Fault as fault:
            return f"not at all ({fault.sentence})"
        if result.verdict is Verdict.CE:
            return f"CE ({result.compile.output[:200]})"
        return (
            "not to its end"
            if result.verdict is None
            else f"{result.verdict.value}{' ' if result.message else ''}{result.message}"
        )
