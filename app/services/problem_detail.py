"""A problem as the organiser sees it: statement, limits, tests, report, jury solutions, from the stored version of its package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.core.errors import Refusal
from app.core.ids import ContestId, PackageVersion, ProblemId, Sha256
from app.core.problem import PackageRecord, Problem
from app.ports.blobs import Blobs
from app.ports.store import Store, View
from app.services.jury_solutions import JurySolutions, Standing, proposal
from app.services.package_manifest import Manifest, limits_of
from app.services.package_pictures import PICTURES
from app.services.package_report import import_report
from app.services.solution_book import SolutionResult, keeps_promise
from app.services.trial_book import trial_of, trials_of
from app.wire import admin_packages_v1 as shapes

MOST_TESTS = 2000
_NO_PROBLEM = "There is no such problem in this contest."
_NO_STATEMENT = "The package has no statement in this language."


class ProblemDetails:
    """Safe from any thread; looks into the store, so not for the gate's loop."""

    def __init__(self, *, store: Store, blobs: Blobs, solutions: JurySolutions) -> None:
        self._store = store
        self._blobs = blobs
        self._solutions = solutions

    def detail(self, contest_id: ContestId, problem_id: ProblemId, *, trial: bool = False) -> shapes.ProblemDetail:
        """All of it, without the statement's text. Refusal 404."""
        with self._store.read() as view:
            problem, record = self._found(view, contest_id, problem_id, trial=trial)
            standing = self._solutions.standing(view, record.version)
            has_trial = f"{contest_id}/{problem_id}" in trials_of(view)
        manifest = record.manifest
        limits = limits_of(manifest)
        shown = limits if trial else problem
        return shapes.ProblemDetail(
            id=problem.id,
            label=problem.label,
            title=manifest["title"],
            rgb=problem.rgb,
            version=record.version,
            package_state=record.state,
            cpu_seconds=shown.cpu_seconds,
            memory_bytes=shown.memory_bytes,
            output_bytes=shown.output_bytes,
            package_cpu_seconds=limits.cpu_seconds,
            validator=manifest["validator"]["kind"],
            kind=_kind(manifest),
            languages=list(manifest["languages"]),
            statements=_statements(record),
            samples=[list(pair) for pair in record.samples],
            attachments=[one["name"] for one in manifest["attachments"]],
            tests=_tests(manifest),
            test_count=len(manifest["tests"]),
            report=[shapes.ImportLine(**asdict(line)) for line in import_report(manifest, record.state)],
            solutions=_solutions(manifest, standing),
            proposal=_proposal(manifest, standing),
            can_export=manifest.get("source") is not None,
            has_trial=has_trial,
        )

    def statement(self, contest_id: ContestId, problem_id: ProblemId, language: str, *, trial: bool = False) -> str:
        """The statement in a language as clean HTML; "" language: the one that is shown to teams. Refusal 404."""
        with self._store.read() as view:
            _, record = self._found(view, contest_id, problem_id, trial=trial)
        shown = _shown_language(record.manifest)
        if language in ("", shown):
            return record.statement_html
        entry = next((one for one in record.manifest.get("renderings", ()) if one["language"] == language), None)
        if entry is None:
            raise Refusal(404, _NO_STATEMENT)
        with self._blobs.open(Sha256(entry["sha256"])) as stream:
            return stream.read().decode("utf-8", "replace")

    def picture(self, version: PackageVersion, sha256: Sha256) -> tuple[bytes, str]:
        """A picture of a statement and its type. Refusal 404."""
        with self._store.read() as view:
            record = view.package(version)
        for one in record.manifest["statement_files"] if record is not None else ():
            ending = one["name"][one["name"].rfind(".") :].lower()
            if one["sha256"] == sha256 and ending in PICTURES and one["size"] <= 8 << 20:
                with self._blobs.open(sha256) as stream:
                    return stream.read(), PICTURES[ending]
        raise Refusal(404, "There is no such picture.")

    @staticmethod
    def _found(
        view: View, contest_id: ContestId, problem_id: ProblemId, *, trial: bool
    ) -> tuple[Problem, PackageRecord]:
        problem = view.problem(contest_id, problem_id)
        if problem is None:
            raise Refusal(404, _NO_PROBLEM)
        version = trial_of(view, contest_id, problem_id).version if trial else problem.package_version
        record = view.package(version)
        if record is None:
            raise Refusal(404, _NO_PROBLEM)
        return problem, record


