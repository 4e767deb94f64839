"""A package's own grader, asked in the sandbox: lines `VERDICT SCORE` of a group's children in, one such line out (PROBLEM_FORMATS 5.1).

What it says is kept, since the fold asks again after every test. What it does wrong is a judging error and never a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Fault
from app.core.scoring.groups import MILLION, number_of
from app.core.scoring.legacy_groups import Grade, LegacyGroup
from app.core.verdict import Verdict
from judge_node.pipeline.building import Built
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.job import JobLimits
from judge_node.sandbox.interface import Command, Container, NotStarted, Sandbox, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds

_ANSWER_BYTES = 4096
_LINE = re.compile(r"([A-Z]{2,3})\s+(\S+)", re.ASCII)
_KNOWN = frozenset(Verdict) - {Verdict.JE, Verdict.CE}


class GraderBroken(Fault):
    """The package's grader does not do what graders do; the machine is as good as before."""

    def __init__(self, sentence: str) -> None:
        super().__init__("grader", sentence)


@dataclass(slots=True)
class GradingProgram:
    """The grader of one judgement. `folder` takes its input."""

    sandbox: Sandbox
    program: Built
    limits: JobLimits
    folder: Path
    grades: dict[str, Grade] = field(default_factory=dict)
    """What it said last of each group."""
    _container: Container | None = None
    _known: dict[tuple[str, tuple[Grade, ...]], Grade] = field(default_factory=dict)

    def __call__(self, group: LegacyGroup, children: Sequence[Grade]) -> Grade:
        """The group's grade. Raises GraderBroken, or Fault where the sandbox failed."""
        key = group.name, tuple(children)
        if key not in self._known:
            self._known[key] = self._ask(group, children)
        self.grades[group.name] = self._known[key]
        return self._known[key]

    def close(self) -> None:
        """Ends its container."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _ask(self, group: LegacyGroup, children: Sequence[Grade]) -> Grade:
        source, said = self.folder / "grades", self.folder / "grade"
        source.write_text("".join(f"{_word(one.verdict)} {float(one.points) / MILLION!r}\n" for one in children))
        run = self.program.language.run
        memory = self.limits.validation_memory_bytes + run.memory_allowance_bytes
        if self._container is None:
            view = View(program=self.program.folder, profile=run.profile)
            self._container = self.sandbox.container(view, memory_bytes=memory, processes=run.processes)
        limits = RunLimits(
            cpu_seconds=self.limits.validation_seconds,
            wall_seconds=wall_limit_seconds(self.limits.validation_seconds),
            memory_bytes=memory,
            output_bytes=self.limits.validation_output_bytes,
            file_bytes=self.limits.validation_output_bytes,
            processes=run.processes,
        )
        argv = self.program.argv(self.limits.validation_memory_bytes, group.flags)
        command = Command(argv, {**ENVIRONMENT, **run.environment})
        where = f"The grader, asked about {group.name or 'the whole'},"
        try:
            outcome = self._container.run(command, limits, stdin=source, stdout=said)
        except NotStarted as refused:
            raise GraderBroken(f"The grader cannot be used: {refused.sentence}") from refused
        if outcome.limit is not None or outcome.exit_code != 0:
            words = outcome.stderr_head.decode("utf-8", "replace").replace("\0", "").strip()[:300]
            how = f"its {outcome.limit.value} limit" if outcome.limit else f"exit code {outcome.exit_code}"
            if outcome.signal is not None and outcome.limit is None:
                how = f"signal {outcome.signal}"
            raise GraderBroken(f"{where} ended by {how}. {words}".rstrip())
        with said.open("rb") as file:
            text = file.read(_ANSWER_BYTES).decode("utf-8", "replace").strip()
        return _read(text, group, where)


def _read(text: str, group: LegacyGroup, where: str) -> Grade:
    match = _LINE.fullmatch(text)
    score = number_of(match.group(2)) if match else None
    if match is None or score is None or match.group(1) not in _KNOWN:
        raise GraderBroken(f"{where} said {text[:100]!r} instead of a verdict and a score.")
    if (group.least is not None and score < group.least) or (group.most is not None and score > group.most):
        raise GraderBroken(f"{where} gave the score {match.group(2)}, which is out of the group's range.")
    return Grade(Verdict(match.group(1)), score)


def _word(verdict: Verdict) -> str:
    """No output is a wrong answer to a grader: its format has no other word for it."""
    return Verdict.WA.value if verdict is Verdict.NO else verdict.value
