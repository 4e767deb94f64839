"""Whole outputs of runs (DESIGN 6): which a finish brings, and which of them somebody may read.

Theory of operation. A report carries the first 8 KiB of what a run printed; where that is all of it, nothing more travels. What is longer,
or is no text, and belongs to a sample or to the test that decides, the machine sends as a blob before its finish, at most 8 MiB a
judgement. The finish names the blobs; only those count that this very lease has sent. An output that could not be kept, for lack of room
here or there, is a note in its place and never keeps a verdict waiting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core import visibility
from app.core.errors import Refusal
from app.core.ids import JudgementId
from app.core.judgement import Judgement
from app.core.people import Caller
from app.core.submission import Submission
from app.ports.store import StoredOutput, StoredRun, Transaction, View
from app.services.package_manifest import samples_of
from app.wire.judge_v1 import MAX_OUTPUT_BYTES, Finish

_NOT_SENT = "The machine named an output that it has not sent."
_TOO_MUCH = "Only 8 MiB of a judgement's outputs are kept; this one did not fit."
_NOT_KEPT = "Only the first 8 KiB of this output were kept."


@dataclass(frozen=True, slots=True)
class WholeOutput:
    """All that a run printed: `data`, or the blob `sha256` where that is not "". `name` is a file name for it."""

    name: str
    size: int
    data: bytes = b""
    sha256: str = ""


def keep_outputs(tx: Transaction, judgement_id: JudgementId, finish: Finish, given: Mapping[str, int]) -> None:
    """Keeps what a finish says of whole outputs; `given` are the blobs of its lease with their sizes. For tests that it ran itself."""
    if not finish.output_blobs and not finish.output_notes:
        return
    kept = {one.sha256: one.size for one in tx.outputs(judgement_id)}  # other machines may have given some
    ran = {str(one.run.number): one.run.number for one in tx.runs(judgement_id) if one.attempt == finish.attempt}
    for key, number in ran.items():
        sha256, note = finish.output_blobs.get(key, ""), finish.output_notes.get(key, "")
        if sha256 and sha256 not in given:
            sha256, note = "", note or _NOT_SENT
        if sha256 or note:
            size = given.get(sha256, 0)
            if sum((kept | {sha256: size}).values()) > MAX_OUTPUT_BYTES:
                sha256, size, note = "", 0, _TOO_MUCH
            kept[sha256] = size
            tx.put_output(StoredOutput(judgement_id, number, finish.attempt, sha256, size, note))


class RunOutputs:
    """The whole outputs of one judgement's runs, from one view."""

    def __init__(self, view: View, judgement_id: JudgementId) -> None:
        self._kept = {(one.number, one.attempt): one for one in view.outputs(judgement_id)}

    def size(self, stored: StoredRun) -> int | None:
        """How long the whole output is that can be read; None where there is none."""
        kept = self._of(stored)
        if kept is not None and kept.sha256:
            return kept.size
        whole = stored.run.whole_stdout
        return None if whole is None else len(whole)

    def note(self, stored: StoredRun) -> str:
        """Why the whole output is not there, or not whole; "" where nothing is to be said."""
        kept = self._of(stored)
        return "" if kept is None else kept.note

    def remarks(self) -> list[str]:
        """What is kept about the compiler."""
        return [one.note for one in self._kept.values() if one.number == 0]

    def whole(self, stored: StoredRun, name: str) -> WholeOutput:
        """The output itself. Refusal 404 where it was not kept."""
        kept = self._of(stored)
        if kept is not None and kept.sha256:
            return WholeOutput(name, kept.size, sha256=kept.sha256)
        whole = stored.run.whole_stdout
        if whole is None:
            raise Refusal(404, (kept.note if kept is not None else "") or _NOT_KEPT)
        return WholeOutput(name, len(whole), whole)

    def _of(self, stored: StoredRun) -> StoredOutput | None:
        return self._kept.get((stored.run.number, stored.attempt))


def readable(
    view: View, caller: Caller, submission: Submission, judgement: Judgement | None
) -> Sequence[tuple[StoredRun, int]]:
    """Counted runs whose whole output the caller may read, with its length, in test order."""
    if judgement is None:
        return ()
    allowed = _allowed(view, caller, submission, judgement)
    outputs = RunOutputs(view, judgement.id)
    found = []
    for stored in view.runs(judgement.id):
        size = outputs.size(stored) if stored.counted and stored.run.number in allowed else None
        if size is not None:
            found.append((stored, size))
    return sorted(found, key=lambda one: one[0].run.number)


def whole_output(
    view: View, caller: Caller, submission: Submission, judgement: Judgement | None, number: int, attempt: int | None
) -> WholeOutput:
    """What the run of a test printed: the one that counts, or that of an attempt. Refusal 404 where the caller may not know of it."""
    if judgement is None or number not in _allowed(view, caller, submission, judgement):
        raise Refusal(404, "There is no such output.")
    for stored in view.runs(judgement.id):
        wanted = stored.counted if attempt is None else stored.attempt == attempt and caller.role.is_jury
        if stored.run.number == number and wanted:
            return RunOutputs(view, judgement.id).whole(stored, f"submission-{submission.id}-test-{number}.out")
    raise Refusal(404, "There is no such output.")


def _allowed(view: View, caller: Caller, submission: Submission, judgement: Judgement) -> frozenset[int]:
    """The tests whose output the caller may read."""
    if not visibility.may_see_output(caller, submission, judgement, sample=True):
        return frozenset()
    if visibility.may_see_output(caller, submission, judgement, sample=False):
        return frozenset(range(1, judgement.test_count + 1))
    record = view.package(judgement.package_version)
    return frozenset() if record is None else samples_of(record.manifest)
