"""The sandbox without root: this process becomes root of a user namespace of its own, in which nothing else has a right.

Guarantees: every namespace, the view, Landlock and the filters as under root. What the kernel gives to nobody but root is
missing: user ids of their own for guests (they have the judge's), giving up supplementary groups, and control groups,
unless systemd has delegated one (version 2). `weaker` says which; whoever shows a result shows that too.

Needs user namespaces for everybody. Where the system closes them, `enter` is a Fault that names the switch. It has to be
called before the first thread: the kernel lets only a process with one thread change its namespace.

The owner of files: inside, everybody but us looks like nobody. So the C programs are checked before (binary.vouch).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from pathlib import Path

from app.core.errors import Fault
from judge_node.called import called
from judge_node.sandbox.core.binary import COMPARE, CORE, vouch
from judge_node.sandbox.linux import cgroup_v2, hierarchies

_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_ALL_IDS = 2**31
_CHUNK = 1024 * 1024
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_DEBIAN = Path("/proc/sys/kernel/unprivileged_userns_clone")


def here() -> bool:
    """Whether this process is root of a user namespace with few ids, however it got there."""
    first, _, count = Path("/proc/self/uid_map").read_text().split()[:3]
    return os.geteuid() == 0 and (first != "0" or int(count) < _ALL_IDS)


def enter() -> None:
    """Becomes root of a namespace where this process is nobody's root; nothing to do where it is somebody's. Raises Fault."""
    if os.geteuid() == 0:
        return
    for program in (CORE, COMPARE):
        vouch(program)
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(ctypes.c_int(_NEW_USER | _NEW_MOUNTS)) != 0:
        raise _closed(ctypes.get_errno())
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    except OSError as error:
        raise _closed(error.errno or errno.EPERM) from error


def user() -> int:
    """Our user id outside of the namespace that we may be in."""
    return int(Path("/proc/self/uid_map").read_text().split()[1]) if here() else os.geteuid()


def delegated() -> bool:
    """Whether a control group of version 2 with memory and processes is ours to divide."""
    found = hierarchies.read()
    if found.v2 is None or found.v2 == found.v2_root or "memory" in found.v1:
        return False
    place = found.v2.parent if found.v2.name == "node" else found.v2
    try:
        offered = set((place / "cgroup.controllers").read_text().split())
    except OSError:
        return False
    ours = cgroup_v2.is_delegated(place) and os.access(place / "cgroup.subtree_control", os.W_OK)
    return ours and {"memory", "pids"} <= offered


def sealed_copy(source: int) -> int:
    """A copy in memory of a file, never to be changed, at its beginning; closes `source`. Raises OSError."""
    copy = os.memfd_create("input", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        while os.sendfile(copy, source, None, _CHUNK):
            continue
        os.lseek(copy, 0, os.SEEK_SET)
        fcntl.fcntl(
            copy, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        )
    except OSError:
        os.close(copy)
        raise
    finally:
        os.close(source)
    return copy


def weaker() -> tuple[str, ...]:
    """What this process cannot promise about its guests, as sentences; nothing where it is the machine's root."""
    if not here():
        return ()
    told = ["Programs run under the judge's own user id: the namespaces alone keep them from its files and processes."]
    if len(os.getgroups()) > 1:
        told.append("Programs keep the supplementary groups of the judge's user.")
    if not delegated():
        told += [
            "Memory is measured by sampling, every 10 ms: short peaks, unmapped files and the kernel's buffers are not seen.",
            "CPU time is added up from ended processes and samples: a child that ends unseen may not be counted.",
            "Processes are bounded by a limit of the user instead of a group of each run.",
        ]
    return tuple(told)


def _closed(number: int) -> Fault:
    if _reads(_APPARMOR) == "1":
        way = "AppArmor closes them; sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 opens them"
    elif _reads(_DEBIAN) == "0":
        way = "sudo sysctl kernel.unprivileged_userns_clone=1 opens them"
    elif _reads(Path("/proc/sys/user/max_user_namespaces")) == "0":
        way = "sudo sysctl user.max_user_namespaces=10000 opens them"
    else:
        way = f"run the judge as root («{called('run', as_root=True)}»)"
    return Fault("sandbox", f"User namespaces are closed to this user ({os.strerror(number)}): {way}")


def _reads(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
