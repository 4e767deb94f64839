"""No verdict is changed silently: a row that was edited beside the server says something else than the log, and is named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.sqlite.store import SqliteStore
from app.core.ids import ProblemId
from app.core.verdict import Verdict
from app.services.rows_and_log import rows_against_log
from unit.app.services.world import World


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a contest in which one submission was judged twice and another one is waiting."""
    path = tmp_path_factory.mktemp("played") / "contest.db"
    store = SqliteStore.open(path, reserve_bytes=0)
    world = World(FakeClock(), store)
    world.contest()
    world.problem()
    team, machine = world.team("lanterns"), world.machine()
    first = world.submit(team, ProblemId("strikes"))
    machine.judge(Verdict.WA)
    world.services.desk.rejudge(first.submission_id).result(5)
    machine.judge(Verdict.AC)
    world.submit(team, ProblemId("strikes"))
    store.close()
    return path


def found_in(path: Path) -> list[str]:
    store = SqliteStore.open(path, reserve_bytes=0)
    try:
        return list(rows_against_log(store))
    finally:
        store.close()


def test_an_untouched_contest_agrees(played: Path) -> None:
    """Judged once, judged again, still waiting, teams, problems and accounts: all rows say what the log says."""
    assert found_in(played) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE judgements SET verdict = 'AC' WHERE id = 1", "Judgement 1 of submission 1 is kept with verdict AC;"),
        ("UPDATE judgements SET verdict = 'WA' WHERE id = 3", "Judgement 3 of submission 2 is kept with verdict WA;"),
        ("UPDATE judgements SET tests_passed = 7 WHERE id = 2", "tests passed 7;"),
        ("UPDATE judgements SET package_version = 'x' WHERE id = 2", "package version x;"),
        ("UPDATE judgements SET valid = 0 WHERE id = 2", "the mark «counts» no;"),
        ("DELETE FROM judgements WHERE id = 3", "Judgement 3 of submission 2 is gone"),
        ("UPDATE runs SET verdict = 'AC' WHERE judgement_id = 1", "the run of test"),
        ("DELETE FROM runs WHERE judgement_id = 2", "0 runs count"),
        ("UPDATE submissions SET arrived = arrived - 60000 WHERE id = 1", "Submission 1 is kept with arrived"),
        ("UPDATE submissions SET team_id = 'other' WHERE id = 2", "team id other;"),
        ("UPDATE sources SET data = x'00' WHERE submission_id = 2", "Submission 2: its source is not what was sent"),
        ("DELETE FROM submissions WHERE id = 2", "Submission 2 is gone"),
        (
            "INSERT INTO submissions SELECT 9, contest_id, account_id, team_id, problem_id, language, entry_point, arrived,"
            " late_commit FROM submissions WHERE id = 1",
            "The log never told of submission 9",
        ),
        ("UPDATE teams SET hidden = 1", "The team lanterns is kept with hidden yes;"),
        ("UPDATE problems SET label = 'Z'", "label Z;"),
        ("UPDATE accounts SET enabled = 0", "enabled no;"),
        ("UPDATE contests SET body = json_set(body, '$.penalty_minutes', 1)", "penalty minutes 1;"),
        ("DELETE FROM accounts", "is gone"),
    ],
)
def test_a_row_edited_by_hand_is_named(played: Path, tmp_path: Path, change: str, sentence: str) -> None:
    """Somebody with SQLite changes, adds or removes a row and leaves the log alone."""
    path = tmp_path / "contest.db"
    path.write_bytes(played.read_bytes())
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(change)
    found = found_in(path)
    assert any(sentence in one for one in found), found


def test_a_table_that_was_exchanged_does_not_fill_the_screen(played: Path, tmp_path: Path) -> None:
    """Hundreds of rows that nobody was told of are a hundred sentences and a number."""
    path = tmp_path / "contest.db"
    path.write_bytes(played.read_bytes())
    many = "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 399) INSERT INTO submissions SELECT i,"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            f"{many} contest_id, account_id, team_id, problem_id, language, entry_point, arrived, late_commit"
            " FROM n, submissions WHERE id = 1"
        )
    found = found_in(path)
    assert len(found) == 101
    assert found[-1] == "200 further differences are not listed."
