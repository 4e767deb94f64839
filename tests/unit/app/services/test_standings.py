"""The boards: live, frozen, quiet while nothing changes."""

from __future__ import annotations

import pytest

from app.core.errors import Refusal
from app.core.ids import ContestId, ProblemId
from app.core.people import ANONYMOUS, Caller
from app.core.verdict import Verdict
from unit.app.services.world import SPRING, World

STRIKES = ProblemId("strikes")


@pytest.fixture
def team(running: World) -> Caller:
    running.problem()
    return running.team("lanterns")


def rung(world: World) -> set[str]:
    """The topics that one tick rings."""
    heard: set[str] = set()
    stop = world.bell.listen(heard.update)
    world.tick()
    stop()
    return heard


def test_a_solved_problem_comes_onto_the_board(running: World, team: Caller) -> None:
    """One wrong try and an accepted one at minute 30: solved in two tries, 50 minutes, first to solve, and counted."""
    machine = running.machine()
    running.team("rivals")
    running.clock.forward(minutes=10)
    running.submit(team, STRIKES)
    machine.judge(Verdict.WA)
    running.clock.forward(minutes=20)
    machine = running.machine("bench-2")
    running.submit(team, STRIKES)
    machine.judge()
    assert rung(running) >= {"board", "jury"}
    board = running.services.standings.board(ANONYMOUS, SPRING)
    first, second = board.rows
    assert (first.team, first.rank, first.solved, first.penalty_minutes) == ("Lanterns", 1, 1, 50)
    cell = first.cells[0]
    assert (cell.solved, cell.attempts, cell.minute, cell.first, cell.pending) == (True, 2, 30, True, 0)
    assert (second.rank, second.solved) == (2, 0)
    assert running.services.standings.counts(ANONYMOUS, SPRING, STRIKES) == (1, 1)
    assert running.services.standings.row_of(team, team.team_id or "") == first  # type: ignore[arg-type]


def test_the_bell_is_silent_while_nothing_changes(running: World, team: Caller) -> None:
    """A tick without news rings nothing, and the board keeps its version."""
    running.tick()
    before = running.services.standings.board(ANONYMOUS, SPRING).version
    assert rung(running) == set()
    assert running.services.standings.board(ANONYMOUS, SPRING).version == before
    running.submit(team, STRIKES)
    assert "board" in rung(running)
    assert running.services.standings.board(ANONYMOUS, SPRING).version > before


def test_the_board_rings_at_most_twice_a_second_and_forgets_nothing(running: World, team: Caller) -> None:
    """Two changes within half a second ring once now and once after the pause."""
    running.tick()
    standings = running.services.standings
    counts = []
    running.submit(team, STRIKES)
    running.clock.forward(ms=600)
    standings.tick()
    running.submit(team, STRIKES)
    for _ in range(6):
        counts.append(running.bell.counter("board"))
        running.clock.forward(ms=100)
        standings.tick()
    assert len(set(counts)) == 2
    assert standings.board(ANONYMOUS, SPRING).rows[0].cells[0].pending == 2


def test_the_freeze_hides_verdicts_and_their_rhythm(running: World, team: Caller) -> None:
    """In the last hour the public sees that a try waits, and no bell tells when it was judged; the jury's board moves on."""
    running.tick()
    running.clock.forward(minutes=245)
    assert "board" in rung(running)
    standings = running.services.standings
    assert standings.board(ANONYMOUS, SPRING).frozen
    machine = running.machine()
    running.submit(team, STRIKES)
    assert "board" in rung(running)
    public = standings.board(team, SPRING)
    assert (public.rows[0].solved, public.rows[0].cells[0].pending) == (0, 1)
    machine.judge()
    assert rung(running) == {"jury"}
    assert standings.board(team, SPRING) == public
    assert standings.board(running.jury(), SPRING).rows[0].solved == 1
    assert standings.counts(team, SPRING, STRIKES) == (0, 1)
    running.clock.forward(minutes=60)
    running.services.control.thaw().result(5)
    running.tick()
    assert standings.board(ANONYMOUS, SPRING).rows[0].solved == 1


def test_before_the_start_the_public_sees_no_problems(world: World) -> None:
    """The board of tomorrow's contest names the teams but not the problems, until the very start."""
    world.contest(begins_in_minutes=1)
    world.problem()
    world.team("lanterns")
    world.tick()
    board = world.services.standings.board(ANONYMOUS, SPRING)
    assert (board.problems, board.rows[0].cells, board.rows[0].team) == ((), (), "Lanterns")
    assert world.services.standings.board(world.jury(), SPRING).problems
    world.clock.forward(minutes=1)
    assert rung(world) >= {"board", "public"}
    assert [one.label for one in world.services.standings.board(ANONYMOUS, SPRING).problems] == ["A"]


def test_hidden_teams_are_the_jurys(running: World, team: Caller) -> None:
    """A hidden team is on the jury's board only."""
    running.team("ghosts", hidden=True)
    running.tick()
    standings = running.services.standings
    assert [row.team_id for row in standings.board(ANONYMOUS, SPRING).rows] == ["lanterns"]
    assert {row.team_id for row in standings.board(running.jury(), SPRING).rows} == {"lanterns", "ghosts"}


def test_after_a_restart_the_board_is_the_same_and_its_version_rises(running: World, team: Caller) -> None:
    """A restarted server folds the log again: same rows, and no page mistakes the new board for an old one."""
    machine = running.machine()
    running.submit(team, STRIKES)
    machine.judge()
    running.tick()
    before = running.services.standings.board(ANONYMOUS, SPRING)
    again = World(running.clock, running.store)
    after = again.services.standings.board(ANONYMOUS, SPRING)
    assert after.rows == before.rows
    assert after.version > before.version
    again.services.accounts.close()
    with pytest.raises(Refusal):
        running.services.standings.board(ANONYMOUS, ContestId("unknown"))


def test_lines_that_did_not_change_are_kept(running: World, team: Caller) -> None:
    """A submission gives its team a new line; the others keep theirs, so that a board of a large contest costs little."""
    running.team("rivals")
    running.tick()
    before = {row.team: row for row in running.services.standings.board(ANONYMOUS, SPRING).rows}
    running.submit(team, STRIKES)
    running.tick()
    after = {row.team: row for row in running.services.standings.board(ANONYMOUS, SPRING).rows}
    assert after["Rivals"] is before["Rivals"]
    assert after["Lanterns"].cells[0].pending == 1
    assert before["Lanterns"].cells[0].pending == 0
