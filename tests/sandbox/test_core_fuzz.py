"""The C core under the sanitizers: right messages work, and no message of any shape makes it touch what is not its own."""

from __future__ import annotations

import os
import random
import re
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judge_node.sandbox.interface import View
from judge_node.sandbox.linux import seccomp, starter
from judge_node.sandbox.linux import view as views
from judge_node.sandbox.linux.reply import LAYOUT, STEPS
from judge_node.sandbox.linux.slots import FIRST_ID
from sandbox.workbench import require_root

pytestmark = pytest.mark.root

SOURCES = sorted((Path(__file__).parents[2] / "judge_node/sandbox/core").glob("*.c"))
SANITIZED = ("-std=gnu11", "-O1", "-g", "-w", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
ROUNDS = 60
ODD = (0, 1, 2, 3, 7, 8, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFF)
HEAD = starter._SETUP_HEAD


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core with the address and undefined-behaviour sanitizers."""
    require_root()
    program = tmp_path_factory.mktemp("core") / "core"
    subprocess.run(["gcc", *SANITIZED, "-o", program, *SOURCES], check=True)
    return program


class Talk:
    """One starter with its two sockets; what the sanitizers say goes to `told`."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.told = folder / "told"
        skeleton = folder / "root"
        skeleton.mkdir(exist_ok=True)
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
        self.control, self.init = (ours for ours, _ in pairs)
        for mine in (self.control, self.init):
            mine.settimeout(10)
        actions = [
            (os.POSIX_SPAWN_OPEN, 2, str(self.told), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600),
            *((os.POSIX_SPAWN_DUP2, theirs.fileno(), number + 3) for number, (_, theirs) in enumerate(pairs)),
        ]
        options = {"ASAN_OPTIONS": "exitcode=99:detect_leaks=0"}
        words = ["core", "start", str(skeleton)]
        self.pid = os.posix_spawn(program, words, options, file_actions=actions)
        for _, theirs in pairs:
            theirs.close()

    def end(self) -> int:
        """Closes the sockets; the starter's exit code (99: a sanitizer stopped it), negative for a signal."""
        self.control.close()
        self.init.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@contextmanager
def talking(program: Path, folder: Path) -> Iterator[Talk]:
    """A starter that is checked at its end."""
    talk = Talk(program, folder)
    try:
        yield talk
    finally:
        code = talk.end()
    said = talk.told.read_text(errors="replace")
    assert not re.search("ERROR: AddressSanitizer|runtime error", said), said[:3000]
    assert code in {0, 1}


def setup_message(profile: str = "runtime") -> bytes:
    """What a supervisor sends for an ordinary container."""
    plan, filters = views.plan(View(profile=profile)), seccomp.filters(profile)
    head = HEAD.pack(
        starter._SETUP, len(plan.steps), len(filters.init), len(filters.guest), len(plan.rules),
        FIRST_ID + 127 * 16 * 65_536, 65_536, views.GUEST_ID, 1000, 0, -1, 1, 1 << 20, filters.secret,
    )  # fmt: skip
    return head + filters.init + filters.guest + plan.steps + plan.rules


def run_message(*argv: str) -> bytes:
    """What a supervisor sends for one run."""
    strings = b"".join(word.encode() + b"\0" for word in (*argv, "A=1"))
    return starter._RUN_HEAD.pack(starter._RUN, 0, 1, len(argv), 1, 0) + struct.pack("<QQ", 4, 0) + strings


def spoilt(message: bytes, dice: random.Random, head: int) -> bytes:
    """The message with numbers of its head, single bytes, or its length changed; its kind stays."""
    data = bytearray(message)
    for _ in range(dice.randint(1, 3)):
        how = dice.randrange(4)
        if how == 0:
            struct.pack_into("<I", data, 4 * dice.randrange(1, head // 4), dice.choice(ODD))
        elif how == 1 and len(data) > head:
            data[dice.randrange(head, len(data))] = dice.choice((0, 1, 0x2F, 0xFF))
        elif how == 2:
            del data[dice.randrange(max(head, 4), len(data) + 1) :]
        else:
            data += bytes(dice.choice((0, 0x41)) for _ in range(dice.choice((1, 7, 300, 50_000))))
        if len(data) <= head:
            break
    return bytes(data)


def send(end: socket.socket, message: bytes, fds: list[int]) -> None:
    try:
        socket.send_fds(end, [message], fds)
    except OSError:
        return  # it has ended already, which its exit code tells


def answers(end: socket.socket) -> bytes:
    try:
        return end.recv(4096)
    except OSError:
        return b""


def test_set_up_survives_any_message(core: Path, tmp_path: Path) -> None:
    """Set-ups with wrong lengths, counts, words and descriptors are refused in words or end the starter, nothing else."""
    dice, right = random.Random(20), setup_message()
    null = os.open("/dev/null", os.O_RDONLY)
    try:
        for _ in range(ROUNDS):
            with talking(core, tmp_path) as talk:
                message = spoilt(right, dice, HEAD.size) if dice.random() < 0.8 else dice.randbytes(dice.randint(0, 90))
                send(talk.control, message, [null] * dice.choice((0, 0, 1, 4, 7)))
                talk.control.shutdown(socket.SHUT_WR)
                answers(talk.control)
    finally:
        os.close(null)


def test_init_survives_any_message(core: Path, tmp_path: Path) -> None:
    """Runs with wrong counts, lengths and words, and messages of no kind, end the container or are answered."""
    dice, right = random.Random(21), run_message("/bin/true", "x")
    null = os.open("/dev/null", os.O_RDWR)
    survived = 0
    try:
        for _ in range(ROUNDS):
            with talking(core, tmp_path) as talk:
                send(talk.control, setup_message(), [])
                assert answers(talk.init) == b"up", answers(talk.control)
                for _ in range(4):
                    send(talk.init, spoilt(right, dice, starter._RUN_HEAD.size), [null] * dice.choice((3, 3, 3, 2, 4)))
                    survived += len(answers(talk.init)) == LAYOUT.size
                send(talk.init, struct.pack("<I", dice.choice((0, 4, 5, 9, 0xFFFFFFFF))), [])
    finally:
        os.close(null)
    assert survived > ROUNDS / 4, "hardly any message was right enough to be run"


def test_a_right_message_works_under_the_sanitizers(core: Path, tmp_path: Path) -> None:
    """The sanitized core builds a container, runs a program, renews the scratch and shows it."""
    null = os.open("/dev/null", os.O_RDWR)
    try:
        with talking(core, tmp_path) as talk:
            send(talk.control, setup_message(), [])
            assert answers(talk.init) == b"up", answers(talk.control)
            for code, program in ((0, "/bin/true"), (256, "/bin/false")):
                send(talk.init, run_message(program), [null] * 3)
                reply = LAYOUT.unpack(answers(talk.init))
                assert (reply[0], reply[1], reply[3]) == (starter._RUN, code, 0), STEPS[reply[3] - 1]
            send(talk.init, struct.pack("<I", starter._RENEW), [])
            assert answers(talk.init) == b"new"
            send(talk.init, struct.pack("<I", starter._SCRATCH), [])
            word, fds, _, _ = socket.recv_fds(talk.init, 100, 1)
            assert (word, len(fds)) == (b"scratch", 1)
            os.close(fds[0])
    finally:
        os.close(null)
