"""Problems of a contest: the list, statements with their files, and importing packages."""

from __future__ import annotations

import posixpath
import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from app.core import visibility
from app.core.clock import Clock
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import ContestId, LanguageId, PackageVersion, ProblemId, Sha256
from app.core.people import Caller
from app.core.problem import PackageRecord, Problem
from app.ports.blobs import Blobs
from app.ports.store import Store, Transaction
from app.services.answers import ProblemView, StatementView
from app.services.contest_book import ContestBook
from app.services.package_import import ImportedPackage, import_files
from app.services.package_manifest import Manifest, limits_of
from app.services.package_pictures import PICTURES
from app.services.package_tasks import checked_of, problem_data, refuse_version, store_package
from app.services.standings import Standings

_KEPT = 200
_UNKNOWN = "There is no such problem in this contest."
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
_BALLOONS = (
    ("#E5342B", "red"),
    ("#2F7DD1", "blue"),
    ("#2FA84F", "green"),
    ("#F4C20D", "yellow"),
    ("#8E44AD", "purple"),
    ("#F28C28", "orange"),
    ("#E86FA8", "pink"),
    ("#17A2A2", "teal"),
    ("#FFFFFF", "white"),
    ("#202124", "black"),
    ("#8B5A2B", "brown"),
    ("#9AA0A6", "silver"),
    ("#9ACD32", "lime"),
    ("#1B2A6B", "navy"),
    ("#7B1E3A", "maroon"),
)


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A picture, document or attachment of a package, ready to be sent: `mime` is fixed by its kind."""

    sha256: Sha256
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class _Kept:
    html: str
    samples: tuple[tuple[str, str], ...]
    documents: tuple[tuple[str, str, str], ...]
    attachments: tuple[tuple[str, str, str], ...]
    files: dict[str, StatementFile]
    state: str
    found: tuple[str, ...]
    dialogues: tuple[tuple[tuple[str, str], ...], ...]
    outputs: tuple[str, ...]


class Problems:
    """Problems as callers may see them. Safe from any thread; `import_package` blocks."""

    def __init__(self, *, store: Store, clock: Clock, blobs: Blobs, book: ContestBook, standings: Standings) -> None:
        self._store = store
        self._clock = clock
        self._blobs = blobs
        self._book = book
        self._standings = standings
        self._lock = threading.Lock()
        self._kept: dict[PackageVersion, _Kept] = {}

    def list(self, caller: Caller, contest_id: ContestId) -> tuple[ProblemView, ...]:
        """The contest's problems with the counts of the caller's board; empty while they may not be seen. From memory."""
        if not self._may_see(caller, contest_id):
            return ()
        return tuple(
            ProblemView(problem, *self._standings.counts(caller, contest_id, problem.id))
            for problem in self._book.problems(contest_id)
        )

    def statement(self, caller: Caller, contest_id: ContestId, problem_id: ProblemId) -> StatementView:
        """A contest's problem to read. Refusal 404 for an unknown one or one that may not be seen yet."""
        problem = self.problem(caller, contest_id, problem_id)
        kept = self._package(problem.package_version)
        languages = problem.languages or self._book.contest(problem.contest_id).languages
        return StatementView(
            problem=problem,
            html=kept.html,
            samples=kept.samples,
            languages=tuple(LanguageId(one) for one in languages),
            documents=kept.documents,
            attachments=kept.attachments,
            package_state=kept.state,
            dialogues=kept.dialogues,
            package_notes=kept.found if caller.role.is_jury else (),
        )

    def outputs(self, problem: Problem) -> tuple[str, ...]:
        """The tests whose outputs are submitted instead of a program; () for a problem that takes programs."""
        return self._package(problem.package_version).outputs

    def problem(self, caller: Caller, contest_id: ContestId, problem_id: ProblemId) -> Problem:
        """A problem that the caller may see. From memory. Refusal 404."""
        problem = self._book.problem(contest_id, problem_id)
        if problem is None or not self._may_see(caller, contest_id):
            raise Refusal(404, _UNKNOWN)
        return problem

    def file(self, caller: Caller, version: PackageVersion, sha256: Sha256) -> StatementFile:
        """A file of a statement, or an attachment, of a problem that the caller may see. Refusal 404."""
        shown = any(
            problem.package_version == version and self._may_see(caller, problem.contest_id)
            for problem in self._book.snapshot().problems.values()
        )
        found = self._package(version).files.get(sha256) if shown else None
        if found is None:
            raise Refusal(404, "There is no such file.")
        return found

    def import_package(
        self,
        contest_id: ContestId,
        path: Path,
        *,
        label: str = "",
        rgb: str = "",
        color: str = "",
        problem_id: ProblemId | None = None,
    ) -> Problem:
        """Reads the package at a path of this machine into the contest; blocks until it is on disk.

        What is left open is chosen: the next free letter, a balloon's colour, the package's short name as the id. A problem with the
        same id gets the new version of its package and keeps its place. Refusals of the reader, 404 contest, 409 label taken.
        """
        self._book.contest(contest_id)
        imported = import_files(path, self._blobs)
        wanted = ProblemId(problem_id or imported.package.short_name)
        if not _PLAIN_ID.fullmatch(wanted):
            raise Refusal(422, f"{wanted} cannot be a problem's id: use letters, digits, - and _.")
        written: Future[Problem] = self._store.write(
            lambda tx: self._put(tx, contest_id, wanted, imported, (label, rgb, color))
        )
        problem = written.result()
        with self._lock:
            self._kept.pop(problem.package_version, None)
        return problem

    def take_completed(self, tx: Transaction, raw: PackageRecord, imported: ImportedPackage) -> None:
        """Puts a package whose missing files were made into the places that it was imported for, unless other versions took them."""
        for place in raw.manifest["incomplete"]["places"]:
            contest_id, wanted = ContestId(place["contest_id"]), ProblemId(place["problem_id"])
            present = tx.problem(contest_id, wanted)
            if present is not None and present.package_version in (raw.version, place["instead_of"]):
                self._put(tx, contest_id, wanted, imported, ("", "", ""))

    def refuse_completed(self, tx: Transaction, raw: PackageRecord, why: str) -> None:
        """A package whose missing files were made is of no use, for what the sentence `why` says."""
        refuse_version(tx, raw.version, why, self._clock.now())

    def forget(self, version: PackageVersion) -> None:
        """What is remembered of a package version may have changed."""
        with self._lock:
            self._kept.pop(version, None)

    def _put(
        self,
        tx: Transaction,
        contest_id: ContestId,
        problem_id: ProblemId,
        imported: ImportedPackage,
        wishes: tuple[str, str, str],
    ) -> Problem:
        now = self._clock.now()
        before = tx.problem(contest_id, problem_id)
        others = [one for one in tx.problems(contest_id) if one.id != problem_id]
        problem = _placed(before, others, contest_id, problem_id, imported, wishes)
        version = problem.package_version
        if "incomplete" in imported.manifest:
            _note_place(tx, contest_id, problem_id, imported, version, before)
            # Judging goes on with what is there until the new version has its tests.
            problem = before if before is not None and before.test_count else problem
        known = tx.package(version)
        checked = known is not None and known.state == "ready" and "incomplete" not in imported.manifest
        if known is not None and checked and imported.state == "unchecked":
            # What machines found and measured of these very files still holds.
            problem = replace(problem, cpu_seconds=limits_of(known.manifest).cpu_seconds)
        else:
            store_package(tx, contest_id, imported, now)
        tx.put_problem(problem)
        tx.append_event(contest_id, Kind.PROBLEM, now, problem_data(problem))
        return problem

    def _may_see(self, caller: Caller, contest_id: ContestId) -> bool:
        if caller.contest_id is not None and caller.contest_id != contest_id:
            return False
        contest = self._book.snapshot().contests.get(contest_id)
        return contest is not None and visibility.may_see_problems(caller, contest, self._clock.now())

    def _package(self, version: PackageVersion) -> _Kept:
        with self._lock:
            kept = self._kept.get(version)
        if kept is not None:
            return kept
        with self._store.read() as view:
            record = view.package(version)
        if record is None:
            raise Refusal(404, _UNKNOWN)
        kept = _kept(record)
        if record.state == "unchecked":
            # A node's answer may come at any moment and change what is shown.
            return kept
        with self._lock:
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[version] = kept
        return kept


