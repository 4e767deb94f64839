"""What a container shows: the plan of its file system and of its Landlock rules, for the starter to carry out.

The root is a tiny tmpfs made read-only after the plan. Toolchains come from the machine's own directories, bound
read-only, nosuid and nodev. There is no /etc of the host but what toolchains read, no /sys, no home, no socket. Test
data enters only through the folders that the pipeline names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.core.errors import Fault
from judge_node.sandbox.interface import View
from judge_node.sandbox.linux import rootless

GUEST_ID = 1000
DEVICES = ("null", "zero", "full", "random", "urandom")
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr")
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mono", "ghc", "fpc.cfg")
_ETC_PATTERNS = ("java*", "python*", "fpc-*.cfg")
_ACCOUNTS = {
    "etc/passwd": f"root:x:0:0::/:/bin/sh\nguest:x:{GUEST_ID}:{GUEST_ID}::/work:/bin/sh\n",
    "etc/group": f"root:x:0:\nguest:x:{GUEST_ID}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/hosts": "127.0.0.1 localhost\n",
}
_OWN = frozenset(("work", "proc", "dev", "tmp", "etc", *_SYSTEM))


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` and `rules` are NUL-terminated words as core/contestbox-core.c reads them."""

    steps: bytes
    rules: bytes
    scratch_executable: bool


# What nearly every container shows beside the system, and can therefore be shown in one that was built before.
_USUAL = frozenset(("/data", "/program"))


def late(view: View) -> dict[str, Path] | None:
    """The folders of a view that a container built before can still be shown; None where this view is built from the ground.
    Raises Fault as `plan` does.
    """
    folders = _folders(view)
    if view.channels or not set(folders) <= _USUAL or not all(host.is_dir() for host in folders.values()):
        return None
    for inside, host in folders.items():
        _bound(inside, host)
    return folders


def _folders(view: View) -> dict[str, Path]:
    folders = {**view.folders, **view.channels}
    if view.program is not None:
        folders["/program"] = view.program
    return folders


def plan(view: View, *, room_for: Sequence[str] = ()) -> Plan:
    """The plan of a view; with empty folders, and rules for them, where others are shown later. Raises Fault where a folder is
    missing or would hide a part of the system.
    """
    steps: list[tuple[str, str, str]] = []
    for name in ("usr", "etc", "dev", "proc", "work"):
        steps.append(("folder", name, ""))
    steps += _system(Path("/"))
    steps += [("file", path, text) for path, text in _ACCOUNTS.items()]
    steps += [("device", f"/dev/{name}", f"dev/{name}") for name in DEVICES if Path("/dev", name).exists()]
    steps += [
        ("link", "/proc/self/fd", "dev/fd"),
        ("link", "/proc/self/fd/0", "dev/stdin"),
        ("link", "/proc/self/fd/1", "dev/stdout"),
        ("link", "/proc/self/fd/2", "dev/stderr"),
        ("link", "/work/.tmp", "dev/shm"),
        ("link", "/work/.tmp", "tmp"),
    ]
    if rootless.here():  # without root the kernel mounts a /proc only where another can be seen; ours lies upon it
        steps.append(("device", "/proc", "proc"))
    folders = _folders(view)
    for inside, host in sorted(folders.items()):
        steps += _bound(inside, host)
    steps += [("folder", inside.lstrip("/"), "") for inside in room_for]
    return Plan(_words(steps), _words(_rules(view, sorted({*folders, *room_for}))), view.profile == "compiler")


def _system(root: Path) -> list[tuple[str, str, str]]:
    """Toolchain directories: links stay links (merged /usr), real folders are bound."""
    steps: list[tuple[str, str, str]] = []
    for name in _SYSTEM:
        path = root / name
        if path.is_symlink():
            steps.append(("link", os.readlink(path), name))
        elif path.is_dir():
            steps.append(("bind", str(path), name))
    etc = root / "etc"
    found = [etc / name for name in _ETC if (etc / name).exists()]
    for pattern in _ETC_PATTERNS:
        found += sorted(etc.glob(pattern))
    return steps + [("bind", str(path), f"etc/{path.name}") for path in found]


def _bound(inside: str, host: Path) -> list[tuple[str, str, str]]:
    """The steps for one folder of the pipeline: its parents inside, then the bind."""
    path = PurePosixPath(inside)
    if not path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or path.parts[1] in _OWN:
        raise Fault("sandbox", f"A container cannot show a folder at {inside}")
    if not host.exists():
        raise Fault("sandbox", f"The folder {host} for the container's {inside} is missing")
    facts = host.stat()
    if not facts.st_mode & (0o001 if stat.S_ISDIR(facts.st_mode) else 0o004):
        raise Fault("sandbox", f"The guest may not read {host}; give it mode 0755 (folder) or 0644 (file)")
    parents = [str(parent).lstrip("/") for parent in reversed(path.parents) if parent != PurePosixPath("/")]
    return [("folder", parent, "") for parent in parents] + [("bind", str(host.absolute()), inside.lstrip("/"))]


def _rules(view: View, folders: list[str]) -> list[tuple[str, str]]:
    """Landlock: read the view, write the scratch, execute only what the profile needs (r, w, x; d for devices).

    Static programs need no /proc, whose list of mounts names the host's folders behind the view; runtimes do.
    """
    system = [f"/{name}" for name in _SYSTEM if not Path("/", name).is_symlink()]
    scratch = [("w", "/work")] if view.work_writable else [("r", "/work"), ("w", "/work/.tmp")]
    rules = [*scratch, ("d", "/dev"), *(("w", inside) for inside in sorted(view.channels))]
    if view.profile == "native":
        return [*rules, *(("r", path) for path in (*system, "/etc", *folders)), ("x", "/program")]
    rules += [("r", "/"), *(("x", path) for path in system)]
    rules += [("x", inside) for inside in folders]
    return rules + ([("x", "/work")] if view.profile == "compiler" else [])


def _words(rows: list[tuple[str, str, str]] | list[tuple[str, str]]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for row in rows for word in row)
