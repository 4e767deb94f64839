"""Numbers against an oracle that reckons with fractions, and outputs that never end."""

from __future__ import annotations

import resource
import subprocess
from fractions import Fraction
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from unit.judge_node.compare.calling import Compare

digits = st.text("0123456789", min_size=1, max_size=25)
exponents = st.integers(-40, 40)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    sign = draw(st.sampled_from(["", "-", "+"]))
    whole, part = draw(st.text("0123456789", max_size=25)), draw(st.text("0123456789", max_size=25))
    if not whole and not part:
        whole = "0"
    body = f"{whole}.{part}" if part or draw(st.booleans()) else whole
    tail = draw(st.sampled_from(["", "e", "E"]))
    return sign + body + (f"{tail}{draw(exponents)}" if tail else "")


tolerances = st.one_of(
    st.sampled_from(["0", "1e-9", "1e-6", "0.5", "1", "1e3", "3e-25"]), numbers().map(lambda n: n.lstrip("+-"))
)


def value(text: str) -> Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, part = mantissa.partition(".")
    negative = whole.startswith("-")
    number = Fraction(int((whole.lstrip("+-") or "0") + part or "0"), 10 ** len(part)) * Fraction(10) ** int(
        exponent or 0
    )
    return -number if negative else number


def near(answer: str, absolute: str, offset: int) -> str:
    """A number at the bound, moved by `offset` units of its last of 60 places."""
    at = value(answer) + value(absolute) + Fraction(offset, 10**60)
    scaled = at * 10**60
    return f"{'-' if scaled < 0 else ''}{abs(int(scaled))}e-60" if scaled.denominator == 1 else answer


@given(output=numbers(), answer=numbers(), absolute=tolerances, relative=tolerances)
@example(output="100.0001", answer="100", absolute="0", relative="1e-6")
@example(output="0", answer="0", absolute="0", relative="0")
def test_tolerance_is_exact(compare: Compare, output: str, answer: str, absolute: str, relative: str) -> None:
    """Whatever the numbers, a team within a bound is accepted and a team outside of both is rejected."""
    difference = abs(value(output) - value(answer))
    fine = difference <= value(absolute) or difference <= value(relative) * abs(value(answer))
    arguments = ("float_absolute_tolerance", absolute, "float_relative_tolerance", relative)
    assert compare(output.encode(), answer.encode(), *arguments).code == (42 if fine else 43)


@given(answer=numbers(), absolute=tolerances, offset=st.integers(-2, 2))
def test_bound_is_inclusive_to_the_last_digit(compare: Compare, answer: str, absolute: str, offset: int) -> None:
    """At the bound a team is accepted, one unit of the sixtieth place beyond it is not."""
    output = near(answer, absolute, offset)
    fine = abs(value(output) - value(answer)) <= value(absolute)
    assert compare(output.encode(), answer.encode(), "float_absolute_tolerance", absolute).code == (42 if fine else 43)


def small_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (16 << 20, 16 << 20))


def test_endless_tokens_need_no_memory(plain_program: Path, tmp_path: Path) -> None:
    """A team that prints one word of 200 MB, or a number of as many digits, costs the judge no memory."""
    (tmp_path / "ans").write_bytes(b"1.5")
    for arguments in ([], ["float_tolerance", "1e-6"]):
        words = [plain_program, "ans", "ans", "-", *arguments]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, preexec_fn=small_memory
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            try:
                process.stdin.write(b"1.")
                for _ in range(200):
                    process.stdin.write(b"5" * (1 << 20))
                process.stdin.close()
            except BrokenPipeError:
                assert arguments == []  # a word that differs early needs not be read to its end
            assert process.wait(timeout=30) == 43, process.stderr.read()


def test_large_outputs_are_quick(plain_program: Path, tmp_path: Path) -> None:
    """50 MB of right output are compared in less than half a second of CPU time."""
    line = b"123456789 987654321 555555555\n"
    (tmp_path / "ans").write_bytes(line * (50_000_000 // len(line)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (tmp_path / "ans").open("rb") as output:
        done = subprocess.run([plain_program, "ans", "ans", "-"], stdin=output, cwd=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 42
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5
