"""Evidence: bounded whatever a machine says, and compared with what counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.evidence import MOST_OF_A_TEST, MOST_TEXT, EvidenceRoom, differences
from app.core.judgement import Run
from app.core.verdict import Verdict

VERDICTS = st.sampled_from([Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.JE])
RUNS = st.builds(
    Run,
    number=st.integers(1, 5),
    test=st.just("t"),
    verdict=VERDICTS,
    cpu_seconds=st.sampled_from([0.1, 0.2, 0.3]),
    wall_seconds=st.just(1.0),
    memory_bytes=st.just(1),
    message=st.integers(0, MOST_TEXT // 3).map(lambda size: "m" * size),
)


@given(said=st.lists(st.tuples(st.integers(1, 3), RUNS), max_size=60))
def test_evidence_is_bounded_and_kept_once(said: list[tuple[int, Run]]) -> None:
    """However often and however much machines talk: few runs of a test, bounded words, nothing twice, and the first ones are kept."""
    room, kept = EvidenceRoom(), []
    for attempt, run in said:
        known = room.knows(attempt, run)
        taken = room.take(attempt, run)
        if taken is not None:
            assert not known
            assert (taken.verdict, taken.cpu_seconds, taken.number) == (run.verdict, run.cpu_seconds, run.number)
            kept.append((attempt, taken))
        assert room.take(attempt, run) is None
    for number in range(1, 6):
        mine = [run for _, run in kept if run.number == number]
        assert len(mine) <= MOST_OF_A_TEST
        different = {(attempt, run.verdict, run.cpu_seconds) for attempt, run in said if run.number == number}
        assert len(mine) == min(MOST_OF_A_TEST, len(different))
    words = [run.message for _, run in kept if set(run.message) <= {"m"}]
    assert sum(map(len, words)) <= MOST_TEXT


@given(counted=st.lists(RUNS, max_size=5, unique_by=lambda run: run.number), evidence=st.lists(RUNS, max_size=10))
def test_differences_are_those_of_verdicts(counted: list[Run], evidence: list[Run]) -> None:
    """Only another verdict about the same test is a difference; time and memory may vary, and a judging error says nothing."""
    first = {run.number: run for run in counted}
    found = differences(first, evidence)
    expected = [
        run
        for run in evidence
        if run.number in first
        and {run.verdict, first[run.number].verdict} - {Verdict.JE} == {run.verdict, first[run.number].verdict}
        and run.verdict != first[run.number].verdict
    ]
    assert sorted(id(one.other) for one in found) == sorted(map(id, expected))
    assert [one.counted.number for one in found] == sorted(one.counted.number for one in found)
    assert all(one.counted is first[one.other.number] for one in found)


def test_whole_output_is_told_from_its_beginning() -> None:
    """Text that is all there is whole; more bytes than shown, or bytes that are no text, are not."""
    run = Run(1, "t", Verdict.AC, 0.1, 0.1, 1, stdout_head="né\n", stdout_bytes=4)
    assert run.whole_stdout == "né\n".encode()
    for head, size in (("né\n", 5), ("n\ufffd\n", 5), ("x", None)):
        assert Run(1, "t", Verdict.AC, 0.1, 0.1, 1, stdout_head=head, stdout_bytes=size).whole_stdout is None
