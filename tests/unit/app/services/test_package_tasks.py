"""Packages wait for a machine that looks at them; judging goes first and goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.core.events import Kind
from app.core.ids import ContestId, LeaseId
from app.core.people import ANONYMOUS
from app.core.problem import PackageRecord, Problem
from app.core.verdict import Verdict
from app.wire.judge_v1 import FaultReport, Finish, Hello, LanguageOffer, PackageReport, TaskGrant
from unit.app.package.packages import write
from unit.app.services.world import SPRING, Machine, World

FREE = 1 << 40


def able(world: World, name: str, *abilities: str) -> Machine:
    """A machine that says it can look at packages."""
    machine = world.machine(name)
    hello_of(world, machine, *abilities)
    return machine


def hello_of(world: World, machine: Machine, *abilities: str) -> None:
    """The machine says hello; its self-test has passed."""
    offers = [LanguageOffer(id="python3", fingerprint="1")]
    hello = Hello(
        facts={}, slots=4, languages=offers, abilities=["package", *abilities], selftest_passed=True, free_memory_bytes=FREE
    )  # fmt: skip
    world.services.dispatch.hello(machine.node, hello)


def record(world: World, problem: Problem) -> PackageRecord:
    """What is stored of the problem's package now."""
    with world.store.read() as view:
        found = view.package(problem.package_version)
    assert found is not None
    return found


def answer(world: World, machine: Machine, grant: TaskGrant, report: PackageReport) -> bool:
    """The machine's answer; whether it was taken."""
    message = Finish(lease_id=grant.lease_id, attempt=grant.attempt, package=report)
    return world.services.report.finish(machine.node, message).result(5).accepted


def tex_problem(world: World, folder: Path) -> Problem:
    """A problem whose statement is TeX, with an input validator."""
    changes = {
        "statement/problem.en.md": None,
        "statement/problem.en.tex": "Add $a$.",
        "input_validators/ok.py": "exit(42)",
    }
    return world.services.problems.import_package(SPRING, write(folder / "sum", changes))  # type: ignore[arg-type]


def test_submissions_go_before_packages(running: World) -> None:
    """With a submission and a package waiting the machine judges first; then it gets the package, and one only."""
    problem = running.problem("barge")
    running.problem("mailboat")
    running.submit(running.team("ada"), problem.id)
    machine = able(running, "bench-1")
    kinds = [grant.kind if (grant := machine.take()) is not None else None for _ in range(3)]
    assert kinds == ["judge", "package", None]
    assert running.services.desk.state().server.queue == 0


def test_a_machines_answer_makes_it_ready_or_refused(running: World, tmp_path: Path) -> None:
    """What was found is shown to the jury only; the measured limit holds; answering twice changes nothing."""
    problem = tex_problem(running, tmp_path)
    machine = able(running, "bench-1", "pandoc")
    grant = machine.take()
    assert grant is not None
    assert grant.package is not None
    assert grant.package.statement is not None
    assert running.services.dispatch.blob_allowed(machine.id, LeaseId(grant.lease_id), grant.package.inputs[0].sha256)
    page = '<p onclick="x()">Row <span class="math inline">\\(a^2\\)</span> far.<script>alert(1)</script></p>'
    assert answer(running, machine, grant, PackageReport(notes=["fine"], statement_html=page))
    stored = record(running, problem)
    assert stored.state == "ready"
    assert "<math" in stored.statement_html
    assert "script" not in stored.statement_html
    assert "onclick" not in stored.statement_html
    problems = running.services.problems
    assert problems.statement(ANONYMOUS, SPRING, problem.id).package_notes == ()
    assert "fine" in problems.statement(running.jury(), SPRING, problem.id).package_notes
    answer(running, machine, grant, PackageReport(problems=["late"]))
    assert record(running, problem).state == "ready"


def test_what_is_measured_holds_in_every_contest_with_the_package(running: World, tmp_path: Path) -> None:
    """The school's and the town's contest hold the same problem without a time limit: a machine measures once, and both have the limit."""
    folder = write(tmp_path / "sum", {"input_validators/ok.py": "exit(42)"})
    town = replace(running.book.contest(SPRING), id=ContestId("town"), name="The town's")
    running.services.control.create(town).result(5)
    problems = running.services.problems
    held = [problems.import_package(contest, folder) for contest in (SPRING, town.id)]
    known = record(running, held[0])
    manifest = {**known.manifest, "limits": {**known.manifest["limits"], "cpu_seconds_known": False}}
    running.store.write(lambda tx: tx.put_package(replace(known, manifest=manifest))).result(5)
    machine = able(running, "bench-1")
    grant = machine.take()
    assert grant is not None
    assert answer(running, machine, grant, PackageReport(cpu_seconds=7.0))
    assert [
        problems.problem(running.jury(f"j{one.contest_id}"), one.contest_id, one.id).cpu_seconds for one in held
    ] == [7, 7]


def test_faults_on_two_machines_refuse_the_package(running: World, expected_warnings: list[str]) -> None:
    """A package that breaks two machines is refused with the reason; the desk tells, and judging it goes on."""
    expected_warnings += ["machine bench-1 failed", "machine bench-2 failed"]
    problem = running.problem("barge")
    for name in ("bench-1", "bench-2"):
        machine = able(running, name)
        grant = machine.take()
        assert grant is not None
        report = FaultReport(lease_id=grant.lease_id, kind="sandbox", sentence="The kernel said no.")
        running.services.dispatch.fault(machine.node, report).result(5)
    assert record(running, problem).state == "refused"
    with running.store.read() as view:
        assert view.events_after(0, 1000)[-1].kind is Kind.PROBLEM, (
            "the log tells it too, and so whoever waits for news"
        )
    details = [item.detail for item in running.services.desk.items() if item.kind == "problem"]
    assert "The kernel said no." in details[0]
    running.submit(running.team("ada"), problem.id)
    hello_of(running, machine)
    judged = machine.take()
    assert judged is not None
    machine.finish(judged, [Verdict.WA])


def test_tex_waits_for_the_machine_with_pandoc(running: World, tmp_path: Path) -> None:
    """Where some machine can convert TeX, the package with a TeX statement goes to that one."""
    tex_problem(running, tmp_path)
    plain, converter = able(running, "bench-1"), able(running, "bench-2", "pandoc")
    assert plain.take() is None
    grant = converter.take()
    assert grant is not None
    assert grant.kind == "package"


def test_a_checked_package_that_comes_again_stays_checked(running: World, tmp_path: Path) -> None:
    """The same files imported once more, there and into another contest: what was found and measured holds, no machine looks again."""
    folder = write(tmp_path / "sum", {"input_validators/ok.py": "exit(42)"})
    problems = running.services.problems
    held = problems.import_package(SPRING, folder)
    known = record(running, held)
    manifest = {**known.manifest, "limits": {**known.manifest["limits"], "cpu_seconds_known": False}}
    running.store.write(lambda tx: tx.put_package(replace(known, manifest=manifest))).result(5)
    machine = able(running, "bench-1")
    grant = machine.take()
    assert grant is not None
    assert answer(running, machine, grant, PackageReport(cpu_seconds=7.0, notes=["fine"]))
    checked = record(running, held)
    town = replace(running.book.contest(SPRING), id=ContestId("town"), name="The town's")
    running.services.control.create(town).result(5)
    again = [problems.import_package(contest, folder) for contest in (SPRING, town.id)]
    assert [one.cpu_seconds for one in again] == [7, 7]
    assert record(running, held) == checked
    assert machine.take() is None
