"""How a person calls commands again, so that a line can be copied into a shell as it stands.

Ours by a name that the shell finds, else by the whole path; with sudo always by the path, since sudo has a PATH of its own, in which no
`.venv` is. What needs root has sudo before it where this process is nobody's root.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

PROGRAM = "contestbox-judge"


def called(*words: str, as_root: bool = False) -> str:
    """Our own command with these words, quoted. Commands lie beside the interpreter that runs this, in `.venv/bin` as a rule."""
    beside = Path(sys.executable).with_name(PROGRAM)
    found = shutil.which(PROGRAM)
    by_name = not as_root and found is not None and (not beside.exists() or beside.samefile(found))
    command = shlex.join([str(beside) if beside.exists() and not by_name else PROGRAM, *words])
    return by_root(command) if as_root else command


def by_root(command: str) -> str:
    """A command that only root may give."""
    return command if _is_root() else f"sudo {command}"


def started_by_systemd(*, for_a_user: bool = False) -> str:
    """The command that starts the node with control groups of its own."""
    run = called("run", as_root=True).removeprefix("sudo ")
    if for_a_user:
        return f"systemd-run --user --scope -p Delegate=yes {run}"
    return by_root(f"systemd-run --scope -p Delegate=yes {run}")


def _is_root() -> bool:
    """Whether this is the machine's root, or a container's, and not that of a namespace that a judge without root made for itself."""
    try:
        count = Path("/proc/self/uid_map").read_text(encoding="ascii").split()[2]
    except (OSError, IndexError):
        count = ""
    return os.geteuid() == 0 and count != "1"
