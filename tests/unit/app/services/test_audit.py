"""The signed log: whoever cuts or rewrites it is found out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.memory.store import MemoryStore
from app.adapters.sqlite.store import SqliteStore
from app.core.events import Kind
from app.core.ids import ProblemId
from app.core.verdict import Verdict
from app.ports.store import SignedHead
from app.services.audit import Audit, signed_bytes, verify
from app.services.contest_book import ContestBook
from unit.app.services.world import SPRING, World


@pytest.fixture
def played(running: World) -> World:
    running.problem()
    running.submit(running.team("lanterns"), ProblemId("strikes"))
    running.machine().judge(Verdict.WA)
    running.audit.sign_head().result(5)
    return running


def test_an_untouched_log_is_sound(played: World) -> None:
    """A contest that was played and signed shows nothing to complain about."""
    assert played.audit.verify() == []
    head = played.audit.newest_head()
    assert head is not None
    with played.store.read() as view:
        assert (head.seq, head.hash) == view.last_event()


def test_another_servers_signature_is_found(played: World) -> None:
    """A log that somebody else signed is not this server's."""
    other = Audit(store=played.store, clock=played.clock, book=played.book, private_key=b"o" * 32)
    assert "not from this server's key" in verify(played.store, other.public_key)[0]


def test_a_cut_log_is_found(played: World) -> None:
    """A head signed beyond the end of the log says that entries are missing."""
    with played.store.read() as view:
        seq, digest = view.last_event()
    key = played.audit._key
    beyond = SignedHead(seq + 3, digest, played.clock.now(), key.sign(signed_bytes(seq + 3, digest)))
    played.store.write(lambda tx: tx.put_head(beyond)).result(5)
    assert any("cut off" in one for one in played.audit.verify())


def test_a_rewritten_log_is_found(played: World, clock: FakeClock) -> None:
    """Somebody replays the whole log with one verdict changed, chain and all: the signed head does not fit any more."""
    with played.store.read() as view:
        events, heads = view.events_after(0, 1000), view.heads(10)
    forged = MemoryStore()

    def work(tx):  # type: ignore[no-untyped-def]
        for event in events:
            data = dict(event.data)
            if event.kind is Kind.VERDICT:
                data["verdict"] = "AC"
            tx.append_event(event.contest_id, event.kind, event.at, data)
        for head in heads:
            tx.put_head(head)

    forged.write(work).result(5)
    assert any("not the one that was signed" in one for one in verify(forged, played.audit.public_key))


@pytest.mark.parametrize(
    "change", ["kind = 'lease' WHERE kind = 'verdict'", "at_ms = at_ms - 60000", "contest_id = 'x'"]
)
def test_a_wrongly_kept_entry_is_found(tmp_path: Path, clock: FakeClock, change: str) -> None:
    """Somebody with the file leaves bytes and hashes alone and changes what stands beside them, so that a verdict is passed over, or an
    entry counts elsewhere or earlier."""
    store = SqliteStore.open(tmp_path / "contest.db")
    audit = Audit(store=store, clock=clock, book=ContestBook(store, clock), private_key=b"k" * 32)
    for kind in (Kind.SUBMISSION, Kind.VERDICT):
        store.write(lambda tx, kind=kind: tx.append_event(SPRING, kind, clock.now(), {"id": 1})).result(5)
    assert audit.verify() == []
    store.close()
    with closing(sqlite3.connect(tmp_path / "contest.db")) as file:
        file.execute("DROP TRIGGER events_stand")
        file.execute(f"UPDATE events SET {change}")
        file.commit()
    again = SqliteStore.open(tmp_path / "contest.db")
    assert any("is kept under another" in one for one in verify(again, audit.public_key))
    again.close()


def test_the_head_is_signed_each_minute_and_once(played: World) -> None:
    """A minute's tick signs what is new; a quiet minute adds nothing."""
    played.audit.tick()
    played.services.control.settings(all_tests=True).result(5)
    played.clock.forward(seconds=50)
    played.audit.tick()
    with played.store.read() as view:
        assert len(view.heads(10)) == 1
    played.clock.forward(seconds=10)
    played.audit.tick()
    played.clock.forward(seconds=60)
    played.audit.tick()
    with played.store.read() as view:
        assert len(view.heads(10)) == 2


def test_an_empty_log_has_no_head(world: World) -> None:
    """Before anything happened there is nothing to sign, and nothing wrong."""
    assert world.audit.sign_head().result(5) is None
    assert world.audit.verify() == []
    assert world.audit.newest_head() is None


def test_every_entry_has_its_sentence(played: World) -> None:
    """The log page says in words what happened, with names of teams and letters of problems."""
    lines = played.audit.log_lines(0, 500)
    said = [line.sentence for line in lines]
    assert "Team Lanterns of A school." in said
    assert "Submission 1 by Lanterns for A in python3." in said
    assert any(one.startswith("Submission 1 (A, Lanterns): WA") for one in said)
    assert any(one.startswith("bench-1 took task") for one in said)
    assert "bench-1 reported 1 run." in said
    assert not any("An entry of the kind" in one for one in said), said
    assert [line.seq for line in played.audit.log_lines(lines[3].seq, 2)] == [lines[4].seq, lines[5].seq]


def test_an_entry_of_an_unknown_shape_still_shows(running: World) -> None:
    """An old log with fewer keys can be read."""
    running.store.write(lambda tx: tx.append_event(SPRING, Kind.RUNS, running.clock.now(), {"what": 1})).result(5)
    assert running.audit.log_lines(0, 500)[-1].sentence == "An entry of the kind runs."
