"""`demo --check`: every solution of every sample problem through the web pages, as a team's browser would do it.

Theory of operation: all teams sign in by the form, each with its own cookie, and are dealt out to as many threads as the machines can judge
at once. A thread takes the next solution from the list and the next of its teams, which sends the submit form, then does what the page's
script does: waits at /live for news of its own topic and after each looks at the submission's fragment until that shows a verdict. What the
page shows is compared with what the package promises. The teams take turns since each may submit so often a minute only.
"""

from __future__ import annotations

import queue
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle

import httpx2

from app.core.errors import Fault
from app.core.submission import SourceFile
from app.core.verdict import Verdict, agrees
from app.languages.detect import guess_language
from app.languages.loader import load_languages
from app.package.manifest import JurySolution
from app.package.reader import open_package
from app.server.demo.seed import DemoContest, TeamLogin
from app.server.demo.table import CheckRow

VERDICT_SECONDS = 180.0
_TOPICS = re.compile(r'data-topics="([^"]*)"')
_VERDICT = re.compile(r'data-key="state" data-verdict="([A-Z]*)"')


@dataclass(frozen=True, slots=True)
class _Errand:
    problem_id: str
    solution: JurySolution
    language: str
    sources: tuple[SourceFile, ...]
    named: frozenset[Verdict]


def judge_all(
    url: str, contest: DemoContest, in_flight: int, tell: Callable[[str], None], stopping: Callable[[], bool]
) -> list[CheckRow]:
    """Submits everything, at most `in_flight` at once, and gives a row for each solution, in the order of the packages.

    Ends early, with the rows so far, once `stopping` says so.
    """
    errands = _errands(contest)
    waiting: queue.SimpleQueue[tuple[int, _Errand]] = queue.SimpleQueue()
    for place, errand in enumerate(errands):
        waiting.put((place, errand))
    rows: dict[int, CheckRow] = {}
    troubles: list[BaseException] = []

    def work(teams: Sequence[TeamLogin]) -> None:
        try:
            with ExitStack() as stack:
                for browser in cycle([stack.enter_context(_Browser(url, team, stopping)) for team in teams]):
                    if stopping() or troubles:
                        return
                    place, errand = waiting.get_nowait()
                    rows[place] = browser.judge(errand)
                    tell(
                        f"  {len(rows)}/{len(errands)}  {errand.problem_id} {errand.solution.program.path} {rows[place].got}"
                    )
        except queue.Empty:
            return
        except (Fault, httpx2.HTTPError, ValueError) as error:
            troubles.append(error)

    in_flight = min(in_flight, len(contest.teams))
    tell(f"Judging {len(errands)} solutions through the web, {in_flight} at a time …")
    threads = [threading.Thread(target=work, args=(contest.teams[place::in_flight],)) for place in range(in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.5)  # in short turns: a signal that comes just before a wait begins does not wake it
    if troubles:
        raise Fault("demo", f"The check could not go on: {troubles[0]}")
    return [rows[place] for place in sorted(rows)]


def _errands(contest: DemoContest) -> list[_Errand]:
    errands = []
    languages = load_languages()
    for problem_id, folder in contest.packages.items():
        with open_package(folder) as opened:
            package = opened.package
            for one in package.submissions:
                guessed = guess_language([file.name for file in one.program.files], languages)
                language = one.program.language or (guessed.id if guessed else "")
                sources = opened.sources(one.program.files)
                errands.append(_Errand(problem_id, one, language, sources, package.verdicts_named))
    return errands


class _Browser:
    """One team's browser: signs in by the form, submits, waits."""

    def __init__(self, url: str, team: TeamLogin, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._client = httpx2.Client(base_url=url, headers={"Origin": url.rstrip("/")}, timeout=40, trust_env=False)
        answer = self._client.post("/sign-in", data={"username": team.username, "password": team.password, "next": "/"})
        page = self._client.get("/")
        topics = _TOPICS.search(page.text)
        if answer.status_code != 303 or page.status_code != 200 or topics is None or team.team_id not in topics[1]:
            raise Fault(
                "demo", f"{team.username} could not sign in (answers {answer.status_code}, {page.status_code})."
            )
        self._topic = f"team:{team.team_id}"
        self._counter = dict(pair.rsplit("=", 1) for pair in topics[1].split()).get(self._topic, "0")

    def __enter__(self) -> _Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.post("/sign-out", data={})
        self._client.close()

    def judge(self, errand: _Errand) -> CheckRow:
        """Submits one solution and waits for its verdict on the page."""
        began = time.monotonic()
        answer = self._submit(errand)
        if answer.status_code != 202:
            got = f"refused ({answer.status_code})"
        else:
            got = self._verdict(answer.json()["submission_id"].removeprefix("sub_"), began)
        solution = errand.solution
        ok = got in Verdict.__members__ and agrees(Verdict(got), solution.expected, errand.named)
        return CheckRow(
            problem=errand.problem_id,
            solution=solution.program.path,
            language=errand.language,
            expected="|".join(sorted(solution.expected)),
            got=got,
            seconds=time.monotonic() - began,
            ok=ok,
        )

    def _submit(self, errand: _Errand) -> httpx2.Response:
        return self._client.post(
            "/submit",
            data={
                "problem": errand.problem_id,
                "language": errand.solution.program.language or "",
                "key": secrets.token_urlsafe(12),
            },
            files=[("files", (one.name, one.data)) for one in errand.sources],
            headers={"Accept": "application/json"},
        )

    def _verdict(self, number: str, began: float) -> str:
        while time.monotonic() - began < VERDICT_SECONDS and not self._stopping():
            page = self._client.get(f"/fragments/submission/{number}")
            shown = _VERDICT.search(page.text)
            if page.status_code == 200 and shown is not None and shown[1]:
                return shown[1]
            news = self._client.get("/live", params={"topics": self._topic, "after": f"{self._topic}:{self._counter}"})
            if news.status_code == 200:
                self._counter = str(news.json()["news"][self._topic])
            elif news.status_code != 204:
                raise Fault("demo", f"Waiting for news was refused: {news.status_code} {news.text}")
        return "no verdict in time"
