"""What the facts of one run mean before any validator is asked (DESIGN 6, order on one test)."""

from __future__ import annotations

from app.core.verdict import Verdict
from app.languages.definition import Language
from judge_node.sandbox.outcome import Limit, Outcome

NEAR = 0.1
FLAKY_SPREAD = 0.05


def verdict_of_run(outcome: Outcome, cpu_seconds: float, output_bytes: int, language: Language) -> Verdict | None:
    """TLE, MLE, RTE or OLE, in this order; None where the validator decides.

    A file beyond its size limit ends a run by SIGXFSZ, which is OLE and not a crash. A virtual machine that ends
    with its heap full is MLE. Past its output budget a run goes on, so OLE comes last.
    """
    if outcome.limit in (Limit.CPU, Limit.WALL) or outcome.cpu_seconds > cpu_seconds:
        return Verdict.TLE
    if outcome.limit is Limit.MEMORY or heap_is_full(outcome, language):
        return Verdict.MLE
    if outcome.limit is Limit.FILE_SIZE:
        return Verdict.OLE
    if outcome.signal is not None or outcome.exit_code != 0:
        return Verdict.RTE
    if outcome.limit is Limit.OUTPUT or outcome.stdout_bytes + outcome.stderr_bytes > output_bytes:
        return Verdict.OLE
    return None


def heap_is_full(outcome: Outcome, language: Language) -> bool:
    """Whether a virtual machine ended since its heap was full: its exit code for that, and its words on stderr."""
    full = language.run.out_of_memory
    if full is None or outcome.exit_code != full.exit_code:
        return False
    said = (outcome.stderr_head + outcome.stdout_head).decode("utf-8", "replace")
    return any(word in said for word in full.words)


def is_near(outcome: Outcome, cpu_seconds: float) -> bool:
    """Whether the measured CPU time is within 10 % of the limit, so that a second look is fair."""
    return (
        outcome.limit in (None, Limit.CPU, Limit.OUTPUT)
        and abs(outcome.cpu_seconds - cpu_seconds) <= NEAR * cpu_seconds
    )


def is_flaky(measured: list[float]) -> bool:
    """Whether measurements of one run spread over more than 5 % of the smallest."""
    return min(measured) > 0 and (max(measured) - min(measured)) / min(measured) > FLAKY_SPREAD
