"""A problem and its trial in values of admin_packages_v1, as a server would tell them: for tests of the console."""

from __future__ import annotations

from app.wire.admin_packages_v1 import (
    ImportLine,
    JurySolutionState,
    LimitProposal,
    ProblemDetail,
    ProblemTest,
    SolutionRun,
    StatementRef,
    Trial,
    TrialDifference,
)

REPORT = [
    ImportLine(
        level="error",
        file="data/secret/03.in",
        sentence="the validator refuses the input: n is 0.",
        advice="Mend it and import the package again.",
    ),
    ImportLine(
        level="warning", file="problem.yaml, line 3", sentence="the key foo has no meaning here.", advice="Take it out."
    ),
    ImportLine(level="note", file="", sentence="A judge machine still has to look at this package.", advice="Wait."),
]


def solution(name: str, expected: str, verdict: str = "", *, state: str = "done") -> JurySolutionState:
    """A jury solution, judged on one machine where a verdict is given."""
    run = SolutionRun(
        machine="bench-1",
        verdict=verdict,
        ok=verdict == expected,
        cpu_seconds=0.4,
        limit_seconds=2,
        memory_bytes=1 << 24,
        tests_passed=3,
        test_count=23,
        failing_test="" if verdict == "AC" else "secret/07",
        message="",
        score_millionths=None,
        at_ms=0,
    )
    return JurySolutionState(
        name=name, language="", expected=[expected], score=None, state=state, runs=[run] if verdict else []
    )


def detail(problem_id: str = "p-a", **changes: object) -> ProblemDetail:
    """Problem A with ten tests, two statements, four solutions of which one is wrong, and a limit that is too low."""
    made = ProblemDetail(
        id=problem_id,
        label="A",
        title="Avalanche Airlift",
        rgb="#E5484D",
        version="ab12" * 16,
        package_state="ready",
        cpu_seconds=2,
        memory_bytes=256 << 20,
        output_bytes=8 << 20,
        package_cpu_seconds=1,
        validator="custom",
        kind="pass-fail",
        languages=[],
        statements=[StatementRef(language="de", format="html"), StatementRef(language="en", format="html")],
        samples=[["3 4\n", "7\n"]],
        attachments=[],
        tests=[
            ProblemTest(number=n, name=f"secret/{n:02d}", sample=n < 3, input_bytes=40 * n, answer_bytes=3)
            for n in range(1, 11)
        ],
        test_count=10,
        report=REPORT,
        solutions=[
            solution("accepted/a.cpp", "AC", "AC"),
            solution("accepted/b.py", "AC", "AC"),
            solution("wrong_answer/c.cpp", "WA", "AC"),
            solution("time_limit_exceeded/d.py", "TLE", state="waiting"),
        ],
        proposal=LimitProposal(seconds=3, slowest_seconds=1.3, slowest="accepted/b.py", multiplier=2, sentence=""),
        can_export=True,
        has_trial=False,
    )
    return made.model_copy(update=changes)


def trial(**changes: object) -> Trial:
    """A trial in the middle, which would change two verdicts."""
    made = Trial(
        present="a" * 64,
        version="c0ffee" + "0" * 58,
        package_state="ready",
        submissions=214,
        judged=150,
        differences=[
            TrialDifference(
                submission_id=number, team_id="t1", before="AC", after="WA", score_before=None, score_after=None
            )
            for number in (1201, 1207)
        ],
        changes=["Its time limit goes from 2 s to 3 s."],
    )
    return made.model_copy(update=changes)
