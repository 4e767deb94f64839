"""The filters as data: what is refused is refused to guests, and init keeps what it needs."""

from __future__ import annotations

import errno
import os
import platform
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("pyseccomp", reason="libseccomp compiles the filters and is missing", exc_type=Exception)

from judge_node.sandbox.linux import seccomp

X86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")
ARCH = 0xC000003E
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBERS = {
    "read": 0, "write": 1, "socket": 41, "clone": 56, "fork": 57, "execve": 59, "mount": 165, "setresuid": 117,
    "ptrace": 101, "kexec_load": 246, "clone3": 435, "bpf": 321, "landlock_restrict_self": 446, "ioctl": 16, "socketpair": 53,
}  # fmt: skip


def answer(program: bytes, number: int, *arguments: int, arch: int = ARCH) -> int:
    """What the kernel would answer: a small interpreter of classic BPF over seccomp's data."""
    data = struct.pack("<iIQ6Q", number, arch, 0, *(list(arguments) + [0] * 6)[:6])
    code = list(struct.iter_unpack("<HBBI", program))
    at, accumulator = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        kind = operation & 7
        if kind == 0:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif kind == 4:
            accumulator &= value
            assert operation & 0xF0 == 0x50, "only AND is used"
        elif kind == 5 and operation & 0xF0 == 0:
            at += value
        elif kind == 5:
            test = {0x10: accumulator == value, 0x20: accumulator > value, 0x30: accumulator >= value,
                    0x40: bool(accumulator & value)}[operation & 0xF0]  # fmt: skip
            at += yes if test else no
        else:
            return value


def refused(number: int) -> int:
    return 0x00050000 | number


@X86
def test_guests_are_refused_what_the_tables_say() -> None:
    """For a guest the two filters together refuse each listed call with the listed answer."""
    filters = seccomp.filters("runtime")
    for name, expected in {
        "socket": refused(errno.EACCES), "mount": refused(errno.EPERM), "setresuid": refused(errno.EPERM),
        "ptrace": refused(errno.EPERM), "bpf": refused(errno.EPERM), "clone3": refused(errno.ENOSYS),
        "landlock_restrict_self": refused(errno.ENOSYS), "kexec_load": KILL,
    }.items():  # fmt: skip
        assert expected in {answer(part, NUMBERS[name]) for part in (filters.init, filters.guest)}, name


@X86
@pytest.mark.parametrize("name", ["mount", "setresuid", "clone3", "landlock_restrict_self"])
def test_init_keeps_what_it_needs(name: str) -> None:
    """Init can renew a scratch, change its child's ids and clone it; only the second filter refuses that."""
    filters = seccomp.filters("runtime")
    assert answer(filters.init, NUMBERS[name]) == ALLOW
    assert answer(filters.guest, NUMBERS[name]) != ALLOW


@X86
@pytest.mark.parametrize("profile", ["runtime", "native", "compiler"])
@pytest.mark.parametrize("name", ["mount", "setresuid", "clone", "clone3", "landlock_restrict_self"])
def test_only_the_whole_secret_opens_the_way(profile: str, name: str) -> None:
    """Init passes with its word in the sixth argument; half of it, a bit less or the word in another place is as good as nothing."""
    filters = seccomp.filters(profile)
    secret, flags = filters.secret, 17 if name == "clone" else 0
    assert secret >> 32, "a word that is short is guessed"
    assert {answer(part, NUMBERS[name], flags, 0, 0, 0, 0, secret) for part in (filters.init, filters.guest)} == {ALLOW}
    if (profile, name) in {("runtime", "clone"), ("compiler", "clone")}:
        return  # may make processes anyway
    for wrong in (0, secret ^ 1, secret ^ 1 << 63, secret & 0xFFFFFFFF, secret >> 32 << 32):
        assert answer(filters.guest, NUMBERS[name], flags, 0, 0, 0, 0, wrong) != ALLOW
    assert answer(filters.guest, NUMBERS[name], flags, secret & ~0x10000, secret, secret, secret, 0) != ALLOW


