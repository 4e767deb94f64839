"""A task on the wire becomes a job for the pipeline, or is refused as broken."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Fault
from app.core.spans import Span
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.loader import load_languages
from app.wire.judge_v1 import KnownRun, TaskFile, TaskGrant, TaskLimits, TaskTest
from judge_node.tasks import blobs_of, job_of

LANGUAGES = load_languages()
PYTHON = LANGUAGES["python3"]


def blob(folder: Path, data: bytes) -> tuple[str, Path]:
    digest = hashlib.sha256(data).hexdigest()
    (folder / digest).write_bytes(data)
    return digest, folder / digest


def inline(name: str, data: bytes) -> TaskFile:
    return TaskFile(name=name, sha256=hashlib.sha256(data).hexdigest(), data_base64=base64.b64encode(data).decode())


def grant(**changes: Any) -> TaskGrant:
    fields: dict[str, Any] = {
        "kind": "judge",
        "lease_id": "l1",
        "attempt": 1,
        "deadline_seconds": 8,
        "language": "python3",
        "language_definition": PYTHON.as_document(),
        "language_hash": PYTHON.definition_hash,
        "files": [inline("main.py", b"print(7)")],
        "limits": TaskLimits(cpu_seconds=1.5, memory_bytes=1 << 28, output_bytes=1 << 23),
    }
    return TaskGrant.model_validate({**fields, **changes})


def test_whole_task_arrives_whole(tmp_path: Path) -> None:
    """Tests with their files, the package's own files, a custom validator whose language is told by its names, limits."""
    question, question_path = blob(tmp_path, b"3 4\n")
    answer, answer_path = blob(tmp_path, b"7\n")
    check, check_path = blob(tmp_path, b"int main() {}")
    table, table_path = blob(tmp_path, b"1,2\n")
    task = grant(
        include=[TaskFile(name="lib.py", sha256=table)],
        tests=[
            TaskTest(
                number=1, name="sample/1", sample=True, input=question, input_size=4, answer=answer, answer_size=2,
                validator_arguments=["case_sensitive"], arguments=["-v"], files=[TaskFile(name="t.csv", sha256=table)],
            )
        ],
        validator="custom",
        validator_files=[TaskFile(name="check.cpp", sha256=check)],
    )  # fmt: skip
    assert blobs_of(task) == {question: 4, answer: 2, check: -1, table: -1}
    paths = {question: question_path, answer: answer_path, check: check_path, table: table_path}
    job = job_of(task, paths, LANGUAGES)
    assert job.files == (SourceFile("main.py", b"print(7)"),)
    assert job.include == (SourceFile("lib.py", b"1,2\n"),)
    assert job.language == PYTHON
    (test,) = job.tests
    assert (test.input, test.answer, test.arguments) == (question_path, answer_path, ("-v",))
    assert test.files == (("t.csv", table_path),)
    assert job.validator is not None
    assert job.validator.language.id == "cpp"
    assert (job.limits.cpu_seconds, job.limits.memory_bytes) == (1.5, 1 << 28)


def test_a_part_brings_no_files_of_other_parts(tmp_path: Path) -> None:
    """Of a task of four tests a machine that has the last two, one of them known already, fetches one; the job still counts four."""
    blobs = [blob(tmp_path, f"{number}\n".encode()) for number in range(8)]
    tests = [
        TaskTest(number=n + 1, name=f"t{n}", input=blobs[n][0], input_size=2, answer=blobs[n + 4][0], answer_size=2)
        for n in range(4)
    ]
    task = grant(tests=tests, first=3, known=[KnownRun(number=4, verdict=Verdict.AC)])
    assert set(blobs_of(task)) == {blobs[2][0], blobs[6][0]}
    job = job_of(task, dict([blobs[2], blobs[6]]), LANGUAGES)
    assert (len(job.tests), job.tests[2].input, job.tests[2].answer) == (4, blobs[2][1], blobs[6][1])
    assert next(job.rules.due({run.number: run for run in job.known}, lambda: Span(3, 9))) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"language_hash": "0" * 64},
        {"language_definition": {"id": "python3"}},
        {"language": "cpp"},
        {"limits": None},
        {"files": [TaskFile(name="main.py", sha256="0" * 64, data_base64="cHJpbnQ=")]},
        {"files": [TaskFile(name="main.py", sha256="0" * 64, data_base64="?")]},
        {"validator": "custom", "validator_files": [inline("check.rs", b"fn main() {}")]},
        {"validator": "custom", "validator_files": [inline("check.cpp", b"")], "validator_language": "cobol"},
    ],
)
def test_broken_task_is_a_fault_of_ours(changes: dict[str, Any]) -> None:
    """A task that contradicts itself is never judged: it would be a wrong verdict."""
    with pytest.raises(Fault):
        job_of(grant(**changes), {}, LANGUAGES)
