"""Runs and outputs on the page of a submission: all of them for the jury, its own samples for the team, nothing for others."""

from __future__ import annotations

import hashlib

import pytest
from pages_house import PagesHouse, submit_code, text_of

from app.core.ids import LeaseId
from app.wire.judge_v1 import MAX_OUTPUT_BYTES, CompileReport, Finish, LeaseRequest, RunReport, TaskGrant

EVIL = "<script>alert(1)</script>\n"
DIGEST = hashlib.sha256(b"long").hexdigest()


@pytest.fixture
def judged(running: PagesHouse) -> TaskGrant:
    """A submission of the otters that fails at the first secret test; the sample's output is markup, the secret one's a blob."""
    assert submit_code(running.client("otters"), "crates", "python3", "print(1)").status_code == 303
    wish = LeaseRequest(free_slots=1, free_memory_bytes=1 << 34)
    grant = running.services.dispatch.lease(running.node, wish).result(5)
    assert grant is not None
    assert running.services.dispatch.take_output(LeaseId(grant.lease_id), DIGEST, 4, MAX_OUTPUT_BYTES)
    last = next(test.number for test in grant.tests if not test.sample)
    runs = [run(grant, number, "AC", EVIL) for number in range(1, last)]
    answer = running.services.report.finish(
        running.node,
        Finish(
            lease_id=grant.lease_id,
            attempt=grant.attempt,
            compile=CompileReport(ok=True),
            runs=[*runs, run(grant, last, "WA", "SECRET", 9000)],
            output_blobs={str(last): DIGEST},
        ),
    )
    assert answer.result(5).accepted
    return grant


def run(grant: TaskGrant, number: int, verdict: str, head: str, size: int = 0) -> RunReport:
    return RunReport(
        number=number,
        test=grant.tests[number - 1].name,
        verdict=verdict,  # type: ignore[arg-type]
        cpu_seconds=0.1,
        wall_seconds=0.1,
        memory_bytes=1,
        stdout_head=head,
        stdout_bytes=size or len(head),
    )


def test_team_saves_what_it_printed_on_samples(running: PagesHouse, judged: TaskGrant) -> None:
    """Its own bytes, as an attachment that no browser runs; nothing of secret tests, not even that there is something."""
    team = running.client("otters")
    page = team.get("/submissions/1").get_data(as_text=True)
    assert "/submissions/1/outputs/1" in page
    last = next(test.number for test in judged.tests if not test.sample)
    assert f"/outputs/{last}" not in page
    assert "SECRET" not in page
    answer = team.get("/submissions/1/outputs/1")
    assert answer.get_data(as_text=True) == EVIL
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "attachment; filename=submission-1-test-1.out"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    for path in (f"{last}", "999", f"{last}?attempt=1"):
        assert team.get(f"/submissions/1/outputs/{path}").status_code == 404


def test_others_see_no_output(running: PagesHouse, judged: TaskGrant) -> None:
    """Another team and a stranger get nothing."""
    assert running.client("compilers").get("/submissions/1/outputs/1").status_code == 404
    assert "/outputs/" not in running.client("compilers").get("/submissions/1").get_data(as_text=True)
    assert running.client().get("/submissions/1/outputs/1").status_code in (302, 303, 401)


def test_jury_sees_runs_and_what_contradicts_them(running: PagesHouse, judged: TaskGrant) -> None:
    """Each run with its output; late evidence with another verdict is said plainly."""
    jury = running.client("moreau")
    last = next(test.number for test in judged.tests if not test.sample)
    page = jury.get("/submissions/1")
    assert "different results" not in text_of(page)
    assert f"/submissions/1/outputs/{last}?attempt=1" in page.get_data(as_text=True)
    answer = jury.get(f"/submissions/1/outputs/{last}?attempt=1")
    assert answer.headers["X-Contestbox-Blob"] == DIGEST, "the gate sends the file"
    late = Finish(lease_id=judged.lease_id, attempt=judged.attempt, runs=[run(judged, last, "AC", "yes")])
    running.services.report.finish(running.node, late).result(5)
    words = text_of(jury.get("/submissions/1"))
    assert "Judged twice with different results" in words
    assert "evidence, does not count" in words
    assert "different result" in words
    assert "evidence" not in text_of(running.client("otters").get("/submissions/1"))
