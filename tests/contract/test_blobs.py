"""ports/blobs: bytes by their hash."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest

from app.adapters.disk.blobs import RESERVE_BYTES, DiskBlobs
from app.core.errors import Fault
from app.core.ids import Sha256
from app.ports.blobs import Blobs

UNKNOWN = Sha256("e" * 64)


def test_bytes_come_back(blobs: Blobs, tmp_path: Path) -> None:
    """Test data are named by their hash, come back whole, and are kept once, given as bytes or as a file."""
    data = b"3 4\n" * 600_000
    file = tmp_path / "secret.in"
    file.write_bytes(data)
    digest = blobs.put(data)
    assert digest == hashlib.sha256(data).hexdigest() == blobs.put_file(file)
    assert file.read_bytes() == data
    with blobs.open(digest) as stream:
        assert stream.read() == data
    assert blobs.size(digest) == len(data)


def test_empty_bytes_are_bytes(blobs: Blobs) -> None:
    """An empty input file is kept like any other."""
    digest = blobs.put(b"")
    assert blobs.size(digest) == 0
    with blobs.open(digest) as stream:
        assert stream.read() == b""


@pytest.mark.parametrize("name", [UNKNOWN, "", "../../etc/passwd", "E" * 64, "e" * 63, "e" * 64 + "\n"])
def test_unknown_names(blobs: Blobs, name: str) -> None:
    """An unknown hash, or what is none at all, names nothing."""
    assert blobs.size(Sha256(name)) is None
    assert blobs.path(Sha256(name)) is None
    with pytest.raises(KeyError):
        blobs.open(Sha256(name))


def test_disk_keeps_a_reserve(tmp_path: Path, blobs: Blobs) -> None:
    """What nobody needs to judge is not kept where little is free; test data still is."""
    assert blobs.has_room(1)
    nearly_full = DiskBlobs.open_folder(tmp_path / "full", free_bytes=lambda: RESERVE_BYTES + 100)
    assert nearly_full.has_room(100)
    assert not nearly_full.has_room(101)
    assert nearly_full.size(nearly_full.put(b"x" * 200)) == 200


def test_files_are_for_this_server_only(tmp_path: Path) -> None:
    """Hidden test data cannot be read by other accounts of the machine, and no half-written file is ever under a name."""
    folder = tmp_path / "deep" / "blobs"
    disk = DiskBlobs.open_folder(folder)
    path = disk.path(disk.put(b"hidden"))
    assert path is not None
    assert path.relative_to(folder).parts == (path.name[:2], path.name[2:4], path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(one.stat().st_mode) for one in [*path.parents][:3]} == {0o700}
    assert list((folder / "incoming").iterdir()) == []
    assert list(disk.digests()) == [path.name]


def test_leftovers_of_a_crash_are_swept(tmp_path: Path) -> None:
    """What an interrupted writer left beside is removed at the next start."""
    DiskBlobs.open_folder(tmp_path / "blobs")
    (tmp_path / "blobs" / "incoming" / "half").write_bytes(b"x")
    disk = DiskBlobs.open_folder(tmp_path / "blobs")
    assert list((tmp_path / "blobs" / "incoming").iterdir()) == []
    assert list(disk.digests()) == []


def test_many_writers_of_the_same_bytes(tmp_path: Path) -> None:
    """Two imports of the same package at once end with one whole file."""
    disk = DiskBlobs.open_folder(tmp_path / "blobs")
    data = os.urandom(300_000)
    digests: list[str] = []
    threads = [threading.Thread(target=lambda: digests.append(disk.put(data))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert digests == [hashlib.sha256(data).hexdigest()] * 8
    with disk.open(Sha256(digests[0])) as stream:
        assert stream.read() == data


def test_a_missing_source_is_a_fault(blobs: Blobs, tmp_path: Path) -> None:
    """A file that cannot be read is told in a sentence."""
    with pytest.raises(Fault, match="cannot be read"):
        blobs.put_file(tmp_path / "nothing")


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    """A file where the folder should be is told in a sentence."""
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(Fault, match="cannot be used"):
        DiskBlobs.open_folder(tmp_path / "blobs")


def test_a_batch_is_kept_as_a_whole(blobs: Blobs, tmp_path: Path) -> None:
    """A package's files are hashed while they are brought in; before the end nothing is there, afterwards all of it, each once."""
    contents = [b"", b"3 4\n", os.urandom(3 << 20), b"3 4\n"]
    files = [tmp_path / str(number) for number in range(len(contents))]
    for file, data in zip(files, contents, strict=True):
        file.write_bytes(data)
    with blobs.batch() as batch:
        unpacked = batch.scratch / "unpacked"
        unpacked.write_bytes(b"from a zip")
        taken = [batch.take(file) for file in (*files, unpacked)]
        contents.append(b"from a zip")
        assert taken == [(hashlib.sha256(data).hexdigest(), len(data)) for data in contents]
        assert [blobs.size(digest) for digest, _ in taken] == [None] * 5
        batch.keep()
        assert unpacked.read_bytes() == b"from a zip"
    for (digest, _), data in zip(taken, contents, strict=True):
        with blobs.open(digest) as stream:
            assert stream.read() == data
    assert not batch.scratch.exists()


