"""Runs the demo: the server, its judge nodes and, where there is a screen, the console, each a process of its own.

Theory of operation: this process is the organiser. It writes the demo contest into the folder while no server holds it, starts the
server, then each node; a node that isn't paired yet prints its pairing code on its standard output, and this process approves exactly the
request that shows this code, as a person would who walks to the machine. Nothing skips the comparison. Keepers start again what
crashes. SIGINT and SIGTERM end all of it, nodes first (they give back what they hold), then the server.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from app.core.errors import Fault, Refusal
from app.languages.loader import load_languages
from app.server.called import called
from app.server.demo.admin import Organiser
from app.server.demo.seed import DemoContest, Login
from app.server.folder import Folder, RunningServer
from app.server.keeper import Keeper
from app.services.weaker import weaker_in
from app.wire.admin_v1 import Machine

START_SECONDS = 60.0
PAIR_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What `contestbox demo` was asked for. `port` 0 picks free ports."""

    port: int
    nodes: int
    headless: bool
    lan: bool
    tls: bool = False


class Demo:
    """The processes of one running demo. Use as a context: leaving it ends all of them."""

    def __init__(self, folder: Folder, contest: DemoContest, options: DemoOptions, tell: Callable[[str], None]) -> None:
        self.folder = folder
        self.contest = contest
        self._options = options
        self._tell = tell
        self._codes: dict[str, str] = {}
        self._changed = threading.Condition()
        self._given_up: str | None = None
        self._stopping = threading.Event()
        self._stack = ExitStack()
        self._server: Keeper | None = None
        self._nodes: list[Keeper] = []
        self._console: Keeper | None = None

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> RunningServer:
        """Starts server and nodes and waits until a submission would be judged. Raises Fault with a sentence when that fails."""
        running = self._start_server()
        for number in range(1, self._options.nodes + 1):
            self._start_node(number, running)
        self._pair_and_wait()
        return running

    def start_console(self) -> None:
        """Opens the organiser's console beside; closing its window ends nothing else."""
        keeper = Keeper(
            "console",
            [*_ours("app.server.cli"), "console", "--data", str(self.folder.root)],
            on_line=lambda line: None,
            on_given_up=self._console_ended,
            log=self._log("console"),
        )
        keeper.start()
        self._console = keeper

    def _console_ended(self, _sentence: str) -> None:
        words = _last_words(self.folder.logs / "console.err")
        self._tell(f"The console's window is closed; the contest goes on.{words}")

    def interrupt(self) -> None:
        """Asks the demo to end; from a signal handler."""
        self._stopping.set()

    def stopping(self) -> bool:
        """Whether somebody asked to end, or a process gave up."""
        return self._stopping.is_set() or self._given_up is not None

    def slots(self) -> int:
        """How many submissions the nodes judge at once."""
        running = self.folder.running()
        if running is None:
            return 1
        with Organiser(running) as organiser:
            return max(1, sum(machine.slots for machine in organiser.machines()[0]))

    def wait(self) -> str | None:
        """Waits until somebody asked to end (None) or a process gave up for good (its sentence)."""
        while not self._stopping.wait(0.5):
            if self._given_up is not None:
                return self._given_up
        return None

    def stop(self) -> None:
        """Ends console, nodes and server, in this order."""
        self._stopping.set()
        for node in self._nodes:
            node.ask()
        for keeper in filter(None, [self._console, *self._nodes, self._server]):
            keeper.stop()
        self._stack.close()

    def pids(self) -> dict[str, object]:
        """Process ids for `--json`."""
        server = self._server.pid if self._server else None
        return {"server": server, "nodes": self.node_pids()}

    def node_pids(self) -> list[int | None]:
        """Process ids of the judge nodes; None for one that is being started again."""
        return [node.pid for node in self._nodes]

    def _log(self, name: str) -> IO[bytes]:
        return self._stack.enter_context((self.folder.logs / f"{name}.err").open("ab"))

    def _start_server(self) -> RunningServer:
        host = "0.0.0.0" if self._options.lan else "127.0.0.1"  # noqa: S104 - asked for by --lan
        argv = [*_ours("app.server.cli"), "serve", "--data", str(self.folder.root), "--host", host]
        argv += ["--port", str(self._options.port or _free_port(host))]
        if self._options.port == 0:
            # Chosen once, here: a server that is started again after a crash must be found where it was.
            argv += ["--node-port", str(_free_port(host)), "--tls-port", str(_free_port(host))]
        argv += ["--tls"] if self._options.tls else []
        self._server = Keeper(
            "server",
            argv,
            on_line=lambda line: None,
            on_given_up=lambda sentence: self._give_up(sentence, "server"),
            log=self._log("server"),
        )
        self._server.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._stopping.is_set():
            running = self.folder.running()
            if running is not None:
                return running
            self._check(deadline, "The contest server did not start within a minute", "server")
            self._stopping.wait(0.05)
        raise Refusal(409, "Stopped while the server was starting.")

    def _start_node(self, number: int, running: RunningServer) -> None:
        data = self.folder.root / "nodes" / str(number)
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        argv = [*_ours("judge_node.main"), "run", "--expect", running.server_id, "--data", str(data)]
        argv += ["--share", str(self._options.nodes), "--name", f"judge-{number}"]
        keeper = Keeper(
            f"judge node {number}",
            argv,
            on_line=lambda line: self._heard(number, line),
            on_given_up=lambda sentence: self._give_up(sentence, f"judge-{number}"),
            log=self._log(f"judge-{number}"),
        )
        keeper.start()
        self._nodes.append(keeper)

    def _heard(self, number: int, line: str) -> None:
        """A node's own words on its standard output: its pairing code is read here, as from a screen."""
        if line.startswith("pairing code "):
            with self._changed:
                self._codes[line.split()[2]] = str(number)
                self._changed.notify_all()

    def _give_up(self, sentence: str, log: str) -> None:
        self._given_up = f"{sentence}{_last_words(self.folder.logs / f'{log}.err')}"

    def _pair_and_wait(self) -> None:
        deadline = time.monotonic() + PAIR_SECONDS
        told = False
        while not self._stopping.is_set():
            running = self.folder.running()
            if running is not None:
                with Organiser(running) as organiser:
                    machines, pending = organiser.machines()
                    for request in pending:
                        if request.code in self._codes:
                            machine = organiser.approve(request.request_id, request.code)
                            self._tell(f"Approved {request.name}: both sides show {request.code}.")
                            self._accept_weaker(organiser, machine)
                    if sum(machine.state in ("ready", "judging") for machine in machines) >= self._options.nodes:
                        self._tell_missing(machines)
                        return
            if not told:
                self._tell("Waiting for the judge node to find the server and pass its self-test …")
                told = True
            self._check(deadline, "No judge node became ready within two minutes", "judge-1")
            with self._changed:
                self._changed.wait(0.2)
        raise Refusal(409, "Stopped while the judge nodes were starting.")

    def _accept_weaker(self, organiser: Organiser, machine: Machine) -> None:
        """A judge without root is let in paused; a demo has no strangers, so it says yes for the organiser, and says so."""
        if weaker_in(machine.facts):
            organiser.resume(machine.id)
            self._tell(f"{machine.name} judges without root: fit for a demo, not for strangers' programs.")

    def _tell_missing(self, machines: Sequence[Machine]) -> None:
        """A language that no machine offers would leave its submissions waiting without a word."""
        offered = {one["id"] for machine in machines for one in machine.languages}
        for name, language in load_languages().items():
            if name not in offered:
                doctor = called("doctor", program="contestbox-judge")
                self._tell(f"Nothing in {language.name} will be judged here: «{doctor}» says what is missing.")

    def _check(self, deadline: float, sentence: str, log: str) -> None:
        if self._given_up is not None:
            raise Fault("demo", self._given_up)
        if time.monotonic() > deadline:
            raise Fault("demo", f"{sentence}.{_last_words(self.folder.logs / f'{log}.err')}")


def ready_line(running: RunningServer, demo: Demo) -> str:
    """The line of `--json`: how others reach the demo (DESIGN 9)."""
    contest = demo.contest

    def login(one: Login) -> dict[str, str]:
        return {"username": one.username, "password": one.password}

    return json.dumps(
        {
            "url": running.people_url,
            "contest": contest.contest_id,
            "data": str(demo.folder.root),
            "admin": login(contest.admin),
            "judge": login(contest.judge),
            "teams": [asdict(team) for team in contest.teams],
            "pids": demo.pids(),
        }
    )


def end_on_signals(demo: Demo) -> None:
    """SIGINT, SIGTERM and SIGHUP end the demo; a second one does not hurry it, since it takes a few seconds at most."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        demo.interrupt()

    # A terminal that is closed sends SIGHUP; what runs in sessions of its own would go on without it. Windows has none.
    for number in filter(None, (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", None))):
        signal.signal(number, handle)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _ours(module: str) -> list[str]:
    """The command line of one of our own programs, with this very interpreter."""
    return [sys.executable, "-c", f"from {module} import main; main()"]


def _last_words(log: Path) -> str:
    """The last line that a process wrote to its error log, to end a sentence with."""
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f" Its last words: {lines[-1]}" if lines else ""
