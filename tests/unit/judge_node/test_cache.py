"""Test data on a judge machine: fetched once, checked, bounded, gone after unpairing."""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.core.errors import Fault
from judge_node.cache import BlobCache
from judge_node.forgetting import Forgetting


class Shelf:
    """The server's blobs, and how often each was asked for."""

    def __init__(self, *contents: bytes) -> None:
        self.blobs = {hashlib.sha256(one).hexdigest(): one for one in contents}
        self.asked: list[str] = []

    def fetch(self, digest: str) -> Iterator[bytes]:
        self.asked.append(digest)
        data = self.blobs[digest]
        yield data[:3]
        yield data[3:]

    @property
    def sizes(self) -> dict[str, int]:
        return {digest: len(data) for digest, data in self.blobs.items()}


def test_blob_is_fetched_once_even_over_a_restart(tmp_path: Path) -> None:
    """The second judgement of a problem, and the next start of the node, find the tests on the disk, readable by nobody else."""
    shelf = Shelf(b"3 4\n", b"7\n")
    for _ in range(2):
        cache = BlobCache(tmp_path / "cache", 1000)
        for _ in range(2):
            with cache.hold(shelf.sizes, shelf.fetch) as files:
                assert {digest: path.read_bytes() for digest, path in files.items()} == shelf.blobs
    assert len(shelf.asked) == 2
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o444}


def test_spoiled_file_is_fetched_again(tmp_path: Path) -> None:
    """A bad disk or a curious hand changed a file while the node was off: it is noticed before its first use."""
    shelf = Shelf(b"3 4\n")
    with BlobCache(tmp_path, 1000).hold(shelf.sizes, shelf.fetch) as files:
        (path,) = files.values()
    path.chmod(0o600)
    path.write_bytes(b"3 5\n")
    with BlobCache(tmp_path, 1000).hold(shelf.sizes, shelf.fetch) as files:
        assert path.read_bytes() == b"3 4\n"
    assert len(shelf.asked) == 2


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    """What does not have its hash, or is longer than it said, never gets its name."""
    shelf = Shelf(b"3 4\n")
    (digest,) = shelf.blobs
    shelf.blobs[digest] = b"4 4\n"
    cache = BlobCache(tmp_path, 1000)
    for size in (4, 2, -1):
        with pytest.raises(Fault, match="other bytes"), cache.hold({digest: size}, shelf.fetch):
            pass
    assert list(tmp_path.iterdir()) == []


def test_bound_is_kept_by_what_was_not_used_for_longest(tmp_path: Path) -> None:
    """Old tests leave when new ones come; those of a running judgement stay."""
    old, held, new = Shelf(b"a" * 40), Shelf(b"b" * 40), Shelf(b"c" * 40)
    cache = BlobCache(tmp_path, 100)
    with cache.hold(old.sizes, old.fetch):
        pass
    with cache.hold(held.sizes, held.fetch) as files:
        with cache.hold(new.sizes, new.fetch):
            assert cache.size_bytes == 80
            assert all(path.exists() for path in files.values())
        with cache.hold(old.sizes, old.fetch):
            assert all(path.exists() for path in files.values())
    assert cache.size_bytes <= 100
    assert len(old.asked) == 2
    too_much = Shelf(b"d" * 101)
    with pytest.raises(Fault, match="cache"), cache.hold(too_much.sizes, too_much.fetch):
        pass


def test_two_slots_fetch_the_same_test_once(tmp_path: Path) -> None:
    """Two submissions of one problem start together: one download serves both."""
    shelf = Shelf(b"x" * 10_000)
    cache = BlobCache(tmp_path, 100_000)
    together = threading.Barrier(4)

    def use(_: int) -> bytes:
        together.wait(10)
        with cache.hold(shelf.sizes, shelf.fetch) as files:
            return next(iter(files.values())).read_bytes()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(use, range(4))) == {b"x" * 10_000}
    assert len(shelf.asked) == 1


def test_unpaired_machine_keeps_nothing(tmp_path: Path) -> None:
    """After unpairing no test data is left, and a broken-off download of an earlier crash goes at the next start."""
    shelf = Shelf(b"secret")
    cache = BlobCache(tmp_path / "cache", 1000)
    with cache.hold(shelf.sizes, shelf.fetch):
        pass
    cache.clear()
    assert list((tmp_path / "cache").iterdir()) == []
    (tmp_path / "cache" / f"{'0' * 64}.part").write_bytes(b"half")
    assert BlobCache(tmp_path / "cache", 1000).size_bytes == 0
    assert list((tmp_path / "cache").iterdir()) == []


def test_closed_contests_leave_nothing_behind(tmp_path: Path) -> None:
    """What no job uses goes at once, what one is using when it ends; the next contest's tests are fetched and stay."""
    shelf = Shelf(b"3 4\n", b"7\n")
    used, idle = shelf.sizes
    cache = BlobCache(tmp_path, 1000)
    with cache.hold(shelf.sizes, shelf.fetch):
        pass
    with cache.hold({used: 4}, shelf.fetch) as files:
        cache.forget()
        assert files[used].read_bytes() == b"3 4\n"
        assert [path.name for path in tmp_path.iterdir()] == [used]
    assert list(tmp_path.iterdir()) == []
    with cache.hold({idle: 2}, shelf.fetch):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [idle]
    assert cache.size_bytes == 2


def test_transient_work_leaves_nothing_behind(tmp_path: Path) -> None:
    """A submission of a closed contest is judged again: its tests are there while it lasts, beside another job that shares one."""
    shelf = Shelf(b"3 4\n", b"7\n")
    shared, own = shelf.sizes
    cache = BlobCache(tmp_path, 1000)
    with cache.hold({shared: 4}, shelf.fetch):
        with cache.hold(shelf.sizes, shelf.fetch, transient=True) as files:
            assert files[own].read_bytes() == b"7\n"
        assert [path.name for path in tmp_path.iterdir()] == [shared]
    assert list(tmp_path.iterdir()) == []


def test_an_order_to_forget_is_obeyed_once(tmp_path: Path) -> None:
    """The same order again, also after a restart, costs no download; another one is obeyed, and after unpairing any."""
    shelf = Shelf(b"3 4\n")
    (digest,) = shelf.sizes
    folder, note = tmp_path / "cache", tmp_path / "forgotten"
    cache = BlobCache(folder, 1000)

    def filled_after(stamp: str) -> bool:
        with cache.hold({digest: 4}, shelf.fetch):
            pass
        again = Forgetting(cache, note)
        again.obey(stamp)
        assert again.stamp in (stamp, "first", "second")
        return any(folder.iterdir())

    assert Forgetting(cache, note).stamp == ""
    assert [filled_after(one) for one in ("", "first", "first", "second", "second")] == [True, False, True, False, True]
    Forgetting(cache, note).reset()
    assert not filled_after("second")
    note.write_bytes(b"\xff\xfe")
    assert Forgetting(cache, note).stamp == ""