def test_a_refused_batch_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    """Files of a package that is refused in the middle are not in the store."""
    file = tmp_path / "secret.in"
    file.write_bytes(b"refused")
    with blobs.batch() as batch:
        digest, _ = batch.take(file)
        with pytest.raises(Fault, match="cannot be read"):
            batch.take(tmp_path / "nothing")
    assert blobs.size(digest) is None
    assert not batch.scratch.exists()


@pytest.mark.parametrize("places", [[], [(0, b"x")], [(5_000_000, b"middle")], [(0, b"a"), (9_999_990, b"z" * 10)]])
def test_holes_are_hashed_as_the_zeros_that_they_are(tmp_path: Path, places: list[tuple[int, bytes]]) -> None:
    """Test data with holes keep their hash and their length in the store, and take no more room there."""
    file = tmp_path / "sparse"
    whole = bytearray(10_000_000)
    with file.open("wb") as stream:
        stream.truncate(len(whole))
        for at, data in places:
            stream.seek(at)
            stream.write(data)
            whole[at : at + len(data)] = data
    disk = DiskBlobs.open_folder(tmp_path / "blobs")
    with disk.batch() as batch:
        digest, size = batch.take(file)
        batch.keep()
    assert (digest, size) == (hashlib.sha256(whole).hexdigest(), len(whole))
    kept = disk.path(digest)
    assert kept is not None
    assert kept.read_bytes() == bytes(whole)
    assert kept.stat().st_blocks <= file.stat().st_blocks + 8
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_others_files_are_never_linked(tmp_path: Path) -> None:
    """Whoever changes the imported folder later does not change stored test data; what was unpacked by us is not copied."""
    file = tmp_path / "secret.in"
    file.write_bytes(b"1 2\n")
    disk = DiskBlobs.open_folder(tmp_path / "blobs")
    with disk.batch() as batch:
        unpacked = batch.scratch / "unpacked"
        unpacked.write_bytes(b"unpacked")
        digest, _ = batch.take(file)
        own, _ = batch.take(unpacked)
        inode = unpacked.stat().st_ino
        batch.keep()
    file.write_bytes(b"9 9\n")
    with disk.open(digest) as stream:
        assert stream.read() == b"1 2\n"
    kept = disk.path(own)
    assert kept is not None
    assert (kept.stat().st_ino, kept.stat().st_nlink) == (inode, 1)


@pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="needs a file on no disk, which no file system can share blocks with"
)
def test_a_package_leaves_what_a_contest_needs(tmp_path: Path) -> None:
    """A package that the disk has no room for beside its reserve is refused while it is brought in, and leaves nothing."""
    nearly_full = DiskBlobs.open_folder(tmp_path / "full", free_bytes=lambda: RESERVE_BYTES + 8192)
    with os.fdopen(os.memfd_create("secret.in"), "wb") as file:
        source = Path(f"/proc/self/fd/{file.fileno()}")
        file.write(b"x" * 8192)
        file.flush()
        with nearly_full.batch() as batch:
            assert batch.take(source)[1] == 8192
        file.write(b"x")
        file.flush()
        with nearly_full.batch() as batch, pytest.raises(Fault, match="no room") as full:
            batch.take(source)
        assert full.value.kind == "storage"
    assert list(nearly_full.digests()) == []
