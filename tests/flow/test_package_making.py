"""An organiser imports packages whose tests have still to be made: a judge machine makes them, then they are judged like any other."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from running import Judge, Server, admin_of, until
from unit.app.package.foreign import CHECKED, GEN, TESTS, elements, italian, polygon, problem_xml
from unit.app.package.packages import write

from app.core.contest import Contest
from app.core.ids import ContestId
from app.server.folder import Folder
from app.server.settings import Settings
from app.server.wiring import build
from flow.test_foreign_formats import GENERATOR
from flow.test_verify import call, lines

pytestmark = pytest.mark.root
HALL = ContestId("hall")
PYTHON_GENERATOR = "import sys\nfrom limits import MOST\na, b = map(int, sys.argv[1:])\nassert a <= MOST\nprint(a, b)\n"
PYTHON_VALIDATOR = """import sys
from limits import MOST
a, b = map(int, open(sys.argv[1]).read().split())
assert a <= MOST
if a == 50: sys.exit(f"{a} in {sys.argv[2]}")
"""
UNMADE: dict[str, str | None] = {
    "gen/GEN": GEN.replace("example.txt", "att/example.txt"),
    "gen/generatore.py": PYTHON_GENERATOR,
    "gen/limits.py": "MOST = 100\n",
    **{f"{folder}/{folder}{number}.txt": None for folder in ("input", "output") for number in range(4)},
}


def standard(folder: Path, generator: str = GENERATOR) -> Path:
    """A standard package of Polygon: only the first input is there."""
    made = elements().replace('<test method="manual"/>', '<test method="generated" cmd="gen 70 8"/>')
    programs = '<executables><executable><source path="files/gen.cpp" type="cpp.g++17"/></executable></executables>'
    xml = problem_xml(made, assets=CHECKED).replace("</resources>", f"</resources>{programs}")
    lacking: dict[str, str | None] = {f"tests/{number:02d}{end}": None for number in TESTS for end in ("", ".a")}
    return polygon(folder, xml, {**lacking, "tests/01": "1 2\n", "files/gen.cpp": generator})


def test_a_machine_makes_the_tests(tmp_path: Path) -> None:
    """Tests of Polygon's and of CMS's packages are made by a machine: the problem gets them, with limits and checks; a generator that
    fails is told to the organiser. A problem that is there already keeps its version until the new one has its tests."""
    data = tmp_path / "data"
    with zipfile.ZipFile(tmp_path / "plus.zip", "w") as archive:
        for path in sorted(standard(tmp_path / "plus").rglob("*")):
            archive.write(path, path.relative_to(tmp_path))
    with build(Folder(data), Settings()) as house:
        house.services.control.create(Contest(HALL, "Hall", None, 18_000_000)).result(5)
        problems = house.services.problems
        problems.import_package(HALL, tmp_path / "plus.zip", label="A", problem_id="polygon")  # type: ignore[arg-type]
        problems.import_package(HALL, italian(tmp_path / "cms", UNMADE), label="B", problem_id="cms")  # type: ignore[arg-type]
        broken = standard(tmp_path / "broken", "int main() { return 3; }\n")
        problem = problems.import_package(HALL, broken, label="C", problem_id="broken")  # type: ignore[arg-type]
        assert problem.test_count == 0
        old = problems.import_package(HALL, write(tmp_path / "old"), label="D", problem_id="kept")  # type: ignore[arg-type]
        kept = problems.import_package(HALL, tmp_path / "plus.zip", problem_id="kept")  # type: ignore[arg-type]
        assert (kept.package_version, kept.test_count) == (old.package_version, 2)
    with Server(data) as server, admin_of(server.running) as admin:

        def found() -> dict[str, Any]:
            return {one["id"]: one for one in admin.get("/admin/v1/state").json()["problems"]}

        def all_checked() -> dict[str, Any] | None:
            present = found()
            waits = (
                "unchecked" in {one["package_state"] for one in present.values()} or present["kept"]["test_count"] != 4
            )
            return None if waits else present

        assert "a judge machine makes them" in found()["polygon"]["package_notes"][0]
        judge = Judge(tmp_path / "judge", server.running)
        try:
            judge.approve(server.running)
            judge.ready()
            checked = until("all packages made and checked", 240, all_checked)
        finally:
            judge.stop()
    assert {name: (one["package_state"], one["test_count"], one["label"]) for name, one in checked.items()} == {
        "polygon": ("ready", 4, "A"), "cms": ("ready", 4, "B"), "broken": ("refused", 0, "C"),
        "kept": ("ready", 4, "D"),
    }, checked  # fmt: skip
    assert "The generator gen of test 2 ended by exit code 3" in checked["broken"]["package_notes"][0]
    assert checked["polygon"]["cpu_seconds"] == 0.5


@pytest.mark.full
def test_an_italian_task_is_completed(tmp_path: Path, cache: Path) -> None:
    """GEN's lines and copies become inputs, the author's solution writes the outputs; verify judges with them."""
    package = italian(tmp_path / "plus", UNMADE)
    done = call(cache, "verify", package, "--json")
    assert {path: one["score"] for path, one in lines(done).items()} == {
        "accepted/solution.py": 100, "other/near.py": 65, "other/off.py": 30,
    }, done.stderr  # fmt: skip
    (package / "gen/valida.py").write_text(PYTHON_VALIDATOR)
    refused = call(cache, "verify", package, "--json")
    assert (
        "data/secret/002/0003.in: input_validators/valida does not accept it (ended with exit code 43): 50 in 3"
        in refused.stderr
    )
    (package / "gen/valida.py").unlink()
    whole = tmp_path / "whole"
    assert call(cache, "complete", package, whole).stdout == f"{whole}: 8 files made.\n"
    assert [(whole / f"input/input{number}.txt").read_text() for number in range(4)] == [
        "1 2",
        "3 4\n",
        "10 -4\n",
        "50 60\n",
    ]
    assert (whole / "output/output3.txt").read_text() == "110\n"