def _note_place(
    tx: Transaction,
    contest_id: ContestId,
    problem_id: ProblemId,
    imported: ImportedPackage,
    version: PackageVersion,
    before: Problem | None,
) -> None:
    """Where a package is to go once its missing files are made; it may have been imported for another problem already."""
    known = tx.package(version)
    waits = known is not None and known.state == "unchecked" and "incomplete" in known.manifest
    places = list(known.manifest["incomplete"]["places"]) if known is not None and waits else []
    instead_of = before.package_version if before is not None else ""
    places.append({"contest_id": contest_id, "problem_id": problem_id, "instead_of": instead_of})
    imported.manifest["incomplete"]["places"] = places


def _placed(
    before: Problem | None,
    others: list[Problem],
    contest_id: ContestId,
    problem_id: ProblemId,
    imported: ImportedPackage,
    wishes: tuple[str, str, str],
) -> Problem:
    package, (label, rgb, color) = imported.package, wishes
    taken = {one.label for one in others}
    ordinal = before.ordinal if before else max((one.ordinal for one in others), default=0) + 1
    label = label or (before.label if before else _free_label(taken))
    if label in taken:
        raise Refusal(409, f"Another problem has the letter {label}.")
    balloon = _BALLOONS[(ordinal - 1) % len(_BALLOONS)]
    return Problem(
        id=problem_id,
        contest_id=contest_id,
        ordinal=ordinal,
        label=label,
        title=package.title,
        rgb=rgb or (before.rgb if before else balloon[0]),
        color=color or (before.color if before else balloon[1]),
        package_version=PackageVersion(package.version),
        cpu_seconds=package.limits.cpu_seconds,
        memory_bytes=package.limits.memory_bytes,
        output_bytes=package.limits.output_bytes,
        test_count=len(package.tests),
        languages=package.languages,
    )


