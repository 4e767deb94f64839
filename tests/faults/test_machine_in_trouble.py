"""A real server and real judge machines that get into trouble while they work, or cannot begin: a fault with a sentence on the machine's
row, its lease goes back, no work until it has proved itself again, and never a verdict of the trouble.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from running import PROGRAM, Client, Judge, Server, admin_of, until

from judge_node.sandbox.linux import hierarchies

pytestmark = [pytest.mark.root, pytest.mark.full, pytest.mark.timeout(240)]

PACKAGE = {
    "problem.yaml": "problem_format_version: 2025-09\nname: Seven\nuuid: 11111111-2222-3333-4444-777777777777\nlimits: {time_limit: 1.0}\n",
    "statement/problem.en.md": "Say seven.\n",
    "data/secret/1.in": "",
    "data/secret/1.ans": "7\n",
}
ANSWERS = '#include <stdio.h>\nint main(void) { puts("7"); return 0; }\n'
# A view of the mounts that a test may spoil; without the big compilers, so that the machine proves itself quickly.
A_VIEW_OF_ITS_OWN = """
for program in g++ javac; do
    found=$(command -v $program) && mount --bind /dev/null "$(readlink -f "$found")" || exit 97
done
exec "$@"
"""
UNDER_A_FILTER = """
import os, sys
import pyseccomp
filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
filter.add_rule(pyseccomp.ERRNO(38), "mount_setattr")
filter.load()
os.execvp(sys.argv[1], sys.argv[1:])
"""


@dataclass
class House:
    """A server with a contest, a team of it, and a place for the machines' folders that is a small disk of its own."""

    server: Server
    client: Client
    disk: Path
    libexec: Path

    def machine(self, name: str, *prefix: str) -> Judge:
        """A judge machine of one slot, started by `prefix`."""
        start = ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", A_VIEW_OF_ITS_OWN, "sh", *prefix]
        environment = {"CONTESTBOX_LIBEXEC": str(self.libexec)}
        options = ("--name", name, "--slots", "1")
        return Judge(self.disk / name, self.server.running, *options, prefix=start, environment=environment)

    def row(self, name: str) -> dict[str, Any]:
        """A machine's row as the console shows it."""
        with admin_of(self.server.running) as admin:
            rows = admin.get("/admin/v1/machines").json()["items"]
        return next(dict(one) for one in rows if one["name"] == name and one["state"] != "unpaired")

    def said(self, name: str, part: str) -> None:
        """Waits until the row of a machine that is held back says this, with no lease left."""
        until(
            f"{name}: {part}",
            60,
            lambda: (r := self.row(name))["state"] == "held" and part in r["state_sentence"] and not r["busy"],
        )

    def mended(self, name: str) -> None:
        """Waits until a machine takes work again, by itself."""
        until(f"{name} takes work again", 90, lambda: self.row(name)["state"] in ("ready", "judging"))

    def submit(self) -> str:
        """A team's submission."""
        answer = self.client.submit("seven", "c", ANSWERS)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["submission_id"])

    def status(self, submission: str) -> str:
        """What the team sees of it."""
        return str(self.client.http.get(f"/api/v1/submissions/{submission}").json()["status"])

    def waits(self, submission: str) -> bool:
        """Whether no verdict was made of the machine's trouble."""
        return self.status(submission) in ("PENDING", "IN_PROGRESS")

    def right(self, submission: str) -> None:
        """It is judged as ever."""
        assert self.client.verdict(submission, 90)["status"] == "ACCEPTED"

    def until_held(self, name: str) -> str:
        """Submits until the machine meets its trouble, and gives the submission that waits; what the machine had prepared before may
        still be judged, and rightly."""
        while True:
            submission = self.submit()
            until(
                "a verdict or a fault", 60,
                lambda one=submission: not self.waits(one) or self.row(name)["state"] == "held",
            )  # fmt: skip
            if self.waits(submission):
                return submission
            self.right(submission)


