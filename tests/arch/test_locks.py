"""What is installed is what pyproject.toml asks for: the lock files are neither behind it nor ahead of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PYPROJECT["optional-dependencies"]
LOCKS = {"judge": ("judge",), "server": ("server",), "console": ("console",), "dev": tuple(EXTRAS)}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?:\s*;\s*([^\\]+?))?\s*\\$")


def pins(lock: str) -> dict[str, list[str]]:
    """The versions of each package in a lock; more than one where they differ by the machine."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "installers/locks" / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith((" ", "#")):
            continue
        pinned = _PINNED.match(line)
        assert pinned, f"{lock}.txt: a line that pins nothing with a hash: {line}"
        found.setdefault(canonicalize_name(pinned[1]), []).append(pinned[2])
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_agrees(lock: str) -> None:
    """Each package that an extra asks for stands in its lock, in a version that the extra admits."""
    found = pins(lock)
    for text in (*PYPROJECT["dependencies"], *(one for extra in LOCKS[lock] for one in EXTRAS[extra])):
        wanted = Requirement(text)
        versions = found.get(canonicalize_name(wanted.name))
        assert versions, f"{lock}.txt lacks {wanted.name}: run installers/locks.sh"
        assert all(wanted.specifier.contains(one) for one in versions), (
            f"{lock}.txt: {wanted.name} {versions}, not {text}"
        )


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_nothing_else(lock: str) -> None:
    """What no extra asks for any more is not installed either: each further package is needed by one that is there."""
    from importlib.metadata import PackageNotFoundError, requires

    needed: set[str] = set()
    roots = [*PYPROJECT["dependencies"], *(one for extra in LOCKS[lock] for one in EXTRAS[extra])]
    waiting = [Requirement(text) for text in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        needed.add(name)
        if (name, frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        try:
            further = requires(name) or []
        except PackageNotFoundError:
            continue
        for text in further:
            one = Requirement(text)
            asked = "extra" in str(one.marker or "")
            if not asked or any(one.marker and one.marker.evaluate({"extra": extra}) for extra in wanted.extras):
                waiting.append(one)
    assert not set(pins(lock)) - needed, f"{lock}.txt holds what nothing needs: run installers/locks.sh"


def test_versions_agree() -> None:
    """One package has the same version on every machine of a contest."""
    everything = {lock: pins(lock) for lock in LOCKS}
    for lock, found in everything.items():
        for name, versions in found.items():
            assert everything["dev"].get(name) == versions, f"{name} in {lock}.txt differs from dev.txt"
