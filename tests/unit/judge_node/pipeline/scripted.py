"""A sandbox of the tests that measures nothing: its runs end as the script says, its validator says what it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.core.errors import Fault
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import RunLimits
from judge_node.sandbox.outcome import Outcome
from unit.judge_node.pipeline.outcomes import outcome


class ScriptedContainer:
    """A container whose next run ends as the next outcome of its script; a fault there is raised."""

    def __init__(self, outcomes: Iterator[Outcome | Fault], log: list[str]) -> None:
        self._outcomes = outcomes
        self._log = log

    def run(
        self,
        command: Command,
        limits: RunLimits,
        *,
        stdin: Path | int | None = None,
        stdout: Path | int | None = None,
        keep_scratch: bool = False,
        scratch_done: bool = False,
        stop: threading.Event | None = None,
        patience: Callable[[], float] | None = None,
    ) -> Outcome:
        self._log.append(Path(command.argv[0]).name)
        if isinstance(stdout, Path):
            stdout.write_bytes(f"run {len(self._log)}\n".encode())
        found = next(self._outcomes)
        if isinstance(found, Fault):
            raise found
        return found

    def cpu_seconds(self) -> float:
        return 0.0

    def discard(self, name: str) -> None:
        self._log.append(f"discard {name}")

    def renew(self) -> None:
        self._log.append("renew")

    def put(self, name: str, data: bytes) -> None:
        self._log.append(f"put {name}")

    def take(self, name: str, limit_bytes: int) -> bytes | None:
        return None

    def collect(self, name: str, target: Path, limit_bytes: int) -> None:
        target.mkdir()

    def close(self) -> None:
        self._log.append("close")


class ScriptedSandbox:
    """Containers for compilers end well, those of the submission by `runs`, those of the validator by `answers`."""

    def __init__(self, runs: Sequence[Outcome | Fault], answers: Sequence[Outcome | Fault]) -> None:
        self._runs, self._answers = iter(runs), iter(answers)
        self.log: list[str] = []

    def container(self, view: View, *, memory_bytes: int, processes: int) -> ScriptedContainer:
        outcomes: Iterator[Outcome | Fault]
        if view.profile == "compiler":
            return ScriptedContainer(iter([outcome()]), [])
        outcomes = self._answers if "/data" in view.folders else self._runs
        return ScriptedContainer(outcomes, self.log)

    def close(self) -> None:
        """Nothing was taken."""
