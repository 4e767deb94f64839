"""Other kinds of problems through a real server and a real machine: verdict, score and groups as on the command line."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from gate_house import CONTEST, House, open_house
from gate_pages import EchoPages
from running import until
from unit.app.package.foreign import TASK, italian
from unit.app.package.packages import write

from app.core.ids import ProblemId, SubmissionId
from app.core.judgement import State
from app.core.scoring.groups import decimal
from app.ports.store import SubmissionFilter
from app.server.ticker import Beat, Ticker
from app.services.gradings import Gradings
from flow.test_graders import PACKAGE
from flow.test_new_kinds import static_package
from flow.test_pairing_node import Node, judgement
from flow.test_task_types import FILES, READS, TALK

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A contest with a manager's problem, one with named files, one of outputs, one with a grader; and a machine."""
    folder = tmp_path_factory.mktemp("hall")
    opened = open_house(folder, EchoPages().app)
    packages = {
        "talk": italian(folder / "talk", TALK),
        "files": italian(
            folder / "files", {**FILES, "sol/solution.py": f"{READS}print(a + b, file=open('out.txt', 'w'))\n"}
        ),
        "outputs": italian(folder / "outputs", {"task.yaml": TASK + "output_only: true\n"}),
        "graded": write(folder / "graded", PACKAGE),
        "golf": static_package(folder / "golf"),
    }
    for name, package in packages.items():
        opened.services.problems.import_package(CONTEST, package, problem_id=name)  # type: ignore[arg-type]
    ticker = Ticker("pulse", [Beat("leases", 0.5, opened.services.dispatch.tick)], time.monotonic)
    ticker.start()
    node = Node(opened, folder / "node", "lab-1")
    try:
        node.approve()
        node.ready()
        yield opened
    finally:
        node.process.stop()
        ticker.stop()
        opened.close()


def judged(
    house: House, problem: str, language: str, code: str = "", files: dict[str, str] | None = None
) -> tuple[str, str]:
    """Verdict and score of a team's submission."""
    body: dict[str, object] = {"problem_id": problem, "language": language}
    if files is None:
        body["code"] = code
    else:
        body["files"] = [{"name": name, "data": b64encode(text.encode()).decode()} for name, text in files.items()]
    with house.client("team1") as team:
        answer = team.post("/api/v1/submissions", json=body)
    assert answer.status_code == 202, answer.text
    number = SubmissionId(int(answer.json()["submission_id"].removeprefix("sub_")))
    done = until("a verdict", 120, lambda: (one := judgement(house, number)).state in (State.DONE, State.DESK) and one)
    return str(done.verdict and done.verdict.value), "" if done.score_millionths is None else decimal(
        done.score_millionths
    )


def groups_of(house: House, problem: str) -> list[list[tuple[str, str, str]]]:
    """Name, verdict and points of each group of the problem's submissions, oldest first, as pages and console show them."""
    with house.services.store.read() as view:
        found = sorted(
            view.submissions(SubmissionFilter(CONTEST, problem_id=ProblemId(problem))), key=lambda one: one.id
        )
        judgements = [view.judgements(one.id)[-1] for one in found]
        shown = [Gradings().groups(view, one.package_version, one.id) for one in judgements]
    return [[(one.name, str(one.verdict), decimal(one.score_millionths)) for one in groups] for groups in shown]


def test_kinds_through_the_server(house: House, tmp_path: Path) -> None:
    """Two processes and a manager, named files, a grader, a static validator, outputs: what teams get is what verify gets."""
    assert judged(house, "talk", "cpp", str(TALK["sol/solution.cpp"])) == ("AC", "100")
    assert judged(house, "talk", "python3", str(TALK["sol/near.py"])) == ("AC", "65")
    assert judged(house, "files", "python3", f"{READS}print(a + b, file=open('out.txt', 'w'))\n") == ("AC", "100")
    assert judged(house, "files", "python3", f"{READS}print(a + b)\n") == ("AC", "0")
    assert judged(house, "graded", "python3", str(PACKAGE["submissions/accepted/all.py"])) == ("AC", "30")
    assert judged(house, "graded", "python3", str(PACKAGE["submissions/partially_accepted/one.py"])) == ("AC", "15")
    assert judged(house, "graded", "python3", "print('x')\n") == ("WA", "0")
    secret = [[one for one in groups if one[0] == "secret"] for groups in groups_of(house, "graded")]
    assert secret == [[("secret", "AC", "30")], [("secret", "AC", "15")], [("secret", "WA", "0")]]
    assert judged(house, "golf", "python3", "print(sum(map(int, input().split())))\n") == ("AC", "100")
    assert judged(house, "golf", "python3", "print(eval(input().replace(' ', '+')))\n") == ("AC", "60")
    outputs = {f"output_{number:03d}.txt": text for number, text in enumerate(("3", "7", "7", "110"))}
    assert judged(house, "outputs", "c", files=outputs) == ("AC", "65")
