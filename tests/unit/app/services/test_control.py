"""The organiser's commands: starting, extending, freezing, ending."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.contest import Contest, Phase
from app.core.errors import Refusal
from app.core.ids import ContestId, ProblemId
from app.services.control import Control
from unit.app.services.world import MINUTE_MS, SPRING, World


def phases_of(world: World) -> list[Phase]:
    heard: list[Phase] = []
    world.services.control.on_phase_change(lambda contest, phase: heard.append(phase))
    return heard


def test_a_contest_runs_through_its_phases(world: World) -> None:
    """Each change of phase is noticed once and rings for everybody; the log's head is signed at freeze and end."""
    world.contest(begins_in_minutes=10, minutes=120, freeze=30)
    heard = phases_of(world)
    rung: set[str] = set()
    world.bell.listen(rung.update)
    for minutes in (1, 10, 90, 35):
        rung.clear()
        world.clock.forward(minutes=minutes)
        world.services.control.tick()
        world.services.control.tick()
        assert ({"public", "board"} <= rung) == (minutes != 1)
    world.services.control.finalize().result(5)
    world.services.control.tick()
    assert heard == [Phase.RUNNING, Phase.FROZEN, Phase.OVER, Phase.FINAL]
    with world.store.read() as view:
        assert len(view.heads(10)) == 2
        assert view.heads(1)[0].seq == view.last_event()[0]


def test_starting_now_and_later(world: World) -> None:
    """A contest is started at a moment or at once; a begun one cannot be started again."""
    world.contest(begins_in_minutes=None)
    control = world.services.control
    later = Instant(world.clock.now() + 5 * MINUTE_MS)
    assert control.start(later).result(5).start == later
    with pytest.raises(Refusal, match="400 days"):
        control.start(Instant(253_402_300_799_000)).result(5)
    assert control.start(Instant(1)).result(5).start == world.clock.now()
    with pytest.raises(Refusal, match="begun") as caught:
        control.start().result(5)
    assert caught.value.code == 409


def test_extending_in_the_freeze_keeps_the_curtain(running: World) -> None:
    """Ten more minutes in the frozen hour: the end moves, what is hidden stays hidden."""
    control = running.services.control
    running.clock.forward(minutes=270)
    assert control.contest().phase(running.clock.now()) is Phase.FROZEN
    longer = control.extend(10).result(5)
    assert longer.duration_ms == 310 * MINUTE_MS
    assert longer.phase(running.clock.now()) is Phase.FROZEN
    assert longer.freeze_ms == 70 * MINUTE_MS


def test_two_organisers_extend_once(running: World) -> None:
    """Both saw five hours and clicked +5: the contest gets five minutes, and the second organiser is told."""
    control = running.services.control
    seen = control.contest().duration_ms
    first = control.extend(5, expected_duration_ms=seen)
    second = control.extend(5, expected_duration_ms=seen)
    assert first.result(5).duration_ms == seen + 5 * MINUTE_MS
    with pytest.raises(Refusal, match="changed the contest's length") as caught:
        second.result(5)
    assert caught.value.code == 409
    assert control.contest().duration_ms == seen + 5 * MINUTE_MS


def test_extending_before_the_freeze_moves_it(running: World) -> None:
    """In the first hour the freeze stays the last hour."""
    longer = running.services.control.extend(10).result(5)
    assert longer.freeze_ms == 60 * MINUTE_MS


def test_settings_change_alone(running: World) -> None:
    """One setting changes, the others stay; the freeze cannot be moved once it has begun, nor be longer than the contest."""
    control = running.services.control
    changed = control.settings(show_progress=False).result(5)
    assert (changed.show_progress, changed.all_tests, changed.freeze_ms) == (False, False, 60 * MINUTE_MS)
    assert control.settings(freeze_minutes=30).result(5).freeze_ms == 30 * MINUTE_MS
    with pytest.raises(Refusal, match="longer"):
        control.settings(freeze_minutes=301).result(5)
    running.clock.forward(minutes=280)
    with pytest.raises(Refusal, match="frozen"):
        control.settings(freeze_minutes=10).result(5)
    assert control.settings(all_tests=True).result(5).all_tests


