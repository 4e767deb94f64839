"""From what the kernel and init counted to the facts of a run, and from limits to rlimits."""

from __future__ import annotations

import math
import os
import resource
import signal
from collections.abc import Mapping

from judge_node.sandbox.limits import RunLimits
from judge_node.sandbox.linux.cgroup import Readings
from judge_node.sandbox.linux.reply import Reply
from judge_node.sandbox.linux.streams import Given, Stream
from judge_node.sandbox.linux.watching import Ending
from judge_node.sandbox.outcome import Limit, Outcome

_DEFAULTS = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/work", "TMPDIR": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108
_RLIMIT_NICE_FROM_LINUX = 13  # neither has a name in Python's resource module
_RLIMIT_RTPRIO_FROM_LINUX = 14
_DESCRIPTORS = 1024
_SIGNALS = 1024
_NEAR = 0.98
_DISTURBED_PER_SECOND = 100  # involuntary switches: the scheduler's own tick on an idle core gives almost none
_DISTURBED_AT_LEAST = 20
_WAITED_SHARE = 0.1


def environment_for(own: Mapping[str, str]) -> dict[str, str]:
    """A guest's environment: a few fixed words, and the command's own over them; nothing of the node's."""
    return {**_DEFAULTS, **own}


def base_rlimits(limits: RunLimits, init_counts: bool = False) -> list[tuple[int, int]]:
    """The second wall behind the groups. The stack is as large as the memory, so that recursion ends as MLE. `init_counts`:
    guests have init's user id, and it counts as one of their processes.
    """
    return [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_STACK, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_NPROC, limits.processes + init_counts),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, _SIGNALS),
        (resource.RLIMIT_CPU, math.ceil(limits.cpu_stop_seconds) + 1),
        (_RLIMIT_NICE_FROM_LINUX, 0),
        (_RLIMIT_RTPRIO_FROM_LINUX, 0),
    ]


def outcome(
    reply: Reply,
    ending: Ending,
    readings: Readings,
    limits: RunLimits,
    out: Stream | Given,
    err: Stream | Given,
    *,
    counted_by_init: bool,
    file_bytes: int,
    sampled: bool = False,
) -> Outcome:
    """The facts of a run that ended. `file_bytes` is what it left in the scratch."""
    cpu_seconds = (max(reply.cpu_ns, readings.cpu_ns) if counted_by_init else readings.cpu_ns) / 1e9
    ended = os.waitstatus_to_exitcode(reply.status)
    code, killer = (ended, None) if ended >= 0 else (None, -ended)
    wall_seconds = reply.wall_ns / 1e9
    limit, written = None, out.count + err.count + file_bytes
    if killer is not None or cpu_seconds > limits.cpu_seconds or readings.oom_kills or written > limits.output_bytes:
        limit = _first_limit(ending, readings, limits, cpu_seconds, killer, written)
    elif ending.killed_for is not None:
        limit = ending.killed_for
    return Outcome(
        cpu_seconds, wall_seconds, readings.peak_bytes, code, killer, limit,
        readings.processes or max(1, min(reply.reaped, limits.processes)),
        out.count, err.count, out.head, err.head,
        ending.waited_seconds > _WAITED_SHARE * wall_seconds
        or reply.switches > max(_DISTURBED_AT_LEAST, _DISTURBED_PER_SECOND * wall_seconds),
        ending.stopped,
        "" if killer is None else _note(limit, killer, readings, limits),
        sampled,
    )  # fmt: skip


def _first_limit(
    ending: Ending, readings: Readings, limits: RunLimits, cpu_seconds: float, killer: int | None, written: int
) -> Limit | None:
    """SANDBOX.md section 10: the first sign that matches. CPU is decided on the number, whoever stopped the run."""
    if cpu_seconds > limits.cpu_seconds:
        return Limit.CPU
    if ending.killed_for is not None:
        return ending.killed_for
    if readings.oom_kills > 0:
        return Limit.MEMORY
    if killer == signal.SIGXFSZ:
        return Limit.FILE_SIZE
    return Limit.OUTPUT if written > limits.output_bytes else None


def _note(limit: Limit | None, killer: int, readings: Readings, limits: RunLimits) -> str:
    if killer == signal.SIGSYS:
        return "The program made a forbidden system call."
    if limit is None and readings.peak_bytes > _NEAR * limits.memory_bytes:
        return "The program's memory was within 2 % of its limit."
    return ""