def changes_between(problem: Problem, before: Manifest, after: Manifest) -> list[str]:
    """Sentences about what another version changes besides verdicts."""
    limits = limits_of(after)
    found = []
    if after["title"] != problem.title:
        sentence = f"Its title becomes {after['title']}."
        found.append(sentence)
    if limits.cpu_seconds != problem.cpu_seconds:
        sentence = f"Its time limit goes from {problem.cpu_seconds:g} s to {limits.cpu_seconds:g} s."
        found.append(sentence)
    if limits.memory_bytes != problem.memory_bytes:
        was, will_be = problem.memory_bytes >> 20, limits.memory_bytes >> 20
        sentence = f"Its memory limit goes from {was} MiB to {will_be} MiB."
        found.append(sentence)
    old, new = ({one["name"]: _content(one) for one in each["tests"]} for each in (before, after))
    gone, more = len(old.keys() - new.keys()), len(new.keys() - old.keys())
    changed = sum(1 for name in old.keys() & new.keys() if old[name] != new[name])
    if gone or more or changed:
        sentence = f"Tests: {more} more, {gone} less, {changed} changed; {len(new)} altogether."
        found.append(sentence)
    return found


def _content(test: Mapping[str, Any]) -> tuple[str, str]:
    return test["input"]["sha256"], test["answer"]["sha256"]


def _kind(manifest: Manifest) -> str:
    words = [
        "scoring" if manifest.get("grading") is not None else "pass-fail",
        *(["interactive"] if manifest.get("interactive") else []),
        *(["multi-pass"] if manifest.get("multi_pass") else []),
        *(["submit-answer"] if (manifest.get("ways") or {}).get("submit_answer") else []),
    ]
    return ", ".join(words)


def _shown_language(manifest: Manifest) -> str:
    languages = [one["language"] for one in manifest["statements"]]
    return min(languages, key=lambda one: (one != "en", one), default="")


def _statements(record: PackageRecord) -> list[shapes.StatementRef]:
    rendered = {one["language"] for one in record.manifest.get("renderings", ())}
    if record.statement_html:
        rendered.add(_shown_language(record.manifest))
    found: dict[str, str] = {}
    for one in record.manifest["statements"]:
        language = one["language"]
        if language in rendered:
            found[language] = "html"
        elif one["format"] == "pdf":
            found.setdefault(language, "pdf")
    return [shapes.StatementRef(language=language, format=form) for language, form in sorted(found.items())]


def _tests(manifest: Manifest) -> list[shapes.ProblemTest]:
    return [
        shapes.ProblemTest(
            number=one["number"],
            name=one["name"],
            sample=one["sample"],
            input_bytes=one["input"]["size"],
            answer_bytes=one["answer"]["size"],
        )
        for one in manifest["tests"][:MOST_TESTS]
    ]


def _solutions(manifest: Manifest, standing: Standing) -> list[shapes.JurySolutionState]:
    found = []
    for place, one in enumerate(manifest.get("solutions", ())):
        results = (standing.results or {}).get(place, ())
        state = "done" if results else "unjudged"
        state = "judging" if place in standing.judging else "waiting" if place in standing.waiting else state
        found.append(
            shapes.JurySolutionState(
                name=one["name"],
                language=one["language"],
                expected=list(one["expected"]),
                score=one["score"],
                state=state,
                runs=[_run(manifest, one, each) for each in results],
            )
        )
    return found


def _run(manifest: Manifest, solution: Mapping[str, Any], one: SolutionResult) -> shapes.SolutionRun:
    return shapes.SolutionRun(
        machine=one.machine,
        verdict=one.verdict,
        ok=keeps_promise(manifest, solution, one),
        cpu_seconds=one.cpu_us / 1_000_000,
        limit_seconds=one.limit_us / 1_000_000,
        memory_bytes=one.memory_bytes,
        tests_passed=one.passed,
        test_count=one.tests,
        failing_test=one.failing_test,
        message=one.message,
        score_millionths=one.score_millionths,
        at_ms=one.at,
    )


def _proposal(manifest: Manifest, standing: Standing) -> shapes.LimitProposal:
    found = proposal(manifest, standing.results)
    return shapes.LimitProposal(
        seconds=found.seconds,
        slowest_seconds=found.slowest_seconds,
        slowest=found.slowest,
        multiplier=manifest.get("work", {}).get("ac_to_time_limit", 2.0),
        sentence=found.sentence,
    )
