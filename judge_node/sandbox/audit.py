"""Which layer stops which class of attack on this kernel: the table that an owner of a judge machine may ask for.

Each class is a bullet of the threat list, each entry a layer that stops it alone, with what this kernel gives for it.
The tests of left-out layers show the same one by one. A layer that this kernel lacks is not in a row; a row that
nothing is left in is an open door and says so.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judge_node.sandbox.linux import cgroup_v1, hierarchies, rootless
from judge_node.sandbox.linux.kernel import landlock_version

_LANDLOCK_NETWORK, _LANDLOCK_SCOPES = 4, 6


@dataclass(frozen=True, slots=True)
class KernelLayers:
    """What there is. `identities`: guests have ids of their own. `landlock` is its version, 0 for none; `groups` the version
    of control groups, 0 for none.
    """

    identities: bool
    landlock: int
    groups: int
    swap_bounded: bool
    files_in_memory_closed: bool
    namespaces: frozenset[str]
    machine: str


@dataclass(frozen=True, slots=True)
class Row:
    """One class of attacks and what stops it here, the layer that does it first in front. Empty: nothing does."""

    attack: str
    layers: tuple[str, ...]


def seen() -> KernelLayers:
    """Asks this kernel."""
    found = hierarchies.read()
    old = all(name in found.v1 for name in cgroup_v1.NEEDED)
    new = {"memory", "pids"} <= found.v2_controllers
    swap = (found.v1["memory"] / "memory.memsw.limit_in_bytes").exists() if old else new
    bounded = not rootless.here() or rootless.delegated()
    names = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup")
    return KernelLayers(
        identities=os.geteuid() == 0 and not rootless.here(),
        landlock=landlock_version(),
        groups=(1 if old else 2 if new else 0) if bounded else 0,
        swap_bounded=swap,
        files_in_memory_closed=Path("/proc/sys/vm/memfd_noexec").exists() and not rootless.here(),
        namespaces=frozenset(name for name in names if Path("/proc/self/ns", name).exists()),
        machine=platform.machine(),
    )


def table(kernel: KernelLayers) -> list[Row]:
    """The rows for this kernel, in the order of the threat list."""
    space, groups, landlock = _spaces(kernel), kernel.groups, kernel.landlock
    group = f"control group, version {groups}"
    memory = "memory and swap" if kernel.swap_bounded else "memory"
    sampled = "" if kernel.identities else "sampled"  # without root the judge counts for itself
    timed = f"CPU time of the {group}" if groups else sampled and "CPU time, sampled"
    filters = "system-call filter"
    other_table = "filter: other architectures end the program" + (
        " (int 0x80, x32)" if kernel.machine == "x86_64" else ""
    )
    identity = "own user and group ids without capabilities" if kernel.identities else ""
    rows = [
        ("bombs of processes and threads", f"{group}: number of processes" if groups else "", "limit of processes for each user"),
        ("processes that outlive the run", space("pid", "all of it is killed and reaped"), group if groups else ""),
        ("signals to, tracing of others", space("pid"), identity, f"{filters} (ptrace, process_vm_*)",
         f"Landlock {landlock}: signals" if landlock >= _LANDLOCK_SCOPES else ""),
        ("memory of every kind", f"{group}: {memory}" if groups else sampled and "memory sampled every 10 ms"),
        ("time: loops, sleepers, children", timed, "wall limit of the judge",
         "CPU limit of a process"),
        ("floods of output", "byte budget of the judge", "limit of a file's size", "size and number of files of the scratch"),
        ("files of the host, data of tests", space("mnt", "a root of its own, read-only"), identity,
         f"Landlock {landlock}: reads the view only" if landlock else ""),
        ("mounts, chroot, devices, handles", filters, identity, space("user", "no rights outside"), "nodev, nosuid, read-only"),
        ("programs of its own, set-uid programs", f"Landlock {landlock}: executes the program and its tools only" if landlock else "",
         "scratch without execution", "no_new_privs",
         "files in memory are not executed" if kernel.files_in_memory_closed else f"{filters}: no files in memory"),
        ("left for the next run", "a fresh scratch each run", space("ipc"), "one container a submission"),
        ("network: IP, netlink, packet, vsock", f"{filters}: no sockets", space("net", "no interface is up"),
         f"Landlock {landlock}: no TCP" if landlock >= _LANDLOCK_NETWORK else ""),
        ("UNIX sockets by path, abstract", f"{filters}: no sockets", space("mnt", "none in sight"), space("net"),
         f"Landlock {landlock}: abstract sockets" if landlock >= _LANDLOCK_SCOPES else ""),
        ("namespaces, setns", filters, "seen as absent by libraries (clone3)"),
        ("bpf, perf, io_uring, userfaultfd, keyrings", filters, identity),
        ("modules, kexec, reboot", f"{filters} ends the program", identity, space("user", "no rights outside")),
        ("calls past the filter", other_table, "calls younger than the tables are absent"),
        ("clock and host name", filters, identity, space("uts")),
        ("real-time scheduling, affinity, locked memory", filters, identity, "limits of a process"),
        ("System V and POSIX IPC", filters, space("ipc", "gone with the container")),
        ("compilers: includes, bombs, giants", "a container of their own", space("mnt", "a root of its own, read-only"),
         f"{group}: time, memory, processes" if groups else "", "size of the scratch"),
        ("forged verdicts", "no channel to the judge is open in a guest", "facts come from the kernel's counters"),
        ("validators of somebody's package", "guests like any other", "feedback is read without following links, bounded"),
    ]  # fmt: skip
    return [Row(attack, tuple(layer for layer in layers if layer)) for attack, *layers in rows]


def as_document(kernel: KernelLayers) -> dict[str, Any]:
    """The same for programs."""
    return {
        "landlock": kernel.landlock,
        "control_groups": kernel.groups,
        "attacks": [{"attack": row.attack, "stopped_by": list(row.layers)} for row in table(kernel)],
    }


def as_screen(kernel: KernelLayers) -> str:
    """The same for people: one row an attack, each further layer below the first."""
    rows = table(kernel)
    width = max(len(row.attack) for row in rows)
    lines = [f"{'What is tried':{width}}  What stops it on this kernel ({platform.system()} {platform.release()})"]
    for row in rows:
        layers = row.layers or ("NOTHING on this kernel: do not judge strangers' code here",)
        lines += [f"{row.attack if at == 0 else '':{width}}  {layer}" for at, layer in enumerate(layers)]
    return "\n".join(lines)


def _spaces(kernel: KernelLayers) -> Callable[..., str]:
    names = {"pid": "process", "mnt": "mount", "net": "network", "ipc": "IPC", "uts": "host name", "user": "user"}

    def told(name: str, what: str = "") -> str:
        if name not in kernel.namespaces:
            return ""
        return f"{names[name]} namespace" + (f": {what}" if what else "")

    return told
