"""The default validator in its container, and the outputs that need none: those that are the answer itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import Fault
from app.core.verdict import Verdict
from judge_node.pipeline.job import JobLimits, JobTest
from judge_node.pipeline.validating import DataFolder, DefaultValidating
from judge_node.sandbox.linux.box import LinuxSandbox

pytestmark = pytest.mark.root

Ask = Callable[..., Verdict]


@pytest.fixture
def validating(sandbox: LinuxSandbox, tmp_path: Path) -> DefaultValidating:
    """One for one judgement."""
    tmp_path.chmod(0o755)
    limits = JobLimits(cpu_seconds=1.0, memory_bytes=64 << 20)
    return DefaultValidating(sandbox, DataFolder(tmp_path / "data"), limits)


@pytest.fixture
def ask(validating: DefaultValidating, tmp_path: Path) -> Ask:
    """Asks about an output, as test after test does."""
    numbers = iter(range(1, 100))

    def asked(output: bytes, answer: bytes = b"1 2\n", *arguments: str) -> Verdict:
        number = next(numbers)
        files = {name: tmp_path / f"{number}.{name}" for name in ("in", "ans", "out")}
        for (name, path), text in zip(files.items(), (b"", answer, output), strict=True):
            path.write_bytes(text)
            path.chmod(0o644 if name != "out" else 0o600)
        test = JobTest(f"secret/{number}", False, files["in"], files["ans"], validator_arguments=arguments)
        return validating.ask(number, test, files["out"], len(output)).verdict

    return asked


def test_the_answer_itself_is_right_without_a_run(validating: DefaultValidating, ask: Ask) -> None:
    """Once the validator has accepted its arguments, an output equal to the answer needs no program to be called right."""
    assert ask(b"1 2\n") is Verdict.AC
    assert ask(b"2 1\n") is Verdict.WA
    validating.close()
    assert ask(b"1 2\n") is Verdict.AC
    assert ask(b"", b"") is Verdict.AC
    for other in (b"1  2\n", b"1 2\n\0", b"", b"1 3\n"):
        with pytest.raises(Fault):
            ask(other)


def test_what_is_equal_but_not_the_same_is_asked(validating: DefaultValidating, ask: Ask) -> None:
    """White space, case and numbers are the validator's affair, and so is a long output."""
    long = b"word " * 20_000
    try:
        assert ask(b"1\n2") is Verdict.AC
        assert ask(b"1\n2") is Verdict.AC
        assert ask(b"A", b"a", "case_sensitive") is Verdict.WA
        assert ask(b"1.0", b"1", "float_tolerance", "1e-6") is Verdict.AC
        assert ask(b"", b"1") is Verdict.NO
        assert ask(long, long) is Verdict.AC
    finally:
        validating.close()


def test_arguments_that_the_validator_refuses_are_a_judging_error_each_time(
    validating: DefaultValidating, ask: Ask
) -> None:
    """A package with a wrong flag is not judged by luck: also an output equal to the answer is a judging error."""
    try:
        assert ask(b"1 2\n") is Verdict.AC
        for _ in range(2):
            assert ask(b"1 2\n", b"1 2\n", "no_such_flag") is Verdict.JE
    finally:
        validating.close()