def _free_label(taken: set[str]) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    labels: list[str] = [*letters, *(first + second for first in letters for second in letters)]
    return next(label for label in labels if label not in taken)


def _kept(record: PackageRecord) -> _Kept:
    manifest = record.manifest
    files: dict[str, StatementFile] = {}
    for entry in (*manifest["attachments"], *manifest["statement_files"]):
        mime = PICTURES.get(posixpath.splitext(entry["name"])[1].lower(), "application/octet-stream")
        files[entry["sha256"]] = StatementFile(Sha256(entry["sha256"]), entry["name"], mime, entry["size"])
    documents = []
    for statement in manifest["statements"]:
        entry = statement["file"]
        if statement["format"] == "pdf":
            documents.append((statement["language"], entry["sha256"], "application/pdf"))
            files[entry["sha256"]] = StatementFile(
                Sha256(entry["sha256"]), entry["name"], "application/pdf", entry["size"]
            )
    attached = tuple((one["name"], one["sha256"], files[one["sha256"]].mime) for one in manifest["attachments"])
    problems, notes = checked_of(manifest)
    found = (*problems, *notes, *manifest["warnings"])
    return _Kept(
        record.statement_html,
        record.samples,
        tuple(documents),
        attached,
        files,
        record.state,
        found,
        _dialogues(manifest),
        _outputs(manifest),
    )


def _outputs(manifest: Manifest) -> tuple[str, ...]:
    wanted = (manifest.get("ways") or {}).get("submit_answer")
    return tuple(test["name"] for test in manifest["tests"] if not test["sample"]) if wanted else ()


def _dialogues(manifest: Manifest) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Sample dialogues, line by line: `<` is the judge's, `>` the team's, `---` stands between two runs (PROBLEM_FORMATS 1.1, 11)."""
    who = {"<": "judge", ">": "team"}
    return tuple(
        tuple(
            (who.get(line[:1], "pass"), line[1:].strip() if line[:1] in who else "")
            for line in text.splitlines()
            if line[:1] in who or line.startswith("---")
        )
        for text in manifest.get("dialogues", ())
    )