def test_results_become_final_after_the_last_verdict(running: World) -> None:
    """Not before the end, not while a submission waits, and only once."""
    running.problem()
    control = running.services.control
    with pytest.raises(Refusal, match="not over"):
        control.finalize().result(5)
    running.submit(running.team("lanterns"), ProblemId("strikes"))
    running.clock.forward(minutes=301)
    with pytest.raises(Refusal, match="1 submission has no verdict"):
        control.finalize().result(5)
    running.machine().judge()
    final = control.finalize().result(5)
    assert final.phase(running.clock.now()) is Phase.FINAL
    running.clock.forward(minutes=1)
    assert control.finalize().result(5).finalized == final.finalized
    with pytest.raises(Refusal, match="final"):
        control.extend(5).result(5)


def test_nothing_slips_into_final_results(tmp_path: Path, clock: FakeClock) -> None:
    """One organiser lets a submission be judged again, another makes the results final, both in one moment: the second is told to wait."""
    world = World(clock, store=SqliteStore.open(tmp_path / "contest.db"))
    world.contest()
    submission = world.submit(world.team("lanterns"), world.problem().id).submission_id
    world.machine().judge()
    clock.forward(minutes=301)
    both_wait = threading.Event()
    busy = world.store.write(lambda _: both_wait.wait(10))
    again = world.services.desk.rejudge(submission)
    final = world.services.control.finalize()
    both_wait.set()
    assert busy.result(5)
    again.result(5)
    with pytest.raises(Refusal, match="at this moment"):
        final.result(5)
    assert world.services.control.contest().finalized is None
    world.services.accounts.close()
    world.store.close()


def test_thawing_only_after_the_end(running: World) -> None:
    """Nobody sees the frozen verdicts before the end, whatever is clicked."""
    running.clock.forward(minutes=299)
    with pytest.raises(Refusal):
        running.services.control.thaw().result(5)
    running.clock.forward(minutes=1)
    assert not running.services.control.thaw().result(5).board_is_frozen(running.clock.now())


def test_a_thawed_contest_cannot_go_on(running: World) -> None:
    """Who has shown the results to everybody cannot give more time; without a freeze there is nothing to show."""
    control = running.services.control
    running.clock.forward(minutes=301)
    control.thaw().result(5)
    with pytest.raises(Refusal, match="everybody knows the results") as caught:
        control.extend(10).result(5)
    assert caught.value.code == 409
    assert control.contest().duration_ms == 300 * MINUTE_MS


def test_nothing_to_thaw_without_a_freeze(world: World) -> None:
    """A contest that was never frozen says so."""
    world.contest(freeze=None)
    world.clock.forward(minutes=301)
    with pytest.raises(Refusal, match="no freeze"):
        world.services.control.thaw().result(5)


def test_the_present_contest_is_the_running_one(world: World) -> None:
    """With a finished, a running and a planned contest, the running one is meant; without any, that is said."""
    control: Control = world.services.control
    with pytest.raises(Refusal, match="no contest yet"):
        control.contest()
    with pytest.raises(Refusal) as caught:
        control.start().result(5)
    assert caught.value.code == 404
    now = world.clock.now()
    starts = {"past": now - 400 * MINUTE_MS, "present": now - MINUTE_MS, "planned": now + 600 * MINUTE_MS}
    for name, start in starts.items():
        control.create(Contest(ContestId(name), name, Instant(start), 300 * MINUTE_MS)).result(5)
    assert control.contest().id == "present"
    world.clock.forward(minutes=300)
    assert control.contest().id == "planned"
    assert control.contest(ContestId("past")).name == "past"
    with pytest.raises(Refusal, match="already"):
        control.create(Contest(ContestId("past"), "again", None, MINUTE_MS)).result(5)
    with pytest.raises(Refusal, match="lasts"):
        control.create(Contest(SPRING, "nothing", None, 0)).result(5)
