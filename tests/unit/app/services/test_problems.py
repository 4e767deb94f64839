"""Problem packages in a contest: importing, reading, files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import ContestId, LanguageId, PackageVersion, ProblemId, Sha256
from app.core.people import ANONYMOUS
from app.core.submission import SourceFile
from app.services import package_manifest as manifests
from app.services.answers import SubmitRequest
from unit.app.services.world import MINUTE_MS, PACKAGES, SPRING, World


def record(world: World, version: PackageVersion):  # type: ignore[no-untyped-def]
    with world.store.read() as view:
        found = view.package(version)
    assert found is not None
    return found


@pytest.mark.parametrize("package", sorted(one.name for one in PACKAGES.iterdir() if one.is_dir()))
def test_every_sample_problem_can_be_imported(running: World, package: str) -> None:
    """Each problem that comes along becomes judgeable: tests in order, all files stored, a statement without leftovers."""
    problem = running.problem(package)
    stored = record(running, problem.package_version)
    tests = manifests.tests_of(stored.manifest)
    assert [test.number for test in tests] == list(range(1, problem.test_count + 1))
    assert all(running.blobs.size(Sha256(digest)) is not None for digest in manifests.hashes_of(stored.manifest))
    assert manifests.limits_of(stored.manifest).cpu_seconds == problem.cpu_seconds
    # A statement that is a file shows its examples itself.
    assert stored.samples or stored.manifest["dialogues"] or not stored.statement_html
    assert "<script" not in stored.statement_html
    assert not [line for line in stored.manifest["warnings"] if "formula" in line]


def test_a_packages_own_validator_travels_with_its_tasks(running: World) -> None:
    """The barge's validator and its files are named, and the package waits for a machine to check it."""
    problem = running.problem("barge")
    stored = record(running, problem.package_version)
    validator = manifests.validator_of(stored.manifest)
    assert validator.kind == "custom"
    assert [file.name for file in validator.files] == ["balance.py"]
    assert stored.state == "unchecked"
    assert validator.files[0].sha256 in manifests.hashes_of(stored.manifest)


def test_problems_get_letters_and_balloons(running: World) -> None:
    """Problems come as A, B, … with different balloons; a wish is granted unless the letter is taken."""
    first, second = running.problem("strikes"), running.problem("crates")
    assert (first.label, second.label) == ("A", "B")
    assert first.rgb != second.rgb
    problems = running.services.problems
    third = problems.import_package(SPRING, PACKAGES / "ferry", label="X", rgb="#123456", color="dusk")
    assert (third.label, third.rgb, third.color, third.ordinal) == ("X", "#123456", "dusk", 3)
    with pytest.raises(Refusal, match="letter A") as caught:
        problems.import_package(SPRING, PACKAGES / "flags", label="A")
    assert caught.value.code == 409


def test_a_new_version_keeps_its_place(running: World, tmp_path: Path) -> None:
    """A mended package replaces the old one under its letter; the old version stays for what was judged with it."""
    old = running.problem("strikes")
    folder = tmp_path / "strikes"
    shutil.copytree(PACKAGES / "strikes", folder)
    statement = next((folder / "statement").glob("*.md"))
    statement.write_text(statement.read_text() + "\nMended: $n \\ge 1$.\n")
    new = running.services.problems.import_package(SPRING, folder)
    assert (new.id, new.label, new.rgb) == (old.id, old.label, old.rgb)
    assert new.package_version != old.package_version
    assert record(running, old.package_version)
    assert "Mended" in running.services.problems.statement(running.jury(), SPRING, new.id).html
    with running.store.read() as view:
        assert sum(event.kind is Kind.PROBLEM for event in view.events_after(0, 1000)) == 2


def test_before_the_start_nothing_is_told(world: World) -> None:
    """Before the start teams get no list, no statement and no file; the jury gets all."""
    world.contest(begins_in_minutes=5)
    problem = world.problem()
    team, jury = world.team("lanterns"), world.jury()
    problems = world.services.problems
    assert problems.list(team, SPRING) == ()
    assert [view.problem.id for view in problems.list(jury, SPRING)] == ["strikes"]
    for caller in (team, ANONYMOUS):
        with pytest.raises(Refusal) as caught:
            problems.statement(caller, SPRING, problem.id)
        assert caught.value.code == 404
    assert problems.statement(jury, SPRING, problem.id).html
    world.clock.forward(minutes=5)
    view = problems.statement(team, SPRING, problem.id)
    assert view.samples
    assert "python3" in view.languages
    with pytest.raises(Refusal):
        problems.statement(team, SPRING, ProblemId("unknown"))


