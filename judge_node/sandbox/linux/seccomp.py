"""The system-call filters: what is refused to whom, as tables, compiled once into BPF by libseccomp.

Two filters hold a guest; init loads both once and every guest inherits them for nothing. The first refuses what nobody in a
container needs. The second refuses also what init needs (mounts to renew the scratch, ids for its child, Landlock,
clone3), or is the strict list for native programs; it lets init pass, which shows a secret in the sixth argument, one
that none of these calls has. Loaded by each child instead, the second cost 25 to 50 us a run. The kernel asks both
and the harder answer wins.
"""

from __future__ import annotations

import errno
import os
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from app.core.errors import Fault
from judge_node.sandbox.linux import rootless


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# No honest program calls these: the process ends with SIGSYS.
KILLED = _names(
    "kexec_load kexec_file_load init_module finit_module delete_module create_module get_kernel_syms query_module"
    " reboot uselib _sysctl nfsservctl"
)

# Libraries probe for these and fall back on the old way only when the answer is ENOSYS.
ABSENT = _names(
    "clone3 io_uring_setup io_uring_enter io_uring_register userfaultfd openat2 pidfd_getfd memfd_secret"
    " landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp fanotify_init fanotify_mark mount_setattr"
    " open_tree move_mount fsopen fsconfig fsmount fspick process_madvise process_mrelease futex_waitv quotactl_fd"
    " io_setup io_destroy io_submit io_getevents io_pgetevents io_cancel"
)

# Done for nothing and well: on a guest's own files, which are memory, they have no effect, on the machine's they would make others wait
# for its disk or read a toolchain from it once more.
WITHOUT_EFFECT = _names("sync syncfs fsync fdatasync sync_file_range msync fadvise64")

# Would fail anyway without rights, or keeps something alive beyond the run: the surface is removed.
FORBIDDEN = _names(
    "unshare setns mount umount umount2 pivot_root chroot ptrace process_vm_readv process_vm_writev kcmp bpf"
    " perf_event_open add_key request_key keyctl name_to_handle_at open_by_handle_at personality modify_ldt acct swapon"
    " swapoff quotactl sethostname setdomainname settimeofday clock_settime stime adjtimex clock_adjtime vhangup syslog"
    " mknod mknodat mlock mlock2 mlockall mbind set_mempolicy migrate_pages move_pages iopl ioperm"
    " msgget msgsnd msgrcv msgctl semget semop semtimedop semctl shmget shmat shmdt shmctl"
    " mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr inotify_init inotify_init1"
    " inotify_add_watch inotify_rm_watch vmsplice ioprio_set setpriority sched_setattr sched_setaffinity"
    " setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset timer_create"
    " setxattr lsetxattr fsetxattr lookup_dcookie execveat"
)

# Name look-ups through nscd fail softly on this answer; there is no network to reach anyway.
UNREACHABLE = _names("socket connect bind listen accept accept4 sendmmsg recvmmsg")

# What init itself still needs after its own filter is on; refused to guests by the second filter.
NEEDED_BY_INIT = _names(
    "mount umount2 setresuid setresgid setfsuid setfsgid setgroups clone3 capset landlock_create_ruleset landlock_add_rule"
    " landlock_restrict_self"
)

# Strict list for static native programs.
NATIVE = _names(
    "arch_prctl brk execve getrandom lseek mprotect newfstatat fstat stat lstat statx prlimit64 getrlimit read readv"
    " pread64 preadv readlink readlinkat rseq set_robust_list get_robust_list set_tid_address write writev pwrite64"
    " exit exit_group mmap munmap mremap madvise futex rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend"
    " restart_syscall sigaltstack"
    " clock_gettime clock_getres gettimeofday time getpid getppid gettid getuid geteuid getgid getegid tgkill tkill kill"
    " getrusage times sysinfo uname getcpu sched_yield sched_getaffinity nanosleep clock_nanosleep ioctl fcntl dup dup2"
    " dup3 poll ppoll select pselect6 open openat close access faccessat faccessat2 getcwd ftruncate fsync alarm"
    " setitimer getitimer unlink unlinkat umask pipe pipe2 wait4 waitid getdents64 prctl membarrier fadvise64"
)