@X86
@pytest.mark.parametrize("profile", ["runtime", "native", "compiler"])
def test_other_call_tables_end_the_program(profile: str) -> None:
    """A call by the 32-bit table or with an x32 number kills the process in every profile."""
    for part in (seccomp.filters(profile).init, seccomp.filters(profile).guest):
        assert answer(part, 20, arch=0x40000003) == KILL
        assert answer(part, 0x40000000 | 39) == KILL


@X86
@pytest.mark.parametrize("bit", [0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000])
def test_no_clone_makes_a_namespace(bit: int) -> None:
    """Each namespace flag of clone is refused, alone and among others; plain processes and threads are not."""
    program = seccomp.filters("runtime").init
    assert answer(program, NUMBERS["clone"], bit | 17) == refused(errno.EPERM)
    assert answer(program, NUMBERS["clone"], 0x7E020000) == refused(errno.EPERM)
    assert answer(program, NUMBERS["clone"], 17) == ALLOW
    assert answer(program, NUMBERS["clone"], 0x3D0F00) == ALLOW


@X86
def test_calls_younger_than_the_tables_do_not_exist() -> None:
    """A kernel newer than this list offers guests nothing new."""
    program = seccomp.filters("runtime").init
    assert {answer(program, number) for number in range(450, 512)} == {refused(errno.ENOSYS)}


@X86
def test_arguments_are_looked_at() -> None:
    """Terminal injection and socket pairs of other families are refused; ordinary uses are not."""
    program = seccomp.filters("runtime").init
    assert answer(program, NUMBERS["ioctl"], 0, 0x5412) == refused(errno.EPERM)
    assert answer(program, NUMBERS["ioctl"], 0, (1 << 32) | 0x5412) == refused(errno.EPERM)
    assert answer(program, NUMBERS["ioctl"], 0, 0x5401) == ALLOW
    assert answer(program, NUMBERS["socketpair"], 2) == refused(errno.EAFNOSUPPORT)
    assert answer(program, NUMBERS["socketpair"], 1) == ALLOW


@X86
def test_the_strict_list_is_short() -> None:
    """A native program may make threads but no process, start nothing and open no socket; what is unknown kills it."""
    program = seccomp.filters("native").guest
    assert answer(program, NUMBERS["clone"], 0x3D0F00) == ALLOW
    assert answer(program, NUMBERS["clone"], 17) == refused(errno.EPERM)
    assert answer(program, NUMBERS["fork"]) == refused(errno.EPERM)
    assert answer(program, NUMBERS["socket"]) == refused(errno.EACCES)
    assert answer(program, NUMBERS["ptrace"]) == KILL
    assert answer(program, NUMBERS["read"]) == ALLOW


def test_no_call_stands_in_two_tables() -> None:
    """A call has one answer; a name in two tables would make it depend on their order."""
    tables = (seccomp.KILLED, seccomp.ABSENT, seccomp.FORBIDDEN, seccomp.UNREACHABLE)
    names = [name for table in tables for name in table]
    assert len(names) == len(set(names))
    assert set(seccomp.NEEDED_BY_INIT) <= set(names)
    refused_or_allowed = [*seccomp.NATIVE, *(name for part in seccomp.NATIVE_REFUSED.values() for name in part)]
    assert len(refused_or_allowed) == len(set(refused_or_allowed))


def test_slots_that_begin_at_the_same_moment_share_one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them gets programs that know the word that init will say, however their threads take turns."""
    drawn, urandom = threading.Semaphore(0), os.urandom

    def slow(count: int) -> bytes:
        drawn.release()
        threading.Event().wait(0.05)  # so that the others come while one draws
        return urandom(count)

    for kept in (seccomp._filters, seccomp._compiled, seccomp._secret):
        kept.cache_clear()
    monkeypatch.setattr(os, "urandom", slow)
    with ThreadPoolExecutor(6) as slots:
        found = list(slots.map(seccomp.filters, ("runtime", "native", "compiler") * 2))
    assert drawn.acquire(blocking=False)
    assert len({one.secret for one in found}) == 1
    assert not drawn.acquire(blocking=False), "drawn once"
