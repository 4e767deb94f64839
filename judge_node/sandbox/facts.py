"""What this machine can enforce: one line a facility, with what follows and the single command that mends it.

Plain data for `contestbox-judge doctor` and for the node's greeting; nothing here is needed to run. A fact that cannot be
seen from here (other machines on the same processor, the host's swap of a virtual machine) is said to be unseen rather
than fine.
"""

from __future__ import annotations

import ctypes.util
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.core.errors import Fault
from judge_node.called import by_root, called, started_by_systemd
from judge_node.sandbox.core.binary import CORE, build_command, path_of
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.linux import cgroup_v1, hierarchies, rootless
from judge_node.sandbox.linux.box import open_sandbox
from judge_node.sandbox.linux.kernel import landlock_version

_OLDEST_KERNEL = (5, 14)
_LANDLOCK_COMPLETE = 6
_TRIAL_BYTES = 64 * MEBIBYTE


class State(StrEnum):
    """How far a facility can be relied on."""

    OK = "ok"
    WEAK = "weak"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Fact:
    """One facility. `consequence` says what follows for the judging, `command` what mends it ("" where nothing does)."""

    facility: str
    state: State
    consequence: str
    command: str = ""


def facts() -> list[Fact]:
    """All facts, the ones without which nothing can be judged first. A check that fails is a fact, never an exception."""
    checks: list[Callable[[], Fact]] = [
        _system, _root, _core, _libseccomp, _groups, _namespaces, _landlock, _swap, _overcommit, _cores, _clock,
    ]  # fmt: skip
    found = []
    for check in checks:
        try:
            found.append(check())
        except OSError as error:
            name = check.__name__.strip("_").replace("_", " ")
            found.append(Fact(name, State.WEAK, f"cannot be seen on this machine ({error.strerror})"))
    return [*found, _trial()] if can_judge(found) else found


def can_judge(found: list[Fact]) -> bool:
    """Whether nothing that is needed is missing."""
    return all(fact.state is not State.MISSING for fact in found)


def _trial() -> Fact:
    """The whole of it once: a container that runs /bin/true."""
    limits = RunLimits(cpu_seconds=2, wall_seconds=10, memory_bytes=_TRIAL_BYTES, processes=8)
    try:
        with open_sandbox() as sandbox:
            box = sandbox.container(View(), memory_bytes=_TRIAL_BYTES, processes=8)
            outcome = box.run(Command(["/bin/true"]), limits)
    except Fault as fault:
        return Fact("trial run", State.MISSING, fault.sentence)
    if outcome.exit_code != 0 or outcome.limit is not None:
        return Fact("trial run", State.MISSING, f"/bin/true did not end well in a container: {outcome}")
    return Fact("trial run", State.OK, f"a program ran in a container within {outcome.wall_seconds * 1000:.1f} ms")


def _system() -> Fact:
    if platform.system() != "Linux":
        return Fact("system", State.MISSING, f"{platform.system()} cannot judge; a judge node needs Linux")
    release = platform.release()
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    if numbers < _OLDEST_KERNEL:
        return Fact(
            "kernel",
            State.MISSING,
            f"Linux {release} is too old; 5.14 or later is needed",
            by_root("apt-get full-upgrade"),
        )
    if platform.machine() not in {"x86_64", "aarch64"}:
        return Fact("kernel", State.MISSING, f"{platform.machine()} is not supported; x86-64 and arm64 are")
    return Fact("kernel", State.OK, f"Linux {release} on {platform.machine()}")


def _root() -> Fact:
    if os.geteuid() != 0:
        try:
            rootless.enter()
        except (Fault, OSError) as error:
            sentence = error.sentence if isinstance(error, Fault) else str(error)
            return Fact("rights", State.MISSING, f"containers need root: {sentence}", called("doctor", as_root=True))
    if rootless.here():
        return Fact("rights", State.WEAK, f"no root. {' '.join(rootless.weaker())}", called("doctor", as_root=True))
    return Fact("rights", State.OK, "root")


def _core() -> Fact:
    try:
        return Fact("core", State.OK, str(path_of(CORE)))
    except Fault as fault:
        build = f"{build_command()} {shlex.quote(sys.prefix)}"
        return Fact("core", State.MISSING, fault.sentence, build if "not built" in fault.sentence else "")


def _libseccomp() -> Fact:
    if ctypes.util.find_library("seccomp"):
        return Fact("system call filters", State.OK, "libseccomp compiles them")
    return Fact(
        "system call filters", State.MISSING, "filters cannot be compiled", by_root("apt-get install libseccomp2")
    )


