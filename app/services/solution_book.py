"""What a package's jury solutions ended as on this contest's machines, as it stands in the store.

Theory of operation. A jury solution is no submission of anybody: it has no row among them, no judgement, no place on a board or in a feed.
One setting for each package version holds what its solutions ended as, by the solution's place in the manifest and by machine, the newest
result of each; that is some hundred bytes a result. The setting is there, empty, from the moment that the solutions were sent to machines
for the first time. All functions here are the writer's or only read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.core.clock import Instant
from app.core.ids import PackageVersion
from app.core.verdict import Verdict, agrees
from app.ports.store import Transaction, View

_MOST_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class SolutionResult:
    """What one solution ended as on one machine; times in microseconds of CPU. Verdict JE: it could not be judged, `message` says why."""

    machine: str
    verdict: str
    cpu_us: int
    limit_us: int
    memory_bytes: int
    passed: int
    tests: int
    at: int
    failing_test: str = ""
    message: str = ""
    score_millionths: int | None = None


Results = Mapping[int, tuple[SolutionResult, ...]]
"""By the solution's place in the manifest; the machines of each in the order of their names."""


def results_of(view: View, version: PackageVersion) -> Results | None:
    """The results of a version's solutions; None where they were never sent to a machine."""
    stored = view.setting(_name(version))
    if stored is None:
        return None
    found = {}
    for place, machines in json.loads(stored).items():
        found[int(place)] = tuple(SolutionResult(**machines[name]) for name in sorted(machines))
    return found


def keep_result(tx: Transaction, version: PackageVersion, place: int, result: SolutionResult) -> None:
    """The newest result of a solution on its machine."""
    stored: dict[str, dict[str, Any]] = json.loads(tx.setting(_name(version)) or "{}")
    machines = stored.setdefault(str(place), {})
    # A solution that nobody could judge has no machine; one that somebody judges now has no such trouble any more.
    machines.pop("", None)
    kept = asdict(result)
    kept["message"] = result.message[:_MOST_CHARACTERS]
    machines[result.machine] = kept
    tx.put_setting(_name(version), json.dumps(stored))


def begin(tx: Transaction, version: PackageVersion) -> None:
    """The solutions are sent to machines: from now on there are results, none as yet."""
    if tx.setting(_name(version)) is None:
        tx.put_setting(_name(version), "{}")


def unjudged(at: Instant, reason: str, tests: int = 0) -> SolutionResult:
    """The result of a solution that no machine could judge."""
    return SolutionResult("", Verdict.JE.value, 0, 0, 0, 0, tests, at, message=reason)


def keeps_promise(manifest: Mapping[str, Any], solution: Mapping[str, Any], result: SolutionResult) -> bool:
    """Whether a solution ended as its package promises (DESIGN 6); one without a promise only has to be judged."""
    if result.verdict == Verdict.JE.value:
        return False
    named = frozenset(Verdict(one) for each in manifest.get("solutions", ()) for one in each["expected"])
    expected = frozenset(Verdict(one) for one in solution["expected"])
    if expected and not agrees(Verdict(result.verdict), expected, named):
        return False
    score = solution["score"]
    return score is None or score[0] <= (result.score_millionths or 0) <= score[1]


def missed(manifest: Mapping[str, Any], results: Results | None) -> Sequence[tuple[Mapping[str, Any], SolutionResult]]:
    """The solutions, each once, that did not end as promised on some machine, in the order of the manifest."""
    found = []
    for place, solution in enumerate(manifest.get("solutions", ())):
        wrong = [one for one in (results or {}).get(place, ()) if not keeps_promise(manifest, solution, one)]
        if wrong:
            found.append((solution, wrong[0]))
    return found


def _name(version: PackageVersion) -> str:
    return f"solutions:{version}"
