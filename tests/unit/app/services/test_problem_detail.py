"""A problem as the organiser sees it: statements in their languages, pictures, what another version changes, and its solutions too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.core.ids import PackageVersion, Sha256
from unit.app.services.world import PACKAGES, SPRING, World


def package(tmp_path: Path, *, limit: str = "2.0") -> Path:
    """Strikes in two more languages, with a picture, nothing to check, and a limit of its own."""
    folder = tmp_path / f"strikes-{limit}"
    shutil.copytree(PACKAGES / "strikes", folder)
    shutil.rmtree(folder / "input_validators")
    statement = folder / "statement"
    (statement / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (statement / "problem.de.md").write_text(
        "# Schläge\n\nWie **oft**? ![Uhr](picture.png)\n<script>alert(1)</script>\n"
    )
    (statement / "problem.fr.pdf").write_bytes(b"%PDF-1.4")
    yaml = folder / "problem.yaml"
    lines = [line for line in yaml.read_text().splitlines() if "time_limit:" not in line]
    yaml.write_text("\n".join(lines).replace("limits:", f"limits:\n  time_limit: {limit}") + "\n")
    return folder


def test_every_language_is_read_and_harmless(running: World, tmp_path: Path) -> None:
    """English as teams see it, German beside it without its script, French as a document; a language that is not there is refused."""
    problem = running.services.problems.import_package(SPRING, package(tmp_path))
    details = running.services.details
    found = details.detail(SPRING, problem.id)
    assert {one.language: one.format for one in found.statements} == {"de": "html", "en": "html", "fr": "pdf"}
    german = details.statement(SPRING, problem.id, "de")
    assert "<strong>oft</strong>" in german
    assert "<script" not in german
    assert details.statement(SPRING, problem.id, "") == details.statement(SPRING, problem.id, "en") != german
    with pytest.raises(Refusal) as missing:
        details.statement(SPRING, problem.id, "it")
    assert missing.value.code == 404
    address = german.split('src="')[1].split('"')[0].split("/")
    data, mime = details.picture(PackageVersion(address[-2]), Sha256(address[-1]))
    assert (data[:4], mime) == (b"\x89PNG", "image/png")
    with pytest.raises(Refusal):
        details.picture(PackageVersion(address[-2]), Sha256(running_secret(running, problem.package_version)))


def running_secret(world: World, version: str) -> str:
    """The hash of a secret test's input: no picture."""
    with world.store.read() as view:
        record = view.package(PackageVersion(version))
    assert record is not None
    return str(record.manifest["tests"][-1]["input"]["sha256"])


def test_what_a_version_on_trial_is(running: World, tmp_path: Path) -> None:
    """Its limit stands beside the present one before any switch, and its jury solutions can be judged before it as well."""
    problem = running.services.problems.import_package(SPRING, package(tmp_path))
    running.services.versions.offer(SPRING, problem.id, package(tmp_path, limit="3.5"))
    assert running.services.versions.compared(SPRING, problem.id).changes == ("Its time limit goes from 2 s to 3.5 s.",)
    details = running.services.details
    assert details.detail(SPRING, problem.id).cpu_seconds == 2
    assert details.detail(SPRING, problem.id, trial=True).cpu_seconds == 3.5
    machine = running.machine()
    count = running.solutions.judge(SPRING, problem.id, trial=True).result(5)
    assert count > 2
    grant = machine.take()
    assert grant is not None
    assert grant.limits is not None
    assert grant.limits.cpu_seconds == 3.5
    states = {one.state for one in details.detail(SPRING, problem.id).solutions}
    assert states == {"unjudged"}, "those of the present version are others"
    assert running.solutions.stop(SPRING, problem.id).result(5) == count - 1
