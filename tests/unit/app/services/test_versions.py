"""Another version of a problem's package: judged in the background, compared, switched to on the organiser's word."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.memory.view import MemoryView
from app.core.errors import Refusal
from app.core.ids import ProblemId, SubmissionId
from app.core.judgement import Judgement
from app.core.problem import Problem
from app.core.submission import Submission
from app.core.verdict import Verdict
from app.ports.store import SubmissionFilter
from app.services.versions import Versions
from unit.app.services.world import PACKAGES, SPRING, Machine, World


@pytest.fixture
def versions(running: World) -> Versions:
    """The service of the world."""
    return running.services.versions


def mended(tmp_path: Path, package: str = "strikes", *, checked: bool = True) -> Path:
    """The package with one more test, and nothing (else) that a machine has to look at before it is judged with."""
    folder = tmp_path / package
    shutil.copytree(PACKAGES / package, folder)
    if checked:
        shutil.rmtree(folder / "input_validators")
    secret = folder / "data" / "secret"
    first = min(secret.glob("*.in"))
    shutil.copy(first, secret / "zz-more.in")
    shutil.copy(first.with_suffix(".ans"), secret / "zz-more.ans")
    return folder


def valid(world: World, submission_id: SubmissionId) -> Judgement:
    """The judgement that counts."""
    with world.store.read() as view:
        return view.valid_judgements([submission_id])[submission_id]


@dataclass(frozen=True)
class Judged:
    """A contest with one machine, where one team solved the problem and one did not."""

    world: World
    problem: Problem
    machine: Machine
    solved: SubmissionId
    failed: SubmissionId


@pytest.fixture
def judged(running: World) -> Judged:
    """Two teams' submissions, judged with the present version."""
    problem, machine = running.problem("strikes"), running.machine()
    ids = []
    for name, end in (("lanterns", Verdict.AC), ("anchors", Verdict.WA)):
        running.submit(running.team(name), problem.id)
        ids.append(machine.judge(end))
    return Judged(running, problem, machine, *ids)


