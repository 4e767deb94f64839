"""An organiser imports packages: they wait unchecked, a judge machine looks at them, and the console says what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import Judge, Server, admin_of, until
from unit.app.package.packages import write

from app.core.contest import Contest
from app.core.ids import ContestId
from app.server.folder import Folder
from app.server.settings import Settings
from app.server.wiring import build

pytestmark = pytest.mark.root
HALL = ContestId("hall")
STRICT = "import re, sys\nsys.exit(42 if re.fullmatch(r'\\d+ \\d+\\n', sys.stdin.read()) else 1)\n"
EXACT = (
    "import sys\nright = sum(map(int, open(sys.argv[1]).read().split())) == int(sys.stdin.read())\n"
    "sys.exit(42 if right else 1)\n"
)
NO_LIMIT = "problem_format_version: 2025-09\nname: Sum\nuuid: 1\nlimits: {time_resolution: 0.25}\n"
GOOD = {"input_validators/strict.py": STRICT, "problem.yaml": NO_LIMIT}
BAD = {
    "input_validators/strict.py": STRICT,
    "answer_validators/exact.py": EXACT,
    "data/secret/02.in": "3  4\n",
    "data/secret/02.ans": "7\n",
    "data/secret/03.ans": "8\n",
    "data/secret/03.in": "3 6\n",
}


def test_a_machine_checks_what_was_imported(tmp_path: Path) -> None:
    """A good package becomes ready with a measured limit, a bad one is refused with test and validator named."""
    data = tmp_path / "data"
    with build(Folder(data), Settings()) as house:
        house.services.control.create(Contest(HALL, "Hall", None, 18_000_000)).result(5)
        house.services.problems.import_package(HALL, write(tmp_path / "good", GOOD))
        house.services.problems.import_package(HALL, write(tmp_path / "bad", BAD))
    with Server(data) as server, admin_of(server.running) as admin:

        def problems() -> dict[str, Any]:
            return {one["id"]: one for one in admin.get("/admin/v1/state").json()["problems"]}

        def all_checked() -> dict[str, Any] | None:
            found = problems()
            return None if "unchecked" in {one["package_state"] for one in found.values()} else found

        assert {one["package_state"] for one in problems().values()} == {"unchecked"}
        judge = Judge(tmp_path / "judge", server.running)
        try:
            judge.approve(server.running)
            judge.ready()
            checked = until("both packages checked", 30, all_checked)
        finally:
            judge.stop()
        assert (checked["good"]["package_state"], checked["good"]["cpu_seconds"]) == ("ready", 0.25)
        assert "The time limit of 0.25 s is measured" in checked["good"]["package_notes"][0]
        assert checked["bad"]["package_state"] == "refused"
        said = "\n".join(checked["bad"]["package_notes"])
        assert "data/secret/02.in: input_validators/strict.py does not accept it" in said
        assert "data/secret/03.ans: answer_validators/exact.py does not accept it" in said
        desk = admin.get("/admin/v1/state").json()["desk"]
        assert checked["bad"]["package_notes"][0] in [one["detail"] for one in desk]
