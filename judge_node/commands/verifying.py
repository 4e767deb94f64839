"""Judges every submission inside a package and says whether each did what the package promises.

Theory of operation. Workers, each with a sandbox of its own, take submissions in their order; results come out in
that order, whoever is ready first waits. One event stops all of them: the runs in progress end, nothing new starts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from queue import SimpleQueue

from app.core.errors import Fault
from app.core.scoring.new_groups import NewGrading
from app.core.verdict import Verdict
from app.languages.definition import Language
from app.package.manifest import JurySolution
from app.package.reader import OpenedPackage
from judge_node.commands.promises import keeps_promise, rule_missed, score_missed, tests_keep_promise
from judge_node.commands.verdictcache import Judged, Seen, VerdictCache
from judge_node.commands.workplace import Workplace, judge_in_folder
from judge_node.pipeline.from_package import job_for, language_of, solution_sources
from judge_node.pipeline.job import Watcher
from judge_node.pipeline.judging import Workshop

_TURN_SECONDS = 0.5
_MESSAGE_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Checked:
    """One submission of the package: what it should end as and what it did. `judged` has verdict JE where it could
    not be, `skipped` says why nobody tried; `missed` is a sentence about a score or a rule that it misses.
    """

    solution: JurySolution
    language: str | None
    judged: Judged
    ok: bool
    from_cache: bool = False
    missed: str = ""
    skipped: str = ""

    @property
    def failed(self) -> bool:
        """Whether it was judged, or should have been, and did something else."""
        return not self.ok and not self.skipped


@dataclass(slots=True)
class Verification:
    """One verification of a package. `cache` None judges everything anew; `all_tests` runs what the verdict does not need."""

    opened: OpenedPackage
    workplace: Workplace
    cache: VerdictCache | None
    cpu_seconds: float
    stop: threading.Event
    all_tests: bool = False

    def run(self, jobs: int) -> Iterator[Checked]:
        """The submissions in the package's order, judged by `jobs` workers. Raises Fault where no sandbox can be
        had.
        """
        solutions = self.opened.package.submissions
        with ExitStack() as stack:
            free: SimpleQueue[Workshop] = SimpleQueue()
            for _ in range(max(1, min(jobs, len(solutions)))):
                free.put(stack.enter_context(self.workplace.workshop()))
            pool = stack.enter_context(ThreadPoolExecutor(max_workers=free.qsize()))
            waiting: list[Future[Checked]] = [pool.submit(self._with_free, free, one) for one in solutions]
            try:
                for future in waiting:
                    yield _result(future)
            finally:
                for future in waiting:
                    future.cancel()
                if any(not future.done() for future in waiting):
                    self.stop.set()

    def _with_free(self, free: SimpleQueue[Workshop], solution: JurySolution) -> Checked:
        workshop = free.get()
        try:
            return self._check(workshop, solution)
        finally:
            free.put(workshop)

    def _check(self, workshop: Workshop, solution: JurySolution) -> Checked:
        languages = self.workplace.languages
        language = language_of(solution.program, languages)
        if self.opened.package.ways.submit_answer:  # outputs are in no language; any will do
            language = language or next(iter(languages.values()))
        if language is None:
            named = solution.program.language or "its file names"
            return _skipped(solution, f"no toolchain: this judge has no language that fits {named}")
        try:
            fingerprint = self.workplace.prepare(language).fingerprint
            return self._judge(workshop, solution, language, fingerprint)
        except Fault as fault:
            return _failed(solution, language.id, fault.sentence)

    def _judge(self, workshop: Workshop, solution: JurySolution, language: Language, fingerprint: str) -> Checked:
        sources = solution_sources(self.opened, solution)
        limit = self.opened.package.limits.source_bytes
        if sum(len(file.data) for file in sources) > limit:
            why = f"The sources are larger than the limit of {limit // 1024} KiB."
            if solution.expected or solution.rules:
                return _failed(solution, language.id, why)
            return replace(_skipped(solution, why), language=language.id)
        job = job_for(
            self.opened,
            sources,
            language,
            self.workplace.languages,
            entry_point=solution.program.entry_point,
            cpu_seconds=self.cpu_seconds,
            all_tests=self.all_tests or solution.needs_all_tests or self.opened.package.grading is not None,
        )
        key = None
        if self.cache is not None:
            key = self.cache.key(
                sources, language, fingerprint, job.limits, entry_point=job.entry_point, all_tests=job.all_tests
            )
            kept = self.cache.get(key)
            if kept is not None:
                return self._checked(solution, language.id, kept, from_cache=True)
        result = judge_in_folder(job, workshop, Watcher(stop=self.stop))
        if result.verdict is None:
            return _failed(solution, language.id, "Judging was stopped.")
        slowest = max((run.cpu_seconds for run in result.runs), default=0.0)
        seen = tuple(Seen(run.test, run.verdict, run.cpu_seconds, run.message[:_MESSAGE_CHARS]) for run in result.runs)
        judged = Judged(
            result.verdict,
            slowest,
            tuple(run.verdict for run in result.runs),
            result.message,
            seen,
            result.score_millionths,
            tuple((group.name, group.score_millionths) for group in result.groups),
        )
        if self.cache is not None and key is not None:
            self.cache.put(key, judged)
        return self._checked(solution, language.id, judged)

    def _verdicts_named(self) -> frozenset[Verdict]:
        """What the package names for the solutions that are judged here; a file in no language names nothing."""
        package, languages = self.opened.package, self.workplace.languages
        judged = tuple(one for one in package.submissions if language_of(one.program, languages) is not None)
        return replace(package, submissions=judged).verdicts_named

    def _checked(self, solution: JurySolution, language: str, judged: Judged, *, from_cache: bool = False) -> Checked:
        package = self.opened.package
        named = self._verdicts_named()
        missed = ""
        if solution.rules and judged.verdict is not Verdict.JE:
            missed = rule_missed(solution, judged, package.verdicts_ruled)
            agrees_so_far = not missed
        elif isinstance(package.grading, NewGrading):
            agrees_so_far = tests_keep_promise(solution, judged, named)
        else:
            agrees_so_far = keeps_promise(solution, judged, named)
        if agrees_so_far and package.grading is not None:
            missed = score_missed(solution, judged, package.grading.most_millionths)
        return Checked(solution, language, judged, agrees_so_far and not missed, from_cache, missed)


def _result(future: Future[Checked]) -> Checked:
    """Waits in short turns: a signal that comes just before the wait begins does not wake it (Python looks for signals between
    two instructions), and Ctrl-C would have to be pressed twice."""
    while True:
        try:
            return future.result(timeout=_TURN_SECONDS)
        except TimeoutError:
            if future.done():
                return future.result()


def _skipped(solution: JurySolution, why: str) -> Checked:
    return Checked(solution, None, Judged(Verdict.JE, 0.0, (), why), ok=False, skipped=why)


def _failed(solution: JurySolution, language: str | None, message: str) -> Checked:
    return Checked(solution, language, Judged(Verdict.JE, 0.0, (), message), ok=False)
