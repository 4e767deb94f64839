"""Questions to the kernel for which Python has no call."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_LANDLOCK_CREATE_RULESET = 444  # the same number on every machine
_ASK_VERSION = 1
_OPEN_TREE = 428
_CLONE, _CLOEXEC, _RECURSIVE = 1, os.O_CLOEXEC, 0x8000
_HERE = -100


def landlock_version() -> int:
    """The Landlock ABI of this kernel; 0 where there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(
        ctypes.c_long(_LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(_ASK_VERSION)
    )
    return max(0, int(answer))


def clone_of(folder: Path) -> int:
    """A descriptor of a detached copy of the mounts at and below a folder, to be attached elsewhere. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = ctypes.c_uint(_CLONE | _CLOEXEC | _RECURSIVE)
    fd = int(libc.syscall(ctypes.c_long(_OPEN_TREE), ctypes.c_int(_HERE), os.fsencode(folder), flags))
    if fd < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(folder))
    return fd
