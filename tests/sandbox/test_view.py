"""Who the guest is and what it sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Fault
from judge_node.sandbox.interface import View
from judge_node.sandbox.limits import MEBIBYTE
from sandbox.workbench import Bench, guest, limits, python, shell

pytestmark = pytest.mark.root


def test_the_guest_has_no_rights(bench: Bench) -> None:
    """No capability in any set, no new privileges, filters on, an id that nobody has on the host."""
    facts = bench.box().run(shell("cat /proc/self/status"), limits())
    status = dict(line.split(":", 1) for line in facts.stdout_head.decode().splitlines() if ":" in line)
    assert {status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"
    assert status["Uid"].split() == ["1000"] * 4
    assert status["Groups"].strip() == ""


def test_the_guest_sees_only_its_own_processes(bench: Bench) -> None:
    """Neither the host's processes nor init appear in /proc."""
    facts = bench.box().run(
        python("import os; print([p for p in os.listdir('/proc') if p.isdigit()], os.getpid())"), limits()
    )
    listed, own = facts.stdout_head.decode().rsplit(" ", 1)
    assert listed == f"['{own.strip()}']"


def test_a_native_program_reads_no_proc(bench: Bench) -> None:
    """The list of mounts, which names the host's folders behind the view, is closed to static programs; data is not."""
    box = bench.box("native")
    for path, code in (("/proc/self/mountinfo", 1), ("/proc/self/status", 1), ("/etc/passwd", 0), ("/dev/zero", 0)):
        assert box.run(guest("can_read", path), limits()).exit_code == code, path


def test_there_is_no_network(bench: Bench) -> None:
    """No socket of any family but a private pair, and only a loopback interface that is down."""
    text = """
import socket
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, 40):
    try:
        socket.socket(family, socket.SOCK_STREAM)
        print("open", family)
    except OSError:
        pass
socket.socketpair()
print("done")
"""
    assert bench.box().run(python(text), limits()).stdout_head == b"done\n"


def test_the_hosts_files_are_not_there(bench: Bench, tmp_path: Path) -> None:
    """Homes, keys, the test's own folder, /sys and the real account file cannot be named."""
    (tmp_path / "canary").write_text("hidden")
    tried = [
        "/etc/shadow",
        "/root",
        "/home",
        "/sys",
        "/var",
        "/run",
        "/boot",
        str(tmp_path),
        "/proc/1/root",
        "/dev/mem",
    ]
    facts = bench.box().run(shell(f"ls -d {' '.join(tried)} 2>/dev/null; cat /etc/passwd | wc -l"), limits())
    assert facts.stdout_head == b"2\n"


def test_nothing_can_be_written_but_the_scratch(bench: Bench) -> None:
    """Every place outside /work refuses, each directory tried."""
    line = "for d in / /usr /etc /dev /program /proc /usr/lib /lib /etc/alternatives; do touch $d/x 2>/dev/null && echo $d; done"
    assert bench.box().run(shell(line), limits()).stdout_head == b""


def test_devices_are_the_harmless_ones(bench: Bench) -> None:
    """Only null, zero, full and the random sources are there, and they work."""
    facts = bench.box().run(shell("ls /dev; head -c 3 /dev/zero | wc -c; echo x > /dev/null && echo ok"), limits())
    names = set(facts.stdout_head.decode().split())
    assert names <= {"fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "urandom", "zero", "3", "ok"}
    assert {"3", "ok"} <= names


def test_a_pipeline_folder_is_shown_read_only(bench: Bench, tmp_path: Path) -> None:
    """A validator's data folder is readable and not writable, also where its parents are closed on the host."""
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    (closed / "data" / "x.in").write_text("1 2 3")
    closed.chmod(0o700)
    box = bench.box(folders={"/data": closed / "data"})
    facts = box.run(shell("cat /data/x.in; touch /data/y; echo > /data/x.in"), limits())
    assert facts.stdout_head == b"1 2 3"
    assert sorted(p.name for p in (closed / "data").iterdir()) == ["x.in"]


def test_a_folder_that_the_guest_cannot_read_is_named(bench: Bench, tmp_path: Path) -> None:
    """The judge is told which folder has the wrong mode instead of a mysterious failure inside."""
    tmp_path.chmod(0o700)
    with pytest.raises(Fault, match="give it mode 0755"):
        bench.sandbox.container(View(program=tmp_path), memory_bytes=64 * MEBIBYTE, processes=8)


@pytest.mark.parametrize("inside", ["/usr/x", "/work", "relative", "/a/../etc", "/proc/x"])
def test_a_folder_cannot_hide_the_system(bench: Bench, tmp_path: Path, inside: str) -> None:
    """A view that would cover the container's own places is refused."""
    tmp_path.chmod(0o755)
    with pytest.raises(Fault, match="cannot show"):
        bench.sandbox.container(View(folders={inside: tmp_path}), memory_bytes=64 * MEBIBYTE, processes=8)


def test_an_unknown_profile_is_a_fault(bench: Bench) -> None:
    """A misspelt profile never falls back to a weaker one."""
    with pytest.raises(Fault, match="profile"):
        bench.sandbox.container(View(profile="lenient"), memory_bytes=64 * MEBIBYTE, processes=8)


@pytest.mark.parametrize("profile", ["runtime", "native"])
def test_a_closed_working_directory_takes_no_files(bench: Bench, profile: str) -> None:
    """Where a problem forbids it nothing is made, changed or removed in the working directory; /tmp stays open, also in the next run."""
    box = bench.box(profile, work_writable=False)
    box.put("given.txt", b"as it was")
    for keep in (True, False, False):
        facts = [
            box.run(guest("can_write", path), limits(), keep_scratch=keep).exit_code
            for path in ("/work/made.txt", "/work/given.txt", "/tmp/made.txt")
        ]
        assert facts == [1, 1, 0]
    if profile == "native":
        return
    box.put("given.txt", b"as it was")
    line = "cat given.txt; rm -f given.txt; mkdir d; ln -s /tmp/x l; mv given.txt /tmp/y; touch new; cat given.txt; ls"
    seen = box.run(shell(line), limits(), keep_scratch=True).stdout_head
    assert seen == b"as it wasas it wasgiven.txt\n"
