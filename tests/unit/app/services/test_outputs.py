"""Whole outputs of runs: who keeps which, and who may read them (DESIGN 6, 7)."""

from __future__ import annotations

import hashlib

import pytest

from app.core.errors import Refusal
from app.core.ids import LeaseId, SubmissionId
from app.core.people import Caller
from app.core.verdict import Verdict
from app.services.outputs import WholeOutput
from app.wire.judge_v1 import MAX_OUTPUT_BYTES, CompileReport, Finish, RunReport, TaskGrant
from unit.app.services.world import Machine, World

LONG = b"0123456789" * 2000
DIGEST = hashlib.sha256(LONG).hexdigest()


@pytest.fixture
def ada(running: World) -> Caller:
    return running.team("ada")


@pytest.fixture
def machine(running: World) -> Machine:
    return running.machine()


@pytest.fixture
def grant(running: World, machine: Machine, ada: Caller) -> TaskGrant:
    """A submission whose first test is a sample, and whose third is a secret one."""
    running.submit(ada, running.problem().id)
    granted = machine.take()
    assert granted is not None
    assert [granted.tests[0].sample, granted.tests[-1].sample] == [True, False]
    return granted


def run(grant: TaskGrant, number: int, verdict: Verdict, head: str, size: int | None = None) -> RunReport:
    return RunReport(
        number=number,
        test=grant.tests[number - 1].name,
        verdict=verdict.value,
        cpu_seconds=0.1,
        wall_seconds=0.1,
        memory_bytes=7,
        stdout_head=head,
        stdout_bytes=len(head.encode()) if size is None else size,
    )


def end(
    world: World, machine: Machine, grant: TaskGrant, *runs: RunReport, blobs: dict[str, str], notes: dict[str, str]
) -> None:
    message = Finish(
        lease_id=grant.lease_id,
        attempt=grant.attempt,
        compile=CompileReport(ok=True),
        runs=list(runs),
        output_blobs=blobs,
        output_notes=notes,
    )
    assert world.services.report.finish(machine.node, message).result(5).accepted


def fails_at(grant: TaskGrant) -> int:
    """The number of the first secret test."""
    return next(test.number for test in grant.tests if not test.sample)


def passes(grant: TaskGrant, number: int, head: str = "3\n", size: int | None = None) -> list[RunReport]:
    return [run(grant, one, Verdict.AC, head, size) for one in range(1, number)]


def refusal(world: World, caller: Caller, grant: TaskGrant, number: int, attempt: int | None = None) -> Refusal:
    with pytest.raises(Refusal) as found:
        world.services.submissions.output(caller, SubmissionId(grant.submission_id), number, attempt)
    return found.value


def test_short_outputs_need_no_blob(running: World, machine: Machine, grant: TaskGrant, ada: Caller) -> None:
    """What fits the report is whole already: the jury reads all of them, the team its own on the samples."""
    last = fails_at(grant)
    end(running, machine, grant, *passes(grant, last), run(grant, last, Verdict.WA, "no\n"), blobs={}, notes={})
    number = SubmissionId(grant.submission_id)
    jury = running.jury()
    output = running.services.submissions.output
    assert output(jury, number, last) == WholeOutput(f"submission-{number}-test-{last}.out", 3, b"no\n")
    assert output(ada, number, 1).data == b"3\n"
    assert [one.number for one in running.services.submissions.sample_outputs(ada, number)] == list(range(1, last))
    assert refusal(running, ada, grant, last).code == 404
    assert refusal(running, running.team("bob"), grant, 1).code == 404


def test_long_output_is_a_blob_of_this_lease(running: World, machine: Machine, grant: TaskGrant, ada: Caller) -> None:
    """The machine sent it before its finish; the jury finds it by the run that it belongs to."""
    last = fails_at(grant)
    running.blobs.put(LONG)
    assert running.services.dispatch.take_output(LeaseId(grant.lease_id), DIGEST, len(LONG), MAX_OUTPUT_BYTES)
    end(
        running,
        machine,
        grant,
        *passes(grant, last),
        run(grant, last, Verdict.WA, "0123456789", len(LONG)),
        blobs={str(last): DIGEST},
        notes={},
    )
    number = SubmissionId(grant.submission_id)
    whole = running.services.submissions.admin_output(number, last, grant.attempt)
    assert (whole.sha256, whole.size) == (DIGEST, len(LONG))
    detail = running.services.submissions.admin_detail(number)
    assert [(one.number, one.output_bytes) for one in detail.runs][-1] == (last, len(LONG))
    assert refusal(running, ada, grant, last).code == 404


def test_a_blob_that_was_never_sent_is_a_note(running: World, machine: Machine, grant: TaskGrant) -> None:
    """A machine that names somebody else's bytes (hidden tests, say) gets no way to show them; its verdict counts."""
    last = fails_at(grant)
    secret = grant.tests[last - 1].answer
    end(
        running,
        machine,
        grant,
        *passes(grant, last),
        run(grant, last, Verdict.WA, "x", 9000),
        blobs={str(last): secret, "1": secret, "999": secret, "word": secret},
        notes={},
    )
    number = SubmissionId(grant.submission_id)
    detail = running.services.submissions.admin_detail(number)
    assert [one.output_note for one in detail.runs if one.number == last] == [
        "The machine named an output that it has not sent."
    ]
    assert detail.row.verdict == "WA"
    assert "has not sent" in refusal(running, running.jury(), grant, last).sentence


def test_what_could_not_be_kept_says_why(running: World, machine: Machine, grant: TaskGrant) -> None:
    """The server's disk was nearly full: the verdict counts, and the jury reads why the output is missing."""
    last = fails_at(grant)
    end(
        running,
        machine,
        grant,
        *passes(grant, last),
        run(grant, last, Verdict.WA, "x", 9000),
        blobs={},
        notes={str(last): "The server's disk is nearly full, so no outputs are kept."},
    )
    assert "nearly full" in refusal(running, running.jury(), grant, last).sentence
    assert running.services.submissions.admin_detail(SubmissionId(grant.submission_id)).row.verdict == "WA"


def test_quota_counts_each_output_once(running: World, grant: TaskGrant) -> None:
    """8 MiB a judgement; a repeated try costs nothing, and an ended lease has no quota."""
    dispatch, lease = running.services.dispatch, LeaseId(grant.lease_id)
    big = MAX_OUTPUT_BYTES - 10
    assert dispatch.take_output(lease, "a" * 64, big, MAX_OUTPUT_BYTES)
    assert dispatch.take_output(lease, "a" * 64, big, MAX_OUTPUT_BYTES)
    assert not dispatch.take_output(lease, "b" * 64, 11, MAX_OUTPUT_BYTES)
    assert dispatch.take_output(lease, "b" * 64, 10, MAX_OUTPUT_BYTES)
    dispatch.drop_output(lease, "a" * 64)
    assert dispatch.take_output(lease, "c" * 64, big, MAX_OUTPUT_BYTES)
    assert not dispatch.take_output(LeaseId("other"), "c" * 64, 1, MAX_OUTPUT_BYTES)


def test_undecided_shows_nothing_to_the_team(running: World, machine: Machine, grant: TaskGrant, ada: Caller) -> None:
    """While a judgement waits for a juror or runs, the team learns nothing by its outputs either."""
    assert running.services.submissions.sample_outputs(ada, SubmissionId(grant.submission_id)) == ()
    assert refusal(running, ada, grant, 1).code == 404