# What init and its child before execve call beyond the strict list, all with the secret.
INIT_BEYOND_NATIVE = _names(
    "recvmsg sendmsg sendto mount umount2 setresuid setresgid setfsuid setfsgid setpgid chdir mkdirat close_range statfs"
    " landlock_create_ruleset landlock_add_rule landlock_restrict_self"
)

# What ordinary library functions (system, popen, thread start) try: they see a refusal instead of a killed process.
NATIVE_REFUSED = {
    errno.EPERM: ["fork", "vfork", "execveat"],
    errno.ENOSYS: ["clone3"],
    errno.EACCES: ["socket", "socketpair"],
}

_NEW_NAMESPACES = 0x7E020000
_CLONE_NEWTIME = 0x80
_CLONE_THREAD = 0x10000
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_AF_UNIX = 1
_PROCESS_SWITCHES = (
    62,
    67,
)  # PR_SCHED_CORE keeps others off a core, PR_SET_MEMORY_MERGE lets pages of others be told from ours
_LEASES = (1024, 1026)  # F_SETLEASE makes others wait who open a file, F_NOTIFY watches a folder
_AS_TREE = 2
# Before 6.3 a file in memory can always be executed, past Landlock; from then on init switches that off (see the C core), which it
# may not everywhere without root.
_MEMFD_SWITCH = Path("/proc/sys/vm/memfd_noexec")
# Calls younger than these tables, refused by number: since 5.0 they have the same number on every machine.
_YOUNGER = range(450, 512)


@dataclass(frozen=True, slots=True)
class Filters:
    """BPF programs (8 bytes an instruction) for init and for its guests."""

    init: bytes
    guest: bytes
    secret: int = 0


_ALLOW = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)
ALLOW_EVERYTHING = Filters(_ALLOW, _ALLOW)  # one return; only tests of other layers


# Two slots that begin at the same moment would each draw a secret, and one would get programs made for the other's.
_ONE_AT_A_TIME = threading.Lock()


def filters(profile: str) -> Filters:
    """The two programs of a profile: "runtime", "native" or "compiler". Any thread. Raises Fault where libseccomp is missing."""
    with _ONE_AT_A_TIME:
        return _filters(profile)


@lru_cache(maxsize=8)
def _filters(profile: str) -> Filters:
    return Filters(_compiled("init"), _compiled("native" if profile == "native" else "rest"), _secret())


@cache
def _secret() -> int:
    """Init's word, of this process's containers: no guest of theirs can read it, and no other judge has the same."""
    return int.from_bytes(os.urandom(8), "little") | 1


@lru_cache(maxsize=4)
def _compiled(which: str) -> bytes:
    # Imported here: the library is searched with ldconfig at import, 15 ms and a process.
    try:
        import pyseccomp as kernel
    except (ImportError, RuntimeError, OSError) as error:
        raise Fault("sandbox", "libseccomp is missing; run apt-get install libseccomp2") from error
    program = kernel.SyscallFilter(kernel.KILL_PROCESS if which == "native" else kernel.ALLOW)
    program.set_attr(kernel.Attr.ACT_BADARCH, kernel.KILL_PROCESS)
    # As a tree: the kernel asks the program once for every call's number when it is loaded, for each native run.
    program.set_attr(kernel.Attr.CTL_OPTIMIZE, _AS_TREE)
    if which == "native":
        _native(kernel, program)
    else:
        _denied(kernel, program, for_init=which == "init")
    target = os.memfd_create("filter", os.MFD_CLOEXEC)
    with os.fdopen(target, "r+b") as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()