def made(folder: Path) -> tuple[str, str]:
    """A contest of one problem and one team; the team's name and password."""
    for name, text in PACKAGE.items():
        place = folder / "seven" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    teams = folder / "teams.csv"
    teams.write_text("The Patient,North School\n")
    for words in (("new", "--name", "Trouble", "--teams", str(teams)), ("import", str(folder / "seven"))):
        argv = [*PROGRAM, words[0], "--data", str(folder / "data"), *words[1:]]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((folder / "data" / "passwords.tsv").read_text().splitlines(), delimiter="\t"))
    return next((row["username"], row["password"]) for row in rows if row["role"] == "team")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for all tests here; the core lies at a place that a test may spoil."""
    folder = tmp_path_factory.mktemp("house")
    disk = Path("/var/tmp") / f"contestbox-trouble-{os.getpid()}"
    disk.mkdir(mode=0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m,mode=0755", "trouble", disk], check=True)
    try:
        libexec = disk / "deep" / "libexec"
        shutil.copytree(os.environ.get("CONTESTBOX_LIBEXEC", f"{sys.prefix}/libexec/contestbox"), libexec)
        user, password = made(folder)
        with Server(folder / "data", "--host", "127.0.0.1") as server:
            with admin_of(server.running) as admin:
                assert admin.post("/admin/v1/contest/start", json={"at": None}).status_code == 200
            with Client(server.url, user, password) as client:
                yield House(server, client, disk, libexec)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        disk.rmdir()


@pytest.fixture(scope="module")
def machine(house: House) -> Iterator[Judge]:
    """The machine that gets into one trouble after the other."""
    judge = house.machine("troubled")
    try:
        judge.approve(house.server.running)
        judge.ready()
        yield judge
    finally:
        judge.stop()


def inside(judge: Judge, *argv: str) -> None:
    """Runs a command in a machine's own view of the mounts."""
    subprocess.run(["nsenter", "-t", str(judge.process.pid), "--mount", "--", *argv], check=True, capture_output=True)


def folder_of_groups() -> Path:
    """Where this judge's machines have their groups of memory."""
    found = hierarchies.read()
    return found.v1["memory"] / "contestbox" if "memory" in found.v1 else (found.v2_root or Path("/")) / "contestbox"


def test_a_core_that_others_may_write(house: House, machine: Judge) -> None:
    """A core that is opened to others starts no more containers; closed again, it is used again."""
    core = house.libexec / "contestbox-core"
    core.chmod(0o777)
    submission = house.until_held("troubled")
    house.said("troubled", "is writable by others")
    assert house.waits(submission)
    core.chmod(0o755)
    house.mended("troubled")
    house.right(submission)


def test_no_control_group(house: House, machine: Judge) -> None:
    """A pool that cannot be filled any more, since no group can be made, is a fault once it is used up."""
    groups = str(folder_of_groups())
    inside(machine, "mount", "-t", "tmpfs", "-o", "ro", "trouble", groups)
    submission = house.until_held("troubled")
    house.said("troubled", "control group")
    assert house.waits(submission)
    inside(machine, "umount", groups)
    house.mended("troubled")
    house.right(submission)


def test_a_full_disk(house: House, machine: Judge) -> None:
    """A machine whose disk is full says which folder it is; another one judges meanwhile, and it works again when there is room."""
    filler = house.disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")
    submission = house.until_held("troubled")
    house.said("troubled", "No space left")
    assert house.waits(submission)
    filler.unlink()
    house.mended("troubled")
    house.right(submission)


def test_a_folder_above_the_core_when_it_starts(house: House, machine: Judge) -> None:
    """A paired machine that may not begin ends with one sentence, and the organiser reads the same one on its row."""
    machine.stop()
    above = house.libexec.parent
    above.chmod(0o777)
    again = house.machine("troubled")
    try:
        assert again.process.process.wait(60) == 1
        said = again.log.read_text().splitlines()[-1]
        assert f"{above} is writable by others" in said
        assert f"{above} is writable by others" in house.row("troubled")["state_sentence"]
        assert house.row("troubled")["state"] == "held"
    finally:
        above.chmod(0o755)
        again.stop()


def test_a_kernel_without_a_facility(house: House) -> None:
    """A machine whose kernel lacks a call is let in and gets nothing, with the reason on its row; another machine judges."""
    lame = house.machine("lame", sys.executable, "-c", UNDER_A_FILTER)
    other = None
    try:
        lame.approve(house.server.running)
        house.said("lame", "could not be set up")
        submission = house.submit()
        other = house.machine("sound")
        other.approve(house.server.running)
        house.right(submission)
        assert house.row("lame")["state"] == "held"
        assert house.row("lame")["judged"] == 0
    finally:
        for judge in (lame, other):
            if judge is not None:
                judge.stop()