def test_pictures_of_a_statement(world: World, tmp_path: Path) -> None:
    """A picture of the package gets an address of its own and is served only while the problem may be seen; others are left out."""
    folder = tmp_path / "strikes"
    shutil.copytree(PACKAGES / "strikes", folder)
    (folder / "statement" / "map.png").write_bytes(b"\x89PNG picture")
    statement = next((folder / "statement").glob("*.md"))
    statement.write_text(
        statement.read_text() + "\n![a map](map.png) ![spy](http://far.example/x.png) ![up](../problem.yaml)\n"
    )
    world.contest(begins_in_minutes=5)
    problem = world.services.problems.import_package(SPRING, folder)
    jury, team = world.jury(), world.team("lanterns")
    html = world.services.problems.statement(jury, SPRING, problem.id).html
    assert "far.example" not in html
    assert "problem.yaml" not in html
    address = f"/blobs/statement/{problem.package_version}/"
    digest = Sha256(html.split(address)[1][:64])
    found = world.services.problems.file(jury, problem.package_version, digest)
    assert (found.mime, found.name, found.size) == ("image/png", "map.png", 12)
    with pytest.raises(Refusal):
        world.services.problems.file(team, problem.package_version, digest)
    secret = Sha256(manifests.tests_of(record(world, problem.package_version).manifest)[-1].answer)
    world.clock.forward(minutes=5)
    assert world.services.problems.file(team, problem.package_version, digest)
    with pytest.raises(Refusal):
        world.services.problems.file(team, problem.package_version, secret)


def test_a_broken_package_changes_nothing(running: World, tmp_path: Path) -> None:
    """A folder that is no package is refused with a sentence, and the contest stays as it was."""
    (tmp_path / "nothing").mkdir()
    with pytest.raises(Refusal):
        running.services.problems.import_package(SPRING, tmp_path / "nothing")
    assert running.services.problems.list(running.jury(), SPRING) == ()


def test_two_contests_hold_the_same_problem(running: World) -> None:
    """The autumn contest takes over problems of the spring one under their ids: each has its own limits, submissions and counts."""
    autumn = ContestId("autumn")
    start = Instant(running.clock.now() - MINUTE_MS)
    running.services.control.create(Contest(autumn, "Autumn contest", start, 60 * MINUTE_MS)).result(5)
    ours = running.problem()
    theirs = running.services.problems.import_package(autumn, PACKAGES / "strikes", label="Z")
    assert (theirs.id, theirs.label) == (ours.id, "Z")
    ada, jury = running.team("ada"), running.jury()
    eve = running.team("eve", contest_id=autumn)
    first = running.submit(ada, ours.id).submission_id
    second = running.submit(eve, theirs.id).submission_id
    running.machine().judge()
    running.tick()
    submissions, standings = running.services.submissions, running.services.standings
    assert [submissions.view(jury, one).problem_label for one in (first, second)] == [ours.label, "Z"]
    assert standings.counts(jury, SPRING, ours.id) == (1, 1)
    assert standings.counts(jury, autumn, ours.id) == (0, 1)
    statement = running.services.problems.statement
    assert (statement(ada, SPRING, ours.id).problem, statement(eve, autumn, ours.id).problem) == (ours, theirs)
    for caller, foreign in ((ada, autumn), (eve, SPRING)):
        with pytest.raises(Refusal) as refused:
            statement(caller, foreign, ours.id)
        assert refused.value.code == 404
    request = SubmitRequest(ours.id, LanguageId("python3"), (SourceFile("main.py", b"print(1)"),))
    with pytest.raises(Refusal) as unclear:
        running.services.submit.accept(jury, request, running.clock.now()).result(5)
    assert unclear.value.code == 422, "two contests run: the jury has to name one"
    named = replace(request, contest_id=autumn)
    taken = running.services.submit.accept(jury, named, running.clock.now()).result(5)
    assert submissions.view(jury, taken.submission_id).contest_id == autumn
    with pytest.raises(Refusal) as other:
        running.services.submit.accept(ada, named, running.clock.now()).result(5)
    assert other.value.code == 403
    lines = [line.sentence for line in running.audit.log_lines(0, 500) if line.kind == "submission"]
    assert [" for Z " in line for line in lines] == [False, True, True]
