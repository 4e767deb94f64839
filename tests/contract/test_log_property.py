"""The hash chain: whoever changes, cuts out or reorders an entry of the log is found out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.adapters.memory.store import MemoryStore
from app.core.clock import Instant
from app.core.events import GENESIS, Kind, chain, first_break
from app.core.ids import ContestId
from app.ports.store import Transaction

Entry = tuple[int, bytes, bytes]
VALUES = st.one_of(st.integers(), st.text(max_size=8), st.none(), st.booleans())
DATA = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), min_size=2, max_size=12)


def written(every: list[dict[str, object]]) -> list[Entry]:
    store = MemoryStore()

    def work(tx: Transaction) -> None:
        for number, data in enumerate(every):
            tx.append_event(ContestId("c"), Kind.SETTING, Instant(number), data)

    store.write(work).result(5)
    with store.read() as view:
        return [(event.seq, event.payload, event.hash) for event in view.events_after(0, 100)]


@given(DATA)
def test_an_honest_log_holds(every: list[dict[str, object]]) -> None:
    """What the server wrote passes, whole and from any entry on."""
    entries = written(every)
    assert first_break(entries) is None
    assert first_break(entries[1:], previous=entries[0][2]) is None


@given(DATA, st.data())
def test_a_changed_byte_is_found(every: list[dict[str, object]], data: st.DataObject) -> None:
    """One changed byte in one entry is found at that entry."""
    entries = written(every)
    index = data.draw(st.integers(0, len(entries) - 1))
    seq, payload, digest = entries[index]
    place = data.draw(st.integers(0, len(payload) - 1))
    other = bytes([payload[place] ^ data.draw(st.integers(1, 255))])
    entries[index] = (seq, payload[:place] + other + payload[place + 1 :], digest)
    assert first_break(entries) == seq


@given(DATA, st.data())
def test_a_missing_entry_is_found(every: list[dict[str, object]], data: st.DataObject) -> None:
    """An entry cut out of the middle is found at the next one, even when the numbers are closed up."""
    entries = written(every)
    index = data.draw(st.integers(0, len(entries) - 2))
    del entries[index]
    assert first_break(entries) == index + 2
    closed_up = [(number, payload, digest) for number, (_, payload, digest) in enumerate(entries, 1)]
    assert first_break(closed_up) == index + 1


@given(DATA, st.data())
def test_swapped_entries_are_found(every: list[dict[str, object]], data: st.DataObject) -> None:
    """Two entries that changed places are found at the first of them."""
    entries = written(every)
    first = data.draw(st.integers(0, len(entries) - 2))
    second = data.draw(st.integers(first + 1, len(entries) - 1))
    entries[first], entries[second] = entries[second], entries[first]
    assert first_break(entries) is not None


@given(DATA, st.data())
def test_a_rewritten_entry_breaks_the_next(every: list[dict[str, object]], data: st.DataObject) -> None:
    """Who rewrites an entry with a fitting hash of its own breaks the next entry, or must rewrite all up to the signed head."""
    entries = written(every)
    index = data.draw(st.integers(0, len(entries) - 2))
    before = GENESIS if index == 0 else entries[index - 1][2]
    forged = b'{"forged":true}'
    entries[index] = (index + 1, forged, chain(before, index + 1, forged))
    assert first_break(entries) == index + 2
