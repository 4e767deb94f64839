"""Where the C core and the comparator are, and whether they may be trusted."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from pathlib import Path

from app.core.errors import Fault

CORE = "contestbox-core"
COMPARE = "contestbox-compare"
_vouched: set[Path] = set()


def libexec() -> Path:
    """The folder of the built programs: CONTESTBOX_LIBEXEC, or libexec/contestbox below the Python environment."""
    chosen = os.environ.get("CONTESTBOX_LIBEXEC")
    return Path(chosen) if chosen else Path(sys.prefix) / "libexec" / "contestbox"


def path_of(name: str) -> Path:
    """Absolute path of a built program (CORE or COMPARE). Raises Fault("sandbox", …) where it is missing or others may
    write it or a folder above it: whoever can replace the core is root on this machine.
    """
    path = (libexec() / name).absolute()
    if not path.is_file():
        raise Fault(
            "sandbox", f"The sandbox's core {path} is not built; run {build_command()} {shlex.quote(sys.prefix)}"
        )
    real = path.resolve()
    if real in _vouched:
        return real
    for part in (real, *real.parents):
        problem = _danger(part)
        if problem:
            raise Fault("sandbox", f"The sandbox's core is not used: {problem}; run chmod go-w {part}")
    return real


def build_command() -> str:
    """What builds the core into a Python environment whose path follows: by its whole path in a checkout."""
    script = Path(__file__).resolve().parents[3] / "installers" / "core.sh"
    return f"sh {shlex.quote(str(script)) if script.exists() else 'installers/core.sh'}"


def vouch(name: str) -> None:
    """Checks a program for good: in a user namespace the owners of files can't be told apart any more. Raises Fault."""
    _vouched.add(path_of(name))


def open_core() -> int:
    """A descriptor of the trusted core, to be executed by descriptor, so that a later exchange of the file changes nothing."""
    return os.open(path_of(CORE), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)


def same_core(core: int, seen: os.stat_result) -> None:
    """Raises Fault where the core that is open as `core` is not as it was `seen` when it was opened: written to, or opened to others,
    by whom ever; what was born of it before is trusted.
    """
    now = os.fstat(core)
    if any(
        getattr(now, name) != getattr(seen, name) for name in ("st_mode", "st_uid", "st_gid", "st_size", "st_mtime_ns")
    ):
        raise Fault(
            "sandbox",
            "The sandbox's core was changed, or opened to others, while it was in use; it is not used any more.",
        )


def _danger(part: Path) -> str:
    """Why others may replace this file or folder, or "". Sticky folders of root (/tmp) let nobody rename others' files.

    Whoever became root by sudo to start us may own the checkout: they gain nothing by changing it. Their private group
    (same number, no other member) counts as themselves.
    """
    facts = part.lstat()
    if facts.st_uid not in {0, os.geteuid(), _before_sudo()}:
        return f"{part} belongs to another user"
    sticky = stat.S_ISDIR(facts.st_mode) and facts.st_mode & stat.S_ISVTX and facts.st_uid == 0
    private_group = facts.st_uid == facts.st_gid != 0
    if facts.st_mode & (0o002 if private_group else 0o022) and not sticky:
        return f"{part} is writable by others"
    return ""


def _before_sudo() -> int:
    """Who called sudo, as root's own environment tells; root where nobody did."""
    return int(os.environ.get("SUDO_UID", "0")) if os.geteuid() == 0 else os.geteuid()
