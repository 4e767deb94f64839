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
    rung: set[str] = set()
    world.bell.listen(rung.update)
    version = versions.offer(SPRING, problem.id, mended(tmp_path))
    assert rung == {"jury", "tasks"}, "no team and no guest hears of it"
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


def rung_by(world: World) -> set[str]:
    """The topics that ring from now on."""
    topics: set[str] = set()
    world.bell.listen(topics.update)
    return topics


def held(world: World) -> list[str]:
    """Why machines get no work."""
    return [one.held for one in world.services.machines.presence.here().values() if one.held]


def test_no_team_hears_of_a_trial(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """While a trial is judged only the jury's pages are woken; the switch is told to the team whose verdict it changes."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    topics = rung_by(world)
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    grants = [one for one in (machine.take(), machine.take()) if one is not None]
    assert len(grants) == 2
    for grant in grants:
        machine.progress(grant)
        machine.finish(grant, [Verdict.WA])
    assert {"jury", "tasks"} <= topics
    assert not [one for one in topics if one.startswith(("team:", "submission:"))]
    versions.switch(SPRING, problem.id).result(5)
    assert {"team:lanterns", f"submission:{judged.solved}"} <= topics
    assert "team:anchors" not in topics


def test_a_version_that_cannot_be_judged_with_stops(
    judged: Judged, versions: Versions, tmp_path: Path, expected_warnings: list[str]
) -> None:
    """Its validator breaks: one sentence for the organiser, no machine held, nothing on the desk, nothing more judged with it."""
    expected_warnings.append("with a version on trial: test 1 ended as a judging error")
    world, problem, machine = judged.world, judged.problem, judged.machine
    for name in ("larks", "wrens", "kites"):
        world.submit(world.team(name), problem.id)
        machine.judge(Verdict.AC)
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    first, second = machine.take(), machine.take()
    assert first is not None
    assert second is not None
    machine.fail(first)
    assert (held(world), list(world.judging.errors())) == ([], [])
    machine.fail(second)
    assert (held(world), list(world.judging.errors())) == ([], [])
    versions.tick()
    assert machine.take() is None, "what waited for the trial left the queue"
    stopped = versions.compared(SPRING, problem.id).stopped
    assert f"Submission {first.submission_id}: " in stopped
    assert "said the validator" in stopped
    with pytest.raises(Refusal, match=r"stopped; offer the version again.*said the validator"):
        versions.switch(SPRING, problem.id, anyway=True).result(5)
    assert valid(world, judged.solved).verdict is Verdict.AC
    world.submit(world.team("late"), problem.id)
    machine.judge(Verdict.AC)
    versions.offer(SPRING, problem.id, tmp_path / "strikes")
    seen = []
    for _ in range(3):
        versions.tick()
        while (grant := machine.take()) is not None:
            seen.append(grant.submission_id)
            machine.finish(grant, [Verdict.AC] * len(grant.tests))
    assert len(seen) == len(set(seen)) == 6
    assert versions.compared(SPRING, problem.id).stopped == ""


def test_a_trial_that_is_dropped_leaves_the_queue(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """Dropped while one is judged and one waits: the machine gets nothing more of it; offered again both are judged."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    running = machine.take()
    assert running is not None
    versions.drop(SPRING, problem.id).result(5)
    versions.tick()
    assert machine.take() is None
    machine.finish(running, [Verdict.WA])
    assert valid(world, judged.solved).verdict is Verdict.AC
    versions.offer(SPRING, problem.id, tmp_path / "strikes")
    versions.tick()
    again = machine.take()
    assert again is not None
    assert {again.submission_id, running.submission_id} == {judged.solved, judged.failed}
    assert machine.take() is None, "what was judged with this very version is known"


def test_a_trial_waits_behind_every_team(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """A submission that came after a trial's portion is judged before it, and the next portion begins when this one is over."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    for name in ("larks", "wrens", "kites"):
        world.submit(world.team(name), problem.id)
        machine.judge(Verdict.AC)
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    late = world.submit(world.team("late"), problem.id)
    assert machine.judge(Verdict.AC) == late.submission_id
    trials = [machine.take() for _ in range(4)]
    assert None not in trials
    versions.tick()
    assert machine.take() is None, "a portion is open until the last of it is judged"
    for grant in trials:
        assert grant is not None
        machine.finish(grant, [Verdict.AC] * len(grant.tests))
    versions.tick()
    assert machine.take() is not None


def test_a_trial_leaves_a_place_for_teams(judged: Judged, versions: Versions, tmp_path: Path) -> None:
    """A machine that judges something gives its last free place to no trial."""
    problem, machine = judged.problem, judged.machine
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    first = machine.take(free_slots=2)
    assert first is not None
    assert machine.take(free_slots=1) is None
    machine.finish(first, [Verdict.AC] * len(first.tests))
    assert machine.take(free_slots=1) is not None


def test_machines_that_vanish_with_a_trial(
    judged: Judged, versions: Versions, clock: FakeClock, tmp_path: Path
) -> None:
    """The first time it is tried elsewhere; the second time the trial stops instead of emptying a machine for it."""
    world, problem, machine = judged.world, judged.problem, judged.machine
    versions.offer(SPRING, problem.id, mended(tmp_path))
    versions.tick()
    for turn in (1, 2):
        grant = machine.take()
        assert grant is not None, turn
        for _ in range(130):
            clock.forward(ms=500)
            world.services.dispatch.tick()
        machine.fail(grant)
        assert held(world) == [], "nor is a machine held for what it says of it too late"
    assert "2 machines disappeared" in versions.compared(SPRING, problem.id).stopped
    assert list(world.judging.errors()) == []
    assert machine.take() is None