def _denied(kernel, program, *, for_init: bool) -> None:  # type: ignore[no-untyped-def]
    table: Mapping[int, Sequence[str]] = {
        kernel.KILL_PROCESS: KILLED,
        kernel.ERRNO(errno.ENOSYS): ABSENT,
        kernel.ERRNO(errno.EPERM): FORBIDDEN,
        kernel.ERRNO(errno.EACCES): UNREACHABLE,
        kernel.ERRNO(0): WITHOUT_EFFECT,
    }
    for action, names in table.items():
        for name in names:
            if for_init and name not in NEEDED_BY_INIT:
                _add(kernel, program, action, name)
            elif not for_init and name in NEEDED_BY_INIT:
                _add(kernel, program, action, name, _secret_is(kernel, kernel.NE))
    if not for_init:
        if rootless.here() or not _MEMFD_SWITCH.exists():
            _add(kernel, program, kernel.ERRNO(errno.ENOSYS), "memfd_create")
        return
    refused = kernel.ERRNO(errno.EPERM)
    for bit in (1 << n for n in range(32) if (_NEW_NAMESPACES | _CLONE_NEWTIME) >> n & 1):
        if bit != _CLONE_NEWTIME:  # in clone this bit is part of the exit signal's byte
            _add(kernel, program, refused, "clone", kernel.Arg(0, kernel.MASKED_EQ, bit, bit))
    for request in _TERMINAL_INJECTION:
        _add(kernel, program, refused, "ioctl", kernel.Arg(1, kernel.MASKED_EQ, 0xFFFFFFFF, request))
    _add(kernel, program, kernel.ERRNO(errno.EAFNOSUPPORT), "socketpair", kernel.Arg(0, kernel.NE, _AF_UNIX))
    for command in _LEASES:
        _add(kernel, program, refused, "fcntl", kernel.Arg(1, kernel.MASKED_EQ, 0xFFFFFFFF, command))
    for switch in _PROCESS_SWITCHES:
        _add(kernel, program, refused, "prctl", kernel.Arg(0, kernel.MASKED_EQ, 0xFFFFFFFF, switch))
    # Limits of others, which include init where there is but one user id.
    _add(kernel, program, refused, "prlimit64", kernel.Arg(0, kernel.NE, 0))
    for number in _YOUNGER:
        program.add_rule(kernel.ERRNO(errno.ENOSYS), number)


def _native(kernel, program) -> None:  # type: ignore[no-untyped-def]
    for name in NATIVE:
        own_only = [kernel.Arg(0, kernel.EQ, 0)] if name == "prlimit64" else []
        _add(kernel, program, kernel.ALLOW, name, *own_only)
    _add(kernel, program, kernel.ERRNO(errno.EPERM), "prlimit64", kernel.Arg(0, kernel.NE, 0))
    for number, names in NATIVE_REFUSED.items():
        for name in names:
            if name == "clone3":
                _add(kernel, program, kernel.ERRNO(number), name, _secret_is(kernel, kernel.NE))
                _add(kernel, program, kernel.ALLOW, name, _secret_is(kernel, kernel.EQ))
            else:
                _add(kernel, program, kernel.ERRNO(number), name)
    _add(kernel, program, kernel.ALLOW, "clone", kernel.Arg(0, kernel.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    no_thread = kernel.Arg(0, kernel.MASKED_EQ, _CLONE_THREAD, 0)
    _add(kernel, program, kernel.ERRNO(errno.EPERM), "clone", no_thread, _secret_is(kernel, kernel.NE))
    _add(kernel, program, kernel.ALLOW, "clone", no_thread, _secret_is(kernel, kernel.EQ))
    for name in INIT_BEYOND_NATIVE:
        _add(kernel, program, kernel.ALLOW, name, _secret_is(kernel, kernel.EQ))


def _secret_is(kernel: Any, how: int) -> Any:
    return kernel.Arg(5, how, _secret())


def _add(kernel, program, action: int, name: str, *arguments: object) -> None:  # type: ignore[no-untyped-def]
    """Adds one rule; a call that this machine's architecture or library does not know has nothing to refuse."""
    number = kernel.resolve_syscall(kernel.Arch.NATIVE, name)
    if number >= 0:
        program.add_rule(action, number, *arguments)
