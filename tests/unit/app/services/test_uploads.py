"""Packages that come in parts: resumed, bounded, checked."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from random import Random

import pytest
from clocks import FakeClock

from app.core.errors import Refusal
from app.services.uploads import MOST_BYTES, Uploads

DATA = Random(7).randbytes(100_000)
NAME = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def uploads(tmp_path: Path, clock: FakeClock) -> Uploads:
    """Uploads on a disk with room for 1 MiB."""
    return Uploads(tmp_path / "uploads", clock, lambda size: size <= 1 << 20)


def test_a_line_that_breaks(uploads: Uploads, tmp_path: Path, clock: FakeClock) -> None:
    """An upload goes on where it stopped, also in another process; a part that came twice counts once; the file arrives whole, once."""
    assert uploads.begin("../../Crates 2.zip", len(DATA), NAME).have == 0
    assert uploads.append(NAME, 0, DATA[:60_000]).have == 60_000
    with pytest.raises(Refusal, match="byte 60000") as caught:
        uploads.append(NAME, 70_000, DATA[70_000:])
    assert (caught.value.code, caught.value.fields) == (409, {"have": "60000"})
    with pytest.raises(Refusal, match="byte 60000"), uploads.whole(NAME):
        pass
    restarted = Uploads(tmp_path / "uploads", clock, lambda _: True)
    assert restarted.begin("Crates.zip", len(DATA), NAME).have == 60_000
    assert restarted.append(NAME, 50_000, DATA[50_000:]).have == len(DATA)
    assert restarted.append(NAME, 50_000, DATA[50_000:]).have == len(DATA)
    with restarted.whole(NAME) as path:
        assert path.name == "Crates-2.zip"
        assert path.is_relative_to(tmp_path / "uploads")
        assert path.read_bytes() == DATA
    with pytest.raises(Refusal) as gone:
        restarted.state(NAME)
    assert gone.value.code == 404
    assert list((tmp_path / "uploads").iterdir()) == []


def test_other_bytes_than_promised(uploads: Uploads) -> None:
    """What does not have the promised hash is not used and does not stay."""
    uploads.begin("a.zip", len(DATA), NAME)
    uploads.append(NAME, 0, DATA[::-1])
    with pytest.raises(Refusal, match="send it again"), uploads.whole(NAME):
        pass
    assert uploads.begin("a.zip", len(DATA), NAME).have == 0


def test_two_who_use_one_upload(uploads: Uploads) -> None:
    """The second is told to wait while the first reads, nothing is pulled away from under it, and afterwards it is gone."""
    uploads.begin("a.zip", len(DATA), NAME)
    uploads.append(NAME, 0, DATA)
    with uploads.whole(NAME) as path:
        with pytest.raises(Refusal, match="read already") as caught, uploads.whole(NAME):
            pass
        assert caught.value.code == 409
        assert uploads.begin("a.zip", 10, NAME).size == len(DATA)
        assert path.read_bytes() == DATA
    with pytest.raises(Refusal) as gone, uploads.whole(NAME):
        pass
    assert gone.value.code == 404


@pytest.mark.parametrize(
    ("size", "sha256", "code"),
    [(10, "../" + "a" * 61, 400), (0, NAME, 413), (MOST_BYTES + 1, NAME, 413), (2 << 20, NAME, 503)],
)
def test_promises_that_are_not_taken(uploads: Uploads, size: int, sha256: str, code: int) -> None:
    """No name but a hash, no size beyond the bounds, none that the disk has no room for."""
    with pytest.raises(Refusal) as caught:
        uploads.begin("a.zip", size, sha256)
    assert caught.value.code == code


def test_more_than_was_promised(uploads: Uploads) -> None:
    """A sender cannot bring more than it promised; nothing of that part stays."""
    uploads.begin("a.zip", 10, NAME)
    with pytest.raises(Refusal) as caught:
        uploads.append(NAME, 0, b"x" * 11)
    assert caught.value.code == 413
    assert uploads.state(NAME).have == 0


def test_sixteen_at_once(tmp_path: Path, clock: FakeClock) -> None:
    """Uploads that nobody ends are bounded, and those that nobody moved for a day make room."""
    uploads = Uploads(tmp_path / "uploads", clock, lambda _: True)
    for number in range(16):
        uploads.begin("a.zip", 10, f"{number:064x}")
    with pytest.raises(Refusal) as caught:
        uploads.begin("a.zip", 10, NAME)
    assert caught.value.code == 429
    clock.forward(minutes=25 * 60)
    assert uploads.begin("a.zip", 10, NAME).have == 0


def test_promises_count_together(tmp_path: Path, clock: FakeClock) -> None:
    """Two promises that fit one by one but not together: the second is refused, until the first has brought what it promised."""
    free = 150_000
    uploads = Uploads(tmp_path / "uploads", clock, lambda size: size <= free)
    uploads.begin("a.zip", len(DATA), NAME)
    other = hashlib.sha256(DATA[::-1]).hexdigest()
    with pytest.raises(Refusal, match="no room") as caught:
        uploads.begin("b.zip", 60_000, other)
    assert caught.value.code == 503
    assert uploads.begin("b.zip", 40_000, other).have == 0
    uploads.append(NAME, 0, DATA)
    free -= len(DATA)
    assert uploads.begin("c.zip", 10_000, "c" * 64).have == 0
    with pytest.raises(Refusal, match="no room"):
        uploads.begin("d.zip", 1, "d" * 64)


def test_a_disk_that_fills_meanwhile(tmp_path: Path, clock: FakeClock) -> None:
    """Something else filled the disk after the promise: the part is refused and nothing of it stays; with room again it goes on there."""
    free = 100_000
    uploads = Uploads(tmp_path / "uploads", clock, lambda size: size <= free)
    uploads.begin("a.zip", len(DATA), NAME)
    uploads.append(NAME, 0, DATA[:50_000])
    free = 10_000
    with pytest.raises(Refusal, match="no room") as caught:
        uploads.append(NAME, 50_000, DATA[50_000:])
    assert caught.value.code == 503
    assert uploads.append(NAME, 0, DATA[:50_000]).have == 50_000
    free = 50_000
    assert uploads.append(NAME, 50_000, DATA[50_000:]).have == len(DATA)


def test_a_broken_upload_that_is_begun_again_while_it_is_removed(tmp_path: Path, clock: FakeClock) -> None:
    """Eight senders begin it again at once while its broken bytes are thrown away: nobody's new upload goes with them."""
    uploads = Uploads(tmp_path / "uploads", clock, lambda _: True)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            uploads.begin("a.zip", 10, NAME)
            uploads.append(NAME, 0, b"0123456789")
            again = [pool.submit(uploads.begin, "a.zip", 10, NAME) for _ in range(8)]
            with pytest.raises(Refusal, match="send it again"), uploads.whole(NAME):
                pass
            wait(again)
            assert uploads.begin("a.zip", 10, NAME).have == 0
            assert uploads.state(NAME).have == 0
