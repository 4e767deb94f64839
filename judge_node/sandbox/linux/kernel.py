"""Questions to the kernel for which Python has no call."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path

_LANDLOCK_CREATE_RULESET = 444  # the same number on every machine
_ASK_VERSION = 1
_OPEN_TREE = 428
_CLONE, _CLOEXEC, _RECURSIVE = 1, os.O_CLOEXEC, 0x8000
_HERE = -100
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_ATTRIBUTES = struct.Struct("<IIQiIQQQII")
_RESET_ON_FORK = 1
_SLICE_NS = 100_000


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


def be_prompt() -> bool:
    """Asks for a short time slice for this thread, not for its children: it works in moments and then waits, so on a busy machine
    it need not wait for the end of others' slices; it gets no more time than others. False where the kernel has no such slices
    (before 6.12).
    """
    number = _SCHED_SETATTR.get(platform.machine())
    if number is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = _ATTRIBUTES.pack(_ATTRIBUTES.size, 0, _RESET_ON_FORK, nice, 0, _SLICE_NS, 0, 0, 0, 0)
    return int(libc.syscall(ctypes.c_long(number), ctypes.c_int(0), wanted, ctypes.c_uint(0))) == 0
