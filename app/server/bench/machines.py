"""Judge machines that are held busy, as far as the server can tell: paired, by TLS, always with a task until it is ended.

Nothing is compiled or run here, so that what is measured is the server; the verdicts that it gets are made up.
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from typing import Any

from app.core.errors import Fault
from app.lan.joining import join
from app.lan.membership import Membership
from app.lan.tls import pinned_context
from app.languages.loader import load_languages
from app.server.bench.place import Server

TASK_SECONDS = 0.5
"""How long each task is worked at."""
_SILENCE_SECONDS = 60.0
_MEMORY_BYTES = 8 << 30


class BusyMachines:
    """So many machines. Use as a context: they are paired and ready when it is entered, and end with it. `judged`: verdicts given."""

    def __init__(self, server: Server, count: int) -> None:
        self._server = server
        self._machines = [_Machine(server, number) for number in range(count)]

    def __enter__(self) -> BusyMachines:
        for machine in self._machines:
            machine.start()
        return self

    def __exit__(self, *_: object) -> None:
        for machine in self._machines:
            machine.end()

    @property
    def judged(self) -> int:
        """All verdicts so far."""
        return sum(machine.judged for machine in self._machines)

    def check(self) -> None:
        """Raises Fault when one of them did not work to the end."""
        for machine in self._machines:
            if machine.trouble:
                raise Fault("bench", f"A measuring machine was not served: {machine.trouble}.")


class _Machine:
    def __init__(self, server: Server, number: int) -> None:
        self._server = server
        self._name = f"busy-{number + 1}"
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work_on, name=self._name, daemon=True)
        self._member: Membership | None = None
        self.judged = 0
        self.trouble = ""

    def start(self) -> None:
        """Pairs it, the organiser's part played here, and begins to work."""
        self._member = join(
            f"https://{self._server.target.host}:{self._server.node_port}",
            name=self._name,
            facts={},
            expect="",
            random_bytes=secrets.token_bytes,
            show_code=lambda code, _: self._server.approve(self._name, code),
            stop=self._end,
        )
        self._thread.start()

    def end(self) -> None:
        """Ends after the task that it has."""
        self._end.set()
        self._thread.join(_SILENCE_SECONDS)

    def _work_on(self) -> None:
        assert self._member is not None, "paired before it works"
        host, context = self._server.target.host, pinned_context(self._member.ca_pem)
        line = http.client.HTTPSConnection(host, self._server.node_port, timeout=_SILENCE_SECONDS, context=context)
        try:
            self._ask(line, "hello", self._offer())
            while not self._end.is_set():
                task = self._ask(line, "lease", {"free_slots": 1, "free_memory_bytes": _MEMORY_BYTES})
                if task is not None:
                    self._judge(line, task)
        except (OSError, http.client.HTTPException, Fault) as error:
            self.trouble = str(error)
        finally:
            line.close()

    def _judge(self, line: http.client.HTTPSConnection, task: dict[str, Any]) -> None:
        if task["kind"] != "judge":
            raise Fault("bench", f"it was given a task of the kind {task['kind']}")
        began = time.monotonic()
        self._end.wait(TASK_SECONDS)
        seconds = time.monotonic() - began
        runs = [
            {"number": one["number"], "test": one["name"], "verdict": "AC", "cpu_seconds": 0.01}
            | {"wall_seconds": round(seconds / len(task["tests"]), 3), "memory_bytes": 1 << 20}
            for one in task["tests"]
        ]
        done = {"lease_id": task["lease_id"], "attempt": task["attempt"], "compile": {"ok": True}, "runs": runs}
        answer = self._ask(line, "finish", done)
        self.judged += bool(answer and answer["accepted"])

    def _offer(self) -> dict[str, Any]:
        languages = [{"id": one, "fingerprint": "measured"} for one in load_languages()]
        offer = {"facts": {}, "slots": 1, "languages": languages, "free_memory_bytes": _MEMORY_BYTES}
        return offer | {"selftest_passed": True}

    def _ask(self, line: http.client.HTTPSConnection, verb: str, value: dict[str, Any]) -> dict[str, Any] | None:
        assert self._member is not None, "paired before it works"
        headers = {"Authorization": f"Bearer {self._member.token}", "Content-Type": "application/json"}
        line.request("POST", f"/judge/v1/{verb}", body=json.dumps(value), headers=headers)
        answer = line.getresponse()
        body = answer.read()
        if answer.status not in (200, 204):
            raise Fault("bench", f"{verb} was answered by {answer.status}: {body[:200]!r}")
        found: dict[str, Any] | None = json.loads(body) if body else None
        return found
