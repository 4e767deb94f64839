"""The report of an import: each finding with its level, its file and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.adapters.memory.blobs import MemoryBlobs
from app.core.errors import Refusal
from app.services.package_import import import_files
from app.services.package_report import import_report, refused_report
from unit.app.services.world import PACKAGES


def test_a_clumsy_package(tmp_path: Path) -> None:
    """A version of the format that is none and a missing answer are errors under their files, each with what to do."""
    folder = tmp_path / "strikes"
    shutil.copytree(PACKAGES / "strikes", folder)
    settings = folder / "problem.yaml"
    settings.write_text(settings.read_text().replace("2025-09", "2049-01", 1))
    next((folder / "data" / "secret").glob("*.ans")).unlink()
    with pytest.raises(Refusal) as caught:
        import_files(folder, MemoryBlobs())
    report = refused_report(caught.value)
    assert {line.level for line in report} == {"error"}
    assert {"problem.yaml", "data"} == {line.file.partition(",")[0].partition("/")[0] for line in report}
    assert all(line.sentence and line.advice for line in report)


def test_a_package_that_waits(tmp_path: Path) -> None:
    """Tolerated things are warnings under their file; that a judge machine has to look is a note, until its words stand there."""
    folder = tmp_path / "barge"
    shutil.copytree(PACKAGES / "barge", folder)
    shutil.rmtree(folder / "submissions" / "accepted")
    imported = import_files(folder, MemoryBlobs())
    report = import_report(imported.manifest, imported.state)
    assert ("warning", "submissions") in {(line.level, line.file) for line in report}
    assert report[-1].level == "note"
    checked = {**imported.manifest, "checked": {"problems": ["balance.py: it does not compile."], "notes": []}}
    first = import_report(checked, "refused")[0]
    assert (first.level, first.file, first.sentence) == ("error", "balance.py", "it does not compile.")


def test_sentences_without_a_file() -> None:
    """A colon inside of a sentence makes no file of its beginning."""
    line = refused_report(Refusal(422, "The archive cannot be read: it ends too early."))[0]
    assert (line.file, line.sentence) == ("", "The archive cannot be read: it ends too early.")
