"""The layers of the sandbox that a test may leave out, one at a time, to see that the others hold what they claim.

No command, setting or message of the server leads here: only `open_sandbox(without=…)` does, which no code of ours calls
with anything but the empty set. A test holds that.
"""

from __future__ import annotations

from enum import StrEnum

from judge_node.sandbox.linux.view import GUEST_ID

_EVERYTHING_BYTES = 1 << 46
_EVERY_PROCESS = 1_000_000


class Layer(StrEnum):
    """What can be left out."""

    SYSTEM_CALLS = "system calls"
    LANDLOCK = "Landlock"
    LIMITS = "limits of a process"
    MEMORY = "memory group"
    PROCESSES = "processes group"
    IDENTITY = "identity"
    NETWORK = "network namespace"
    IPC = "IPC namespace"


_IN_THE_CORE = {Layer.LANDLOCK: 1, Layer.NETWORK: 2, Layer.IPC: 4}  # as core/contestbox-core.c names them
NOTHING: frozenset[Layer] = frozenset()


def bits(without: frozenset[Layer]) -> int:
    """What the C core leaves out."""
    return sum(_IN_THE_CORE.get(layer, 0) for layer in without)


def guest_id(without: frozenset[Layer]) -> int:
    """The guest's id inside: without an identity of its own it is the container's root."""
    return 0 if Layer.IDENTITY in without else GUEST_ID


def memory_bytes(wanted: int, without: frozenset[Layer]) -> int:
    """The group's limit."""
    return _EVERYTHING_BYTES if Layer.MEMORY in without else wanted


def processes(wanted: int, without: frozenset[Layer]) -> int:
    """The group's limit."""
    return _EVERY_PROCESS if Layer.PROCESSES in without else wanted