def _groups() -> Fact:
    if not rootless.here() or rootless.delegated():
        return _groups_of_ours()
    return Fact(
        "control groups",
        State.WEAK,
        "none are ours: memory and CPU time are sampled",
        started_by_systemd(for_a_user=True),
    )


def _groups_of_ours() -> Fact:
    seen = hierarchies.read()
    if "memory" in seen.v1:
        lacking = [name for name in cgroup_v1.NEEDED if name not in seen.v1]
        closed = [
            str(path) for name, path in seen.v1.items() if name in cgroup_v1.NEEDED and not os.access(path, os.W_OK)
        ]
        if lacking or closed:
            what = (
                f"controllers {', '.join(lacking)} are missing" if lacking else f"{', '.join(closed)} cannot be written"
            )
            return Fact("control groups", State.MISSING, what, started_by_systemd())
        if not (seen.v1["memory"] / "memory.memsw.limit_in_bytes").exists():
            return Fact("control groups", State.WEAK, "version 1 without swap accounting", by_root("swapoff -a"))
        return Fact("control groups", State.OK, "version 1: memory, processes, CPU time")
    if seen.v2_root is None or not {"memory", "pids"} <= seen.v2_controllers:
        return Fact("control groups", State.MISSING, "memory and processes cannot be bounded", started_by_systemd())
    if not rootless.here() and not os.access(seen.v2_root / "cgroup.procs", os.W_OK):
        return Fact("control groups", State.MISSING, f"{seen.v2_root} cannot be written", started_by_systemd())
    return Fact("control groups", State.OK, "version 2: memory, processes, CPU time")


def _namespaces() -> Fact:
    wanted = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup")
    lacking = [name for name in wanted if not Path("/proc/self/ns", name).exists()]
    if lacking:
        return Fact("namespaces", State.MISSING, f"the kernel has no {', '.join(lacking)} namespaces")
    allowed = Path("/proc/sys/user/max_user_namespaces")
    if allowed.exists() and int(allowed.read_text()) == 0:
        return Fact(
            "namespaces",
            State.MISSING,
            "user namespaces are switched off",
            by_root("sysctl user.max_user_namespaces=10000"),
        )
    return Fact("namespaces", State.OK, "user, pid, mount, network, IPC, UTS, cgroup")


def _landlock() -> Fact:
    version = landlock_version()
    if version == 0:
        return Fact(
            "Landlock", State.WEAK, "guests may start programs of the toolchain's folders; the other layers hold"
        )
    if version < _LANDLOCK_COMPLETE:
        return Fact("Landlock", State.OK, f"version {version}: files (later ones also bound sockets and signals)")
    return Fact("Landlock", State.OK, f"version {version}: files, sockets, signals")


def _swap() -> Fact:
    if len(Path("/proc/swaps").read_text().splitlines()) > 1:
        return Fact("swap", State.WEAK, "the judge itself may be swapped out: times get longer", by_root("swapoff -a"))
    return Fact("swap", State.OK, "none in use")


def _overcommit() -> Fact:
    if Path("/proc/sys/vm/overcommit_memory").read_text().strip() == "2":
        return Fact(
            "memory promises", State.WEAK, "big JVM heaps are refused", by_root("sysctl vm.overcommit_memory=0")
        )
    return Fact("memory promises", State.OK, "kept lazily, as runtimes expect")


def _cores() -> Fact:
    cores = len(os.sched_getaffinity(0))
    siblings = Path("/sys/devices/system/cpu/smt/active")
    if siblings.exists() and siblings.read_text().strip() == "1":
        consequence = f"{cores} processors, two a core: runs side by side slow each other"
        return Fact(
            "cores", State.WEAK, consequence, f"echo off | {by_root('tee /sys/devices/system/cpu/smt/control')}"
        )
    virtual = " (a virtual machine: what shares the real cores cannot be seen)" if _is_virtual() else ""
    return Fact("cores", State.OK, f"{cores}{virtual}")


def _is_virtual() -> bool:
    return " hypervisor " in f" {Path('/proc/cpuinfo').read_text().replace(chr(10), ' ')} "


def _clock() -> Fact:
    governors = {
        path.read_text().strip() for path in Path("/sys/devices/system/cpu").glob("cpu*/cpufreq/scaling_governor")
    }
    if not governors:
        return Fact("processor speed", State.WEAK, "cannot be seen here: times may change with heat and load")
    if governors != {"performance"}:
        mend = "cpupower frequency-set -g performance" if shutil.which("cpupower") else "apt-get install linux-cpupower"
        return Fact("processor speed", State.WEAK, f"changes with load ({', '.join(sorted(governors))})", by_root(mend))
    return Fact("processor speed", State.OK, "fixed governor: performance")
