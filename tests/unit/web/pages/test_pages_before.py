"""Before the start nothing tells which problems there will be: no page, no fragment, no REST answer, no file."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pages_house import CONTEST, ROOT, PagesHouse, submit_code, text_of

from app.core.errors import Refusal
from app.core.ids import LanguageId, ProblemId
from app.core.submission import SourceFile
from app.services.answers import SubmitRequest

SECRETS = ("Apple Crates", "crates", "Ferry", "ferry", "hint.txt")


@pytest.fixture
def house(house: PagesHouse, tmp_path: Path) -> PagesHouse:
    """The contest before its start; one problem has a picture in its statement and an attachment."""
    package = tmp_path / "crates"
    shutil.copytree(ROOT / "problems" / "crates", package)
    (package / "statement" / "crate.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (package / "attachments").mkdir(exist_ok=True)
    (package / "attachments" / "hint.txt").write_text("look at the corners")
    house.services.problems.import_package(CONTEST, package)
    return house


def everything(house: PagesHouse) -> list[str]:
    """Every address that could tell of a problem."""
    addresses = ["/", "/problems", "/problems/crates", "/submit", "/submit?problem=crates", "/board", "/clock.json"]
    addresses += [
        f"/fragments/{name}" for name in ("board", "problems", "summary", "submissions", "submissions?problem=crates")
    ]
    addresses += [f"/api/v1/{name}" for name in ("problems", "problems/crates", "problems/ferry", "leaderboard")]
    addresses += ["/api/v1/teams/otters/rank", "/submissions/1", "/submissions/1/files/0"]
    for problem in house.services.store.write(lambda tx: tx.problems(CONTEST)).result(5):
        with house.services.store.read() as view:
            record = view.package(problem.package_version)
        assert record is not None
        files = [*record.manifest["statement_files"], *record.manifest["attachments"]]
        addresses += [f"/blobs/statement/{problem.package_version}/{one['sha256']}" for one in files]
    return addresses


@pytest.mark.parametrize("who", ["", "otters"])
def test_no_problem_is_told_before_the_start(house: PagesHouse, who: str) -> None:
    """Neither strangers nor teams find a problem's name or file anywhere; what exists is answered like what doesn't."""
    client = house.client(who)
    for address in everything(house):
        answer = client.get(address)
        assert answer.status_code < 500, address
        told = answer.get_data(as_text=True).replace("/fragments/submissions?problem=crates", "")
        assert not [word for word in SECRETS if word in told and word not in address], address
        assert "X-Contestbox-Blob" not in answer.headers, address
    assert client.get("/api/v1/problems/crates").status_code == client.get("/api/v1/problems/none").status_code


def test_nothing_is_taken_before_the_start(house: PagesHouse) -> None:
    """A submission before the start gets the same answer for a problem that exists and for one that doesn't."""
    client = house.client("otters")
    for language in ("python3", "cobol"):
        answers = [submit_code(client, problem, language, "print(1)") for problem in ("crates", "none")]
        assert answers[0].status_code == answers[1].status_code
        assert text_of(answers[0]).replace("crates", "") == text_of(answers[1]).replace("none", "")
    caller = house.services.accounts.caller_of(client.get_cookie(house.services.accounts.cookie_name).value)
    request = SubmitRequest(ProblemId("crates"), LanguageId("cobol"), (SourceFile("a.c", b"x"),), idempotency_key="one")
    for problem in ("crates", "none"):
        future = house.services.submit.accept(
            caller, replace(request, problem_id=ProblemId(problem)), house.clock.now()
        )
        with pytest.raises(Refusal, match="has not begun"):
            future.result(5)


def test_the_jury_finds_everything(house: PagesHouse) -> None:
    """The same addresses answer the jury, so that the test above cannot pass by a mistyped address."""
    client = house.client("moreau")
    told = "".join(client.get(address).get_data(as_text=True) for address in everything(house))
    assert all(word in told for word in SECRETS)
    blobs = [address for address in everything(house) if address.startswith("/blobs/")]
    assert blobs
    assert {client.get(address).status_code for address in blobs} == {200}
