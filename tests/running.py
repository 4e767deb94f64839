"""Real processes for flow and fault tests: a whole demo, or a server alone, on free ports of this machine.

Everything is started as its users start it, speaks HTTP, and is ended by its own process ids.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

PROGRAM = [sys.executable, "-c", "from app.server.cli import main; main()"]
JUDGE = [sys.executable, "-c", "from judge_node.main import main; main()"]

HELLO_CPP = "#include <iostream>\nint main(){long long a,b;std::cin>>a>>b;std::cout<<a+b<<'\\n';}\n"


def until(what: str, seconds: float, look: Any, pause: float = 0.05) -> Any:
    """Looks until something truthy is seen, and gives it; fails with `what` after the time. For states of other processes only."""
    deadline = time.monotonic() + seconds
    gate = threading.Event()
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        gate.wait(pause)


@dataclass
class Client:
    """A team's program: signs in for a bearer token and submits by REST."""

    url: str
    username: str
    password: str
    http: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx2.Client(base_url=self.url, timeout=40, trust_env=False)
        answer = self.http.post("/api/v1/tokens", json={"username": self.username, "password": self.password})
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def submit(self, problem: str, language: str, code: str, key: str = "") -> httpx2.Response:
        """POST /api/v1/submissions."""
        headers = {"Idempotency-Key": key} if key else {}
        body = {"problem_id": problem, "language": language, "code": code}
        return self.http.post("/api/v1/submissions", json=body, headers=headers)

    def verdict(self, submission_id: str, seconds: float = 60) -> dict[str, Any]:
        """The final state of a submission, by long polls."""
        deadline = time.monotonic() + seconds
        state = self.http.get(f"/api/v1/submissions/{submission_id}").json()
        while state["status"] in ("PENDING", "IN_PROGRESS"):
            assert time.monotonic() < deadline, f"no verdict within {seconds} s: {state}"
            answer = self.http.get(
                f"/api/v1/submissions/{submission_id}/wait", params={"after": state["seq"], "timeout": 20}
            )
            assert answer.status_code in (200, 204), answer.text
            if answer.status_code == 200:
                state = answer.json()
        return dict(state)


class Demo:
    """`contestbox demo --headless --json` in a folder of the test."""

    def __init__(
        self,
        data: Path,
        *options: str,
        nodes: int = 1,
        teams: int = 3,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        argv = [*PROGRAM, "demo", "--headless", "--json", "--port", "0", "--data", str(data)]
        argv += ["--nodes", str(nodes), "--teams", str(teams), *options]
        self.errors = (data.parent / f"{data.name}.err").open("ab")
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=self.errors, text=True, env={**os.environ, **(environment or {})}
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(20)
            raise AssertionError(f"the demo did not start: {Path(self.errors.name).read_text()[-2000:]}")
        self.info: dict[str, Any] = json.loads(line)
        self.url: str = self.info["url"]

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(40)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.errors.close()
        return code

    @property
    def running(self) -> dict[str, Any]:
        """server.json of the folder, as it is now."""
        return dict(json.loads((self.data / "server.json").read_text()))

    def client(self, number: int = 0) -> Client:
        """The program of the demo's team `number`."""
        team = self.info["teams"][number]
        return Client(self.url, team["username"], team["password"])

    def jury(self) -> Client:
        """A program of the jury."""
        return Client(self.url, self.info["judge"]["username"], self.info["judge"]["password"])

    def admin(self) -> httpx2.Client:
        """The console's way in."""
        running = self.running
        return httpx2.Client(
            base_url=running["console_url"],
            headers={"Authorization": f"Bearer {running['admin_key']}"},
            timeout=20,
            trust_env=False,
        )


class Process:
    """Any of our commands as a process; its standard output by lines."""

    def __init__(self, argv: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = log.open("ab")
        self.process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to this process alone."""
        self.process.send_signal(number)

    def stop(self, seconds: float = 20) -> int:
        """SIGTERM, then SIGKILL; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        code = self.process.wait(10)
        self._reader.join(5)
        self._log.close()
        return code


class Server:
    """`contestbox serve` on a folder that already holds a contest."""

    def __init__(self, data: Path, *options: str, ports: tuple[int, int] = (0, 0)) -> None:
        self.data = data
        argv = [*PROGRAM, "serve", "--data", str(data), "--port", str(ports[0]), "--node-port", str(ports[1]), *options]
        self.process = Process(argv, data.parent / f"{data.name}.serve.err")
        self.running: dict[str, Any] = until("the server's server.json", 20, self._look)

    def _look(self) -> dict[str, Any] | None:
        assert self.process.process.poll() is None, (self.data.parent / f"{self.data.name}.serve.err").read_text()[
            -1500:
        ]
        try:
            running = json.loads((self.data / "server.json").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return running if running["pid"] == self.process.pid else None

    @property
    def url(self) -> str:
        """Where people go."""
        return str(self.running["people_url"])

    def kill(self) -> None:
        """SIGKILL, at once."""
        self.process.signal(signal.SIGKILL)
        self.process.stop()

    def stop(self) -> int:
        """SIGTERM."""
        return self.process.stop()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Judge:
    """`contestbox-judge run` for one server, approved by the test as an organiser would: by the code that the machine shows."""

    def __init__(
        self,
        folder: Path,
        running: Mapping[str, Any],
        *options: str,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`prefix` is a program that starts the machine."""
        folder.mkdir(parents=True, exist_ok=True)
        argv = [*JUDGE, "run", "--server", running["node_url"], "--expect", running["server_id"], "--data", str(folder)]
        self.log = folder.parent / f"{folder.name}.judge.err"
        self.process = Process([*prefix, *argv, *options], self.log, environment)

    def approve(self, running: Mapping[str, Any]) -> None:
        """Reads the code from the machine's screen and approves the request that shows the same one."""
        line = until(
            "the pairing code", 150, lambda: next((x for x in self.process.lines if x.startswith("pairing code")), "")
        )
        code = line.split()[2]
        with admin_of(running) as admin:
            pending = until(
                "the request at the organiser's",
                10,
                lambda: [one for one in admin.get("/admin/v1/machines").json()["pending"] if one["code"] == code],
            )
            answer = admin.post(f"/admin/v1/joins/{pending[0]['request_id']}/approve", json={"code": code})
            assert answer.status_code == 200, answer.text

    def ready(self) -> None:
        """Waits until it takes work."""
        until("a ready judge machine", 150, lambda: "ready" in self.process.lines)

    def stop(self) -> int:
        """SIGTERM."""
        return self.process.stop()


def admin_of(running: Mapping[str, Any]) -> httpx2.Client:
    """The console's way into a server."""
    headers = {"Authorization": f"Bearer {running['admin_key']}"}
    return httpx2.Client(base_url=running["console_url"], headers=headers, timeout=20, trust_env=False)
