"""Packages whose tests a machine made: they become problems, or are refused once with the reason; the thread that reads them lives on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import until

from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import LeaseId, ProblemId, Sha256
from app.core.problem import PackageRecord, Problem
from app.ports.store import Transaction
from app.services.completions import Completions
from app.services.package_import import ImportedPackage
from app.services.problems import Problems
from app.wire.judge_v1 import MadeFile, PackageReport, TaskGrant
from unit.app.package.foreign import GEN, TESTS, italian
from unit.app.services.test_package_tasks import able, answer, record
from unit.app.services.world import SPRING, Machine, World

LACKING: dict[str, str | None] = {
    "gen/GEN": GEN.replace("example.txt", "att/example.txt"),
    "gen/generatore.py": "print(1)\n",
    **{f"{folder}/{folder}{number}.txt": None for folder in ("input", "output") for number in range(len(TESTS))},
}


class Waiting:
    """A problem that waits for its tests, and the machine that has to make them."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.problem: Problem = self.imported(folder)
        self.machine: Machine = able(world, "bench-1")
        grant = self.machine.take()
        assert grant is not None
        assert grant.package is not None
        self.grant: TaskGrant = grant
        self.targets = [step.target for step in grant.package.steps]

    def imported(self, folder: Path, problem_id: str = "plus") -> Problem:
        """The package, imported as a problem."""
        package = folder if folder.exists() else italian(folder, LACKING)
        return self.world.services.problems.import_package(SPRING, package, problem_id=ProblemId(problem_id))

    def give(self, data: bytes) -> str:
        """A piece that the machine brings."""
        digest = self.world.blobs.put(data)
        assert self.world.work.take_output(LeaseId(self.grant.lease_id), digest, len(data), 1 << 20)
        return digest

    def made(self) -> list[MadeFile]:
        """All files, each of two pieces."""
        number = {name: int("".join(one for one in name if one.isdigit())) + 1 for name in self.targets}
        texts = {
            name: TESTS[at] if name.startswith("input") else str(sum(map(int, TESTS[at].split())))
            for name, at in number.items()
        }
        return [
            MadeFile(
                name=name,
                sha256=hashlib.sha256(f"{text}\n".encode()).hexdigest(),
                size=len(text) + 1,
                pieces=[self.give(text.encode()), self.give(b"\n")],
            )
            for name, text in texts.items()
        ]

    def answer(self, made: list[MadeFile]) -> PackageRecord:
        """The machine's report; what is stored of the package then."""
        assert answer(self.world, self.machine, self.grant, PackageReport(made=made))
        return record(self.world, self.problem)

    def answer_again(self, made: list[MadeFile]) -> None:
        """The package was imported anew meanwhile, so that a machine is asked again; it brings the same."""
        grant = self.machine.take()
        assert grant is not None
        self.grant = grant
        for one in made:
            for piece in one.pieces:
                assert self.world.work.take_output(
                    LeaseId(grant.lease_id), piece, self.world.blobs.size(Sha256(piece)) or 0, 1
                )
        self.answer(made)

    def settled(self) -> None:
        """Waits until nothing waits to be read any more."""
        until("the made package is read", 30, lambda: not self.setting(), 0.01)

    def setting(self) -> str:
        """The versions that wait to be read."""
        with self.world.store.read() as view:
            return view.setting("packages_made") or ""


@pytest.fixture
def waiting(running: World, tmp_path: Path) -> Waiting:
    """A package without tests at a machine."""
    return Waiting(running, tmp_path / "plus")


def completions_of(world: World, problems: Problems | None = None) -> Completions:
    """The service over the world's store."""
    return Completions(store=world.store, blobs=world.blobs, problems=problems or world.services.problems)


@pytest.fixture
def reading(running: World) -> Iterator[Completions]:
    """A service that runs, and ends after the test."""
    service = completions_of(running)
    service.start()
    yield service
    service.close()


def test_made_files_become_a_problem(waiting: Waiting, reading: Completions) -> None:
    """What the machine brought is joined; the problem has its tests, also where it was imported for while the files were read."""
    made = waiting.made()
    waiting.answer(made)
    waiting.imported(waiting.folder, "again")
    waiting.answer_again(made)
    reading.look()
    waiting.settled()
    found = waiting.world.book.problems(SPRING)
    assert [(one.id, one.test_count) for one in found] == [("plus", 4), ("again", 4)]


@pytest.mark.parametrize("lie", ["foreign", "size", "twice", "missing", "thousands"])
def test_a_machine_names_only_what_it_brought(waiting: Waiting, lie: str) -> None:
    """Blobs that are not this lease's, other sizes, files twice, too few, or one piece a thousand times refuse the package at once."""
    made = waiting.made()
    first = made[0]
    if lie == "foreign":
        made[0] = first.model_copy(
            update={"pieces": [waiting.world.blobs.put(TESTS[1].encode()), waiting.world.blobs.put(b"x")]}
        )
    if lie == "size":
        made[0] = first.model_copy(update={"size": first.size + 1})
    if lie == "twice":
        made.append(first)
    if lie == "missing":
        del made[0]
    if lie == "thousands":
        digest = Sha256("a" * 64)
        assert waiting.world.work.take_output(LeaseId(waiting.grant.lease_id), digest, 8 << 20, 1)
        made[0] = first.model_copy(update={"pieces": [digest] * 1024, "size": 8 << 30})
    stored = waiting.answer(made)
    assert stored.state == "refused"
    assert waiting.setting() == ""


def test_another_hash_is_refused_with_the_file(waiting: Waiting, reading: Completions) -> None:
    """Pieces that do not make what was promised: the jury reads which file it is."""
    made = waiting.made()
    made[0] = made[0].model_copy(update={"sha256": "0" * 64})
    waiting.answer(made)
    reading.look()
    waiting.settled()
    stored = record(waiting.world, waiting.problem)
    assert stored.state == "refused"
    assert f"{made[0].name} did not arrive" in stored.manifest["checked"]["problems"][0]


class Broken(Problems):
    """Problems that cannot take what was completed."""

    wrong: Exception = Refusal(409, "Another problem has the letter A.")

    def take_completed(self, tx: Transaction, raw: PackageRecord, imported: ImportedPackage) -> None:
        """Fails as it is told to."""
        raise self.wrong


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (Refusal(409, "Another problem has the letter A."), "Another problem has the letter A."),
        (RecursionError("too deep"), "could not be read"),
        (KeyError("places"), "could not be read"),
    ],
)
def test_whatever_goes_wrong_is_told_once(
    waiting: Waiting, wrong: Exception, sentence: str, expected_warnings: list[str]
) -> None:
    """An error of any kind refuses the package, which is tried once; the thread reads the next one."""
    expected_warnings += [] if isinstance(wrong, Refusal) else ["could not be completed"]
    waiting.answer(waiting.made())
    world = waiting.world
    problems = Broken(
        store=world.store, clock=world.clock, blobs=world.blobs, book=world.book, standings=world.services.standings
    )
    problems.wrong = wrong
    service = completions_of(world, problems)
    service.start()
    try:
        waiting.settled()
        stored = record(world, waiting.problem)
        assert stored.state == "refused"
        assert sentence in stored.manifest["checked"]["problems"][0]
        with world.store.read() as view:
            assert view.events_after(0, 1000)[-1].kind is Kind.PROBLEM, "whoever shows the problem is told"
        assert world.services.problems.problem(world.jury(), SPRING, waiting.problem.id).test_count == 0
        assert service.alive
    finally:
        service.close()
