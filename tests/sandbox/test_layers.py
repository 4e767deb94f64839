"""The layers one by one, asked of the running kernel: filters call by call, ids, who is ended first."""

from __future__ import annotations

import errno
import platform
import signal
from itertools import pairwise

import pytest

pytest.importorskip("pyseccomp", reason="libseccomp compiles the filters and is missing", exc_type=Exception)

import pyseccomp

from judge_node.sandbox.linux import seccomp
from judge_node.sandbox.linux.slots import FIRST_ID, IDS_PER_BOX
from sandbox.workbench import Bench, guest, limits, shell

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64"),
]

# uretprobe and uprobe: newer kernels never show them to a filter, and end by SIGILL whoever calls them without a probe.
PAST_EVERY_FILTER = {335, 336}


def number(name: str) -> int:
    """A call's number; negative where this machine does not have the call."""
    return int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name))


@pytest.mark.parametrize(
    ("table", "answer"),
    [
        (seccomp.ABSENT, errno.ENOSYS),
        (seccomp.FORBIDDEN, errno.EPERM),
        (seccomp.UNREACHABLE, errno.EACCES),
        (tuple(str(young) for young in range(450, 512)), errno.ENOSYS),
    ],
    ids=["absent", "forbidden", "unreachable", "younger"],
)
@pytest.mark.parametrize("profile", ["runtime", "compiler"])
def test_each_listed_call_is_refused(bench: Bench, profile: str, table: tuple[str, ...], answer: int) -> None:
    """io_uring, user namespaces, ptrace, bpf, keyrings, sockets and all the others get exactly the answer of their table."""
    numbers = [int(name) if name.isdigit() else number(name) for name in table]
    asked = [one for one in numbers if one >= 0]
    facts = bench.box(profile).run(guest("calls", *asked), limits())
    assert facts.exit_code == 0, facts
    assert facts.stdout_head.decode().split() == [f"{one}:{answer}" for one in asked]
    assert len(asked) > len(table) / 2


@pytest.mark.parametrize("name", [name for name in seccomp.KILLED if number(name) >= 0])
def test_calls_of_no_honest_program_end_it(bench: Bench, name: str) -> None:
    """Loading kernels or modules and rebooting end the program at once."""
    assert bench.box().run(guest("calls", number(name)), limits()).signal == signal.SIGSYS


def test_the_strict_profile_ends_all_other_calls(bench: Bench) -> None:
    """Each of the 450 calls that the strict list does not name ends a native program; the named refusals are refusals."""
    box = bench.box("native")
    known = {number(name) for name in seccomp.NATIVE} | {number("clone")} | PAST_EVERY_FILTER
    refused = {number(name): value for value, names in seccomp.NATIVE_REFUSED.items() for name in names}
    for one in sorted(set(range(450)) - known):
        facts = box.run(guest("calls", one), limits())
        if one in refused:
            assert facts.stdout_head.decode().split() == [f"{one}:{refused[one]}"]
        else:
            assert facts.signal == signal.SIGSYS, one


def test_containers_that_live_together_share_no_id(bench: Bench) -> None:
    """Two containers of one slot have different ids of this machine, so that no guest may signal or read the other's."""
    seen = []
    for box in [bench.box() for _ in range(3)]:
        facts = box.run(shell("cat /proc/self/uid_map /proc/self/gid_map"), limits())
        seen.append([int(word) for word in facts.stdout_head.split()])
    starts = sorted(row[1] for row in seen)
    assert all(row[:3] == row[3:] == [0, row[1], IDS_PER_BOX] for row in seen)
    assert starts[0] >= FIRST_ID
    assert all(later - earlier >= IDS_PER_BOX for earlier, later in pairwise(starts))


def test_a_guest_is_the_first_to_go(bench: Bench) -> None:
    """When memory runs out the kernel takes a guest before init, and no guest can change that."""
    line = "cat /proc/self/oom_score_adj; echo 0 > /proc/self/oom_score_adj || echo refused"
    assert bench.box().run(shell(line), limits()).stdout_head == b"1000\nrefused\n"