def test_what_would_change_is_known_before(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """The first team would lose its solution; until the organiser's word nothing changes for anybody, then this one verdict does."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    first, second = judged.solved, judged.failed
    version = versions.offer(SPRING, problem.id, mended(tmp_path))
    assert world.book.problem(SPRING, problem.id) == problem
    assert machine.take() is None, "nothing is judged before the pulse"
    line = world.services.audit.log_lines(0, 1000)[-1]
    assert line.sentence.endswith("another version of its package is on trial."), (
        "so whoever keeps copies copies its files"
    )
    with pytest.raises(Refusal, match="2 submissions are not judged"):
        versions.switch(SPRING, problem.id).result(5)
    versions.tick()
    grants = [one for one in (machine.take(), machine.take()) if one is not None]
    assert {len(one.tests) for one in grants} == {problem.test_count + 1}
    for grant in grants:
        ends = [Verdict.AC] * problem.test_count + [Verdict.TLE] if grant.submission_id == first else [Verdict.WA]
        machine.finish(grant, ends)
    compared = versions.compared(SPRING, problem.id)
    assert (compared.submissions, compared.judged, compared.state) == (2, 2, "ready")
    assert [(one.submission.id, one.before.verdict, one.after.verdict) for one in compared.differences] == [
        (first, Verdict.AC, Verdict.TLE)
    ]
    before = [valid(world, one) for one in (first, second)]
    assert [one.verdict for one in before] == [Verdict.AC, Verdict.WA]
    versions.tick()
    assert machine.take() is None, "nothing is judged twice in vain"
    assert versions.switch(SPRING, problem.id).result(5) == 1
    after = [valid(world, one) for one in (first, second)]
    assert [one.verdict for one in after] == [Verdict.TLE, Verdict.WA]
    assert after[1] == before[1], "what is the same keeps its judgement"
    followed = world.judging.followed(first)
    assert followed is not None
    assert followed.verdict == "TLE"
    now = world.book.problem(SPRING, problem.id)
    assert now is not None
    assert (now.package_version, now.test_count, now.label) == (version, problem.test_count + 1, problem.label)
    with pytest.raises(Refusal, match="on trial"):
        versions.compared(SPRING, problem.id)


def test_final_results_change_only_on_a_word(
    judged: Judged, versions: Versions, clock: FakeClock, tmp_path: Path
) -> None:
    """After the results were made final, a version that changes a verdict is switched to only when the organiser says so."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    for grant in filter(None, (machine.take(), machine.take())):
        machine.finish(grant, [Verdict.WA])
    clock.forward(minutes=301)
    world.services.control.finalize().result(5)
    with pytest.raises(Refusal, match="results are final") as caught:
        versions.switch(SPRING, problem.id).result(5)
    assert (caught.value.code, set(caught.value.fields)) == (409, {"final_too"})
    assert valid(world, judged.solved).verdict is Verdict.AC
    assert world.book.problem(SPRING, problem.id) == problem
    assert versions.switch(SPRING, problem.id, final_too=True).result(5) == 1
    assert valid(world, judged.solved).verdict is Verdict.WA


def test_teams_come_first(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """While a submission waits for its first verdict, no trial takes a machine from it; and it is judged with the present version."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    versions.offer(SPRING, problem.id, mended(tmp_path))
    waiting = world.submit(world.team("late"), problem.id)
    versions.tick()
    grant = machine.take()
    assert grant is not None
    assert grant.submission_id == waiting.submission_id
    versions.tick()
    assert len(grant.tests) == problem.test_count
    machine.finish(grant, [Verdict.AC] * len(grant.tests))
    assert valid(world, waiting.submission_id).package_version == problem.package_version
    assert versions.switch(SPRING, problem.id, anyway=True).result(5) == 0


def test_trials_that_are_none(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """The same version, an unknown problem, a trial that was dropped: one sentence each, and nothing changed."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    with pytest.raises(Refusal, match="nothing would change"):
        versions.offer(SPRING, problem.id, PACKAGES / "strikes")
    with pytest.raises(Refusal) as caught:
        versions.offer(SPRING, ProblemId("unknown"), tmp_path)
    assert caught.value.code == 404
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.drop(SPRING, problem.id).result(5)
    versions.tick()
    assert machine.take() is None
    with pytest.raises(Refusal, match="on trial"):
        versions.switch(SPRING, problem.id).result(5)
    assert world.book.problem(SPRING, problem.id) == problem


def test_a_version_that_waits(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """A version that a judge machine has to look at is neither judged with nor switched to before."""
    world = judged.world
    barge = world.problem("barge")
    versions.offer(SPRING, barge.id, mended(tmp_path, "barge", checked=False))
    versions.tick()
    assert versions.compared(SPRING, barge.id).state == "unchecked"
    with pytest.raises(Refusal, match="not ready"):
        versions.switch(SPRING, barge.id, anyway=True).result(5)


def test_a_trial_in_which_nothing_happens_reads_nothing(
    judged: Judged, versions: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once all is compared the pulse reads no submission any more, however many there are; a new verdict is found at once."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    for grant in filter(None, (machine.take(), machine.take())):
        machine.finish(grant, [Verdict.AC] * len(grant.tests))
    for _ in range(3):
        versions.tick()
    pages: list[SubmissionFilter] = []
    read = MemoryView.submissions

    def counted(view: MemoryView, wanted: SubmissionFilter) -> list[Submission]:
        pages.append(wanted)
        return read(view, wanted)

    with monkeypatch.context() as counting:
        counting.setattr(MemoryView, "submissions", counted)
        for _ in range(20):
            versions.tick()
    assert pages == []
    world.submit(world.team("late"), problem.id)
    late = machine.judge(Verdict.AC)
    versions.tick()
    grant = machine.take()
    assert grant is not None
    assert (grant.submission_id, len(grant.tests)) == (late, problem.test_count + 1)


def test_more_submissions_than_a_portion_holds(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """Portion by portion each is judged once with the new version, those that came in meanwhile too, also by a restarted server."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    team, ids = world.team("crowd"), {judged.solved, judged.failed}
    for _ in range(7):
        world.submit(team, problem.id)
        ids.add(machine.judge(Verdict.AC))
    versions.offer(SPRING, problem.id, mended(tmp_path))
    seen: list[int] = []
    for turn in range(9):
        if turn == 1:
            for _ in range(6):
                world.submit(team, problem.id)
                ids.add(machine.judge(Verdict.AC))
        if turn == 2:
            versions = Versions(store=world.store, clock=world.clock, blobs=world.blobs, book=world.book)
        versions.tick()
        while (grant := machine.take()) is not None:
            seen.append(grant.submission_id)
            machine.finish(grant, [Verdict.AC] * len(grant.tests))
    assert sorted(seen) == sorted(ids)
