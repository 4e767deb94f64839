"""Exporting problems: whatever came in goes out as a 2025-09 package that means the same."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from app.adapters.memory.blobs import MemoryBlobs
from app.core.errors import Refusal
from app.package.findings import Findings
from app.package.reader import open_package
from app.package.yamlfile import parse_yaml
from app.services.package_export import export_package, meaning
from app.services.package_import import import_files
from unit.app.package.foreign import elements, italian, polygon, problem_xml
from unit.app.services.world import PACKAGES

_LEGACY_SCORING = {
    "problem.yaml": "name: Steps\nauthor: Ada, Bob\nvalidator_flags: float_tolerance 1e-6\ntype: scoring\n",
    "problem_statement/problem.en.md": "How many steps?\n",
    "problem_statement/map.png": "picture",
    "data/sample/1.in": "1\n",
    "data/sample/1.ans": "1\n",
    "data/sample/1.out": "one\n",
    "data/testdata.yaml": "grader_flags: ignore_sample\nrange: 0 100\n",
    "data/secret/testdata.yaml": "grader_flags: sum\n",
    "data/secret/a/testdata.yaml": "accept_score: 40\ngrader_flags: min\noutput_validator_flags: case_sensitive\n",
    "data/secret/a/1.in": "2\n",
    "data/secret/a/1.ans": "2\n",
    "data/secret/b/testdata.yaml": "accept_score: 60\ngrader_flags: min\non_reject: continue\n",
    "data/secret/b/2.in": "3\n",
    "data/secret/b/2.ans": "3\n",
    "submissions/accepted/a.py": "print(input())\n",
    "submissions/wrong_answer/b.py": "print(2)\n",
    "input_format_validators/check.py": "import sys\nsys.exit(42)\n",
    ".timelimit": "1.5\n",
}


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def _exported(package: Path, target: Path) -> tuple[str, ...]:
    blobs = MemoryBlobs()
    return export_package(import_files(package, blobs).manifest, blobs, target)


def _check_round_trip(package: Path, target: Path) -> None:
    with open_package(package) as before, open_package(target) as after:
        assert after.package.format_version == "2025-09"
        assert after.package.short_name == before.package.short_name
        said, told = meaning(before), meaning(after)
        assert said == told
        assert [one.rules for one in before.package.submissions] == [one.rules for one in after.package.submissions]


@pytest.mark.parametrize("package", sorted(one.name for one in PACKAGES.iterdir() if one.is_dir()))
def test_every_sample_problem_comes_back(package: str, tmp_path: Path) -> None:
    """Each problem of the demo, in whatever format it is, comes back as a 2025-09 package that means the same."""
    assert _exported(PACKAGES / package, tmp_path / f"{package}.zip") == ()
    _check_round_trip(PACKAGES / package, tmp_path / f"{package}.zip")


@pytest.mark.parametrize("system", ["polygon", "italian"])
def test_other_systems_packages_come_back(system: str, tmp_path: Path) -> None:
    """Packages of Polygon and CMS come back as 2025-09 packages."""
    folder = tmp_path / "steps"
    package = polygon(folder, problem_xml(elements())) if system == "polygon" else italian(folder)
    _exported(package, tmp_path / "steps.zip")
    _check_round_trip(package, tmp_path / "steps.zip")


def test_a_legacy_package_with_points(tmp_path: Path) -> None:
    """A legacy package keeps limits, arguments, points and what its sample shows; that 2025-09 has no word for its points is said."""
    package = _written(tmp_path / "steps", _LEGACY_SCORING)
    notes = _exported(package, tmp_path / "steps.zip")
    assert "testdata.yaml" in notes[0]
    _check_round_trip(package, tmp_path / "steps.zip")
    with zipfile.ZipFile(tmp_path / "steps.zip") as archive:
        names = {name.removeprefix("steps/") for name in archive.namelist()}
        settings = parse_yaml(archive.read("steps/problem.yaml").decode(), "problem.yaml", Findings()).data
    assert {"statement/problem.en.md", "statement/map.png", "input_validators/check.py"} <= names
    assert "data/sample/1.ans.statement" in names
    assert not {name for name in names if name.startswith(("problem_statement", "output_validators", "."))}
    assert settings["credits"] == {"authors": ["Ada", "Bob"]}
    assert settings["limits"]["time_limit"] == 1.5


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A file that is there is not written over, and a failed export leaves nothing beside it."""
    target = tmp_path / "strikes.zip"
    target.write_text("mine")
    with pytest.raises(Refusal, match="there already"):
        _exported(PACKAGES / "strikes", target)
    assert [one.name for one in tmp_path.iterdir()] == ["strikes.zip"]
    assert target.read_text() == "mine"


def test_a_version_without_its_files(tmp_path: Path) -> None:
    """A version that was imported before its files were kept says that it has to be imported again."""
    blobs = MemoryBlobs()
    manifest = import_files(PACKAGES / "strikes", blobs).manifest
    del manifest["source"]
    with pytest.raises(Refusal, match="import the package again"):
        export_package(manifest, blobs, tmp_path / "strikes.zip")
