"""Tests whose files are larger than the usual working directory: judged like any other, and no machine is blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Fault, Refusal
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.core.ways import Ways
from app.languages.loader import load_languages
from app.package.recipe import Step
from judge_node.pipeline.generating import Generation
from judge_node.pipeline.job import JobLimits, JobTest, JobValidator, JudgeJob, Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.pipeline.programs import ValidatorStore
from judge_node.pipeline.scratch_room import MOST_BROUGHT_BYTES, USUAL_BYTES, scratch_for
from judge_node.sandbox.limits import MEBIBYTE
from judge_node.sandbox.linux.box import LinuxSandbox

pytestmark = pytest.mark.root

LARGE = 70 * MEBIBYTE
LAST = """
#include <stdio.h>
int main(void) {
    FILE *in = fopen("%s", "r");
    long size;
    if (!in || fseek(in, -1, SEEK_END)) return 1;
    size = ftell(in) + 1;
    printf("%%ld %%c\\n", size, fgetc(in));
    return 0;
}
"""
"""Tells the size and the last character of a file."""
MANAGER = """
#include <stdio.h>
int main(int argc, char **argv) {
    FILE *in = fopen("input.txt", "r"), *from = fopen(argv[1], "r"), *to = fopen(argv[2], "w");
    long size, told;
    if (!in || fseek(in, 0, SEEK_END)) return 1;
    size = ftell(in);
    fprintf(to, "%ld\\n", size);
    fflush(to);
    puts(fscanf(from, "%ld", &told) == 1 && told == size ? "1" : "0");
    return 0;
}
"""
ECHO = """
#include <stdio.h>
int main(int argc, char **argv) {
    long size;
    FILE *from = fopen(argv[1], "r"), *to = fopen(argv[2], "w");
    if (fscanf(from, "%ld", &size) == 1) fprintf(to, "%ld\\n", size);
    return 0;
}
"""
"""The manager tells it how large the input is, and it says the same."""


@pytest.fixture
def workshop(sandbox: LinuxSandbox, tmp_path: Path) -> Workshop:
    return Workshop(sandbox, ValidatorStore(tmp_path / "validators", {}), node="here")


def file_of(folder: Path, size: int) -> Path:
    """A file of this size that takes no room on the disk; its last character is x."""
    path = folder / f"{size}.in"
    with path.open("wb") as file:
        file.seek(size - 1)
        file.write(b"x")
    return path


def verdicts(
    workshop: Workshop, folder: Path, program: str, tests: list[JobTest], ways: Ways, manager: str = ""
) -> list[Verdict]:
    """What each test says."""
    c = load_languages()["c"]
    limits = JobLimits(cpu_seconds=2, memory_bytes=64 * MEBIBYTE)
    validator = JobValidator((SourceFile("manager.c", manager.encode()),), c) if manager else None
    source = SourceFile("a.c", program.encode())
    job = JudgeJob((source,), c, tuple(tests), limits, validator=validator, ways=ways)
    (folder / "work").mkdir()
    return [run.verdict for run in judge(job, workshop, folder / "work", Watcher()).runs]


def case(number: int, given: Path, **more: object) -> JobTest:
    """A test whose answer is what LAST says about the input."""
    answer = given.with_suffix(".ans")
    answer.write_text(f"{given.stat().st_size} x\n")
    return JobTest(f"secret/{number}", False, given, answer, **more)  # type: ignore[arg-type]


def test_a_named_input_larger_than_the_usual_working_directory(workshop: Workshop, tmp_path: Path) -> None:
    """A small input, one of 70 MiB, and a small one again: all are judged by what is in them."""
    tests = [case(number, file_of(tmp_path, size)) for number, size in enumerate((10, LARGE, 20), 1)]
    found = verdicts(workshop, tmp_path, LAST % "in.dat", tests, Ways(input_file="in.dat"))
    assert found == [Verdict.AC] * 3


def test_a_file_of_a_test_larger_than_the_usual_working_directory(workshop: Workshop, tmp_path: Path) -> None:
    """The input comes on the standard input, and beside it a file of 70 MiB."""
    large = file_of(tmp_path, LARGE)
    test = case(1, large, files=(("data/big.bin", large),))
    assert verdicts(workshop, tmp_path, LAST % "data/big.bin", [test], Ways()) == [Verdict.AC]


def test_a_manager_with_an_input_larger_than_the_usual_working_directory(workshop: Workshop, tmp_path: Path) -> None:
    """The manager finds its input.txt, the small ones and the one of 70 MiB."""
    tests = [case(number, file_of(tmp_path, size)) for number, size in enumerate((10, LARGE, 20), 1)]
    assert verdicts(workshop, tmp_path, ECHO, tests, Ways(processes=1), MANAGER) == [Verdict.AC] * 3


def test_room_grows_in_steps_and_ends(tmp_path: Path) -> None:
    """Most tests have the usual room; a task with files beyond all measure is refused as a task, not tried on the machine."""
    small, large, beyond = (file_of(tmp_path, size) for size in (MEBIBYTE, LARGE, MOST_BROUGHT_BYTES))
    assert scratch_for((small, small)) == USUAL_BYTES
    assert scratch_for((large,)) == scratch_for((large, small)) == 3 * USUAL_BYTES
    with pytest.raises(Fault, match="do not fit") as refused:
        scratch_for((beyond, small))
    assert refused.value.kind == "task"


def test_a_solution_with_named_files_makes_the_answer_of_a_large_test(workshop: Workshop, tmp_path: Path) -> None:
    """The answer to an input of 70 MiB is made by a program that reads in.dat; one that writes beyond the bound is named, not cut."""
    file_of(tmp_path, LARGE)
    (tmp_path / "sol.c").write_text(LAST % "in.dat")
    wide = '#include <stdio.h>\nint main(void) { FILE *o = fopen("out.dat", "w"); fseek(o, 50 << 20, 0); return fputc(120, o) != 120; }\n'
    (tmp_path / "wide.c").write_text(wide)
    files = {name: tmp_path / name for name in (f"{LARGE}.in", "sol.c", "wide.c")}
    generation = Generation(files, tmp_path / "made", workshop, load_languages(), lambda language: None)
    step = Step("1.ans", "The solution", program=("sol.c",), stdin=f"{LARGE}.in", input_file="in.dat")
    assert generation.make([step], lambda name: None)["1.ans"].read_text() == f"{LARGE} x\n"
    step = Step("2.in", "The generator", program=("wide.c",), output_file="out.dat")
    with pytest.raises(Refusal, match="wrote more than 48 MiB"):
        generation.make([step], lambda name: None)
