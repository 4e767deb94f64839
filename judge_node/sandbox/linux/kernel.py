"""Questions to the kernel for which Python has no call."""

from __future__ import annotations

import ctypes

_LANDLOCK_CREATE_RULESET = 444  # the same number on every machine
_ASK_VERSION = 1


def landlock_version() -> int:
    """The Landlock ABI of this kernel; 0 where there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(
        ctypes.c_long(_LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(_ASK_VERSION)
    )
    return max(0, int(answer))
