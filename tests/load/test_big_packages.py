"""Packages with very much test data: streamed, hashed once, kept once, never held in memory (issue 7)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[2] / "problems"
MEBIBYTE = 1 << 20
_IMPORT = """
import json, resource, sys, time
from pathlib import Path
from app.adapters.disk.blobs import DiskBlobs
from app.services.package_import import import_files
blobs = DiskBlobs.open_folder(Path(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.monotonic()
imported = import_files(Path(sys.argv[1]), blobs)
print(json.dumps({
    "seconds": time.monotonic() - began,
    "grown_bytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024,
    "tests": len(imported.package.tests),
    "files": imported.manifest["source"]["files"],
    "size": imported.manifest["source"]["size"],
}))
"""


def _imported(package: Path, store: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", _IMPORT, package, store], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _package(folder: Path, sizes: list[int]) -> Path:
    """The strikes with other tests: sparse inputs of these sizes, each different, with small answers."""
    shutil.copytree(PACKAGES / "strikes", folder)
    secret = folder / "data" / "secret"
    for old in secret.iterdir():
        old.unlink()
    for number, size in enumerate(sizes):
        with (secret / f"{number:03d}.in").open("wb") as stream:
            stream.write(b"%d\n" % number)
            stream.truncate(size)
        (secret / f"{number:03d}.ans").write_bytes(b"%d\n" % number)
    return folder


def _stored(store: Path) -> list[os.stat_result]:
    return [one.stat() for one in store.glob("??/??/*")]


def test_two_hundred_files_of_which_one_is_large(tmp_path: Path) -> None:
    """A package of 200 files, one much larger than all others: memory stays flat, holes stay holes, each content is kept once."""
    package = _package(tmp_path / "large", [100 * MEBIBYTE, *[MEBIBYTE] * 99])
    told = _imported(package, tmp_path / "store")
    assert told["size"] > 190 * MEBIBYTE
    assert told["grown_bytes"] < 64 * MEBIBYTE
    kept = _stored(tmp_path / "store")
    assert sum(one.st_size for one in kept) > 190 * MEBIBYTE
    assert sum(one.st_blocks for one in kept) * 512 < 20 * MEBIBYTE
    assert _imported(package, tmp_path / "store")["size"] == told["size"]
    assert len(_stored(tmp_path / "store")) == len(kept)
    assert list((tmp_path / "store" / "incoming").iterdir()) == []


@pytest.mark.parametrize("links", [700, pytest.param(14_000, marks=(pytest.mark.full, pytest.mark.timeout(1200)))])
def test_links_inside_a_package(tmp_path: Path, links: int) -> None:
    """14,000 symbolic links inside of a package are followed, and the one file behind them is hashed and kept once."""
    package = _package(tmp_path / "linked", [2 * MEBIBYTE])
    secret = package / "data" / "secret"
    for number in range(links // 2):
        (secret / f"l{number:04d}.in").symlink_to("000.in")
        (secret / f"l{number:04d}.ans").symlink_to("000.ans")
    told = _imported(package, tmp_path / "store")
    assert told["tests"] == links // 2 + 1 + len(list((package / "data" / "sample").glob("*.in")))
    kept = _stored(tmp_path / "store")
    assert len(kept) < 100
    outside = tmp_path / "outside"
    outside.write_text("secret of the machine")
    (secret / "l0000.in").unlink()
    (secret / "l0000.in").symlink_to(outside)
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, package, tmp_path / "other"], capture_output=True, text=True, check=False
    )
    assert "data/secret/l0000.in: the link leads out of the package" in done.stderr
    assert _stored(tmp_path / "other") == []


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_twenty_gigabytes(tmp_path: Path) -> None:
    """200 files of which one has 8 GB, 20 GB in all."""
    package = _package(tmp_path / "huge", [8 << 30, *[124 * MEBIBYTE] * 99])
    told = _imported(package, tmp_path / "store")
    assert told["size"] > 20 * 1000**3
    assert told["grown_bytes"] < 64 * MEBIBYTE


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_half_a_gigabyte_is_quick(tmp_path: Path) -> None:
    """A package of 500 MB that does not shrink is imported within 20 s, as a folder and as a zip."""
    package = _package(tmp_path / "half", [])
    for number in range(50):
        (package / "data" / "secret" / f"{number}.in").write_bytes(os.urandom(10_000_000))
        (package / "data" / "secret" / f"{number}.ans").write_bytes(b"1\n")
    archive = tmp_path / "half.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for file in package.rglob("*"):
            target.write(file, f"half/{file.relative_to(package)}")
    seconds = [_imported(package, tmp_path / "store")["seconds"], _imported(archive, tmp_path / "other")["seconds"]]
    print(f"folder {seconds[0]:.1f} s, zip {seconds[1]:.1f} s")
    assert max(seconds) < 20
