"""What is on trial, as it stands in the store, and how a trial ends: on the organiser's word, or because it cannot be judged.

One setting names the trials, one entry for each problem at most; what was judged for them is found by its package version, so the
setting stays small however many submissions there are. All functions here are the writer's or only read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.core.errors import Refusal
from app.core.ids import ContestId, PackageVersion, ProblemId
from app.core.judgement import Judgement, State
from app.ports.leases import TaskKind, TaskState
from app.ports.store import Transaction, View

_SETTING = "trials"
_NONE = "No other version of this problem is on trial."
_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Trial:
    """A version beside the one that a problem has; `stopped` says why it is not judged with any more, "" while it is."""

    contest_id: ContestId
    problem_id: ProblemId
    version: PackageVersion
    offered: int = 0
    """The log's length when it was offered: the same version offered again is another trial."""
    stopped: str = ""


def trials_of(view: View) -> Mapping[str, Trial]:
    """All trials by their keys, stopped ones too."""
    found = {}
    for key, stored in _stored(view).items():
        contest_id, _, problem_id = key.partition("/")
        found[key] = Trial(
            ContestId(contest_id),
            ProblemId(problem_id),
            PackageVersion(stored["version"]),
            stored.get("offered", 0),
            stored.get("stopped", ""),
        )
    return found


def trial_of(view: View, contest_id: ContestId, problem_id: ProblemId) -> Trial:
    """The trial of a problem. Refusal 404 without one."""
    trial = trials_of(view).get(_key(contest_id, problem_id))
    if trial is None:
        raise Refusal(404, _NONE)
    return trial


def begin_trial(tx: Transaction, contest_id: ContestId, problem_id: ProblemId, version: PackageVersion) -> None:
    """Another version goes on trial, in the place of one that may be there; what waits for that one is set aside."""
    set_aside(tx, contest_id, problem_id)
    _keep(tx, {**_stored(tx), _key(contest_id, problem_id): {"version": version, "offered": tx.last_event()[0]}})


def end_trial(tx: Transaction, contest_id: ContestId, problem_id: ProblemId) -> None:
    """Forgets a trial; what waits for it is set aside."""
    set_aside(tx, contest_id, problem_id)
    _keep(tx, {key: one for key, one in _stored(tx).items() if key != _key(contest_id, problem_id)})


def stop_trial(tx: Transaction, judgement: Judgement, reason: str) -> None:
    """A judgement of a trial could not be made: no other one is begun until the version is offered again."""
    trial = going_on(tx, judgement)
    if trial is None:
        return
    key, stored = _key(trial.contest_id, trial.problem_id), _stored(tx)
    why = f"Submission {judgement.submission_id}: {reason}"[:_MOST_CHARACTERS]
    _keep(tx, {**stored, key: {**stored[key], "stopped": why}})
    set_aside(tx, trial.contest_id, trial.problem_id)


def going_on(view: View, judgement: Judgement) -> Trial | None:
    """The trial that a judgement belongs to; None where that is over or stopped."""
    submission = view.submission(judgement.submission_id)
    if submission is None:
        return None
    trial = trials_of(view).get(_key(submission.contest_id, submission.problem_id))
    return trial if trial is not None and trial.version == judgement.package_version and not trial.stopped else None


def set_aside(tx: Transaction, contest_id: ContestId, problem_id: ProblemId) -> None:
    """Takes what waits for a trial out of the queue; what a machine has begun it ends, and nobody counts it."""
    for task in tx.leases.queued(TaskKind.TRIAL):
        judgement = tx.judgement(task.judgement_id) if task.judgement_id is not None else None
        submission = tx.submission(judgement.submission_id) if judgement is not None else None
        if judgement is None or submission is None:
            continue
        if (submission.contest_id, submission.problem_id) == (contest_id, problem_id):
            tx.leases.change(replace(task, state=TaskState.DONE))
            tx.put_judgement(replace(judgement, state=State.DESK))


def _key(contest_id: ContestId, problem_id: ProblemId) -> str:
    return f"{contest_id}/{problem_id}"


def _stored(view: View) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(view.setting(_SETTING) or "{}")
    return found


def _keep(tx: Transaction, trials: Mapping[str, Any]) -> None:
    tx.put_setting(_SETTING, json.dumps(trials))
