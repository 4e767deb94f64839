"""What a hall costs: three hundred browsers wait, the server stays under 140 MB and the judge machine under 60 MB."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest
from running import Demo

pytestmark = pytest.mark.root

TEAMS, BROWSERS_EACH = 100, 3
SERVER_BYTES, NODE_BYTES = 140_000_000, 60_000_000
CORRECT = Path(__file__).resolve().parents[2] / "problems" / "crates" / "submissions" / "accepted" / "crates.cpp"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A contest with a hundred teams, as the demo runs it."""
    with Demo(tmp_path_factory.mktemp("hall") / "data", nodes=1, teams=TEAMS) as running:
        yield running


def _signed_in(demo: Demo, team: dict[str, str]) -> str:
    """A browser signs in and looks at its pages; its cookie."""
    with httpx2.Client(base_url=demo.url, trust_env=False, timeout=20, headers={"Origin": demo.url}) as browser:
        form = {"username": team["username"], "password": team["password"], "next": "/"}
        answer = browser.post("/sign-in", data=form)
        assert answer.status_code == 303, answer.text
        for page in ("/", "/board", "/problems"):
            assert browser.get(page).status_code == 200
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


class Hall:
    """Browsers that wait for news, each with a connection of its own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._waits: list[asyncio.Task[bytes]] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def ask(self, cookie: str, topics: dict[str, int]) -> None:
        """One more browser that waits."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        after = ",".join(f"{topic}:{counter}" for topic, counter in topics.items())
        writer.write(
            f"GET /live?topics={','.join(topics)}&after={after} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Cookie: {cookie}\r\nAccept: application/json\r\n\r\n".encode()
        )
        await writer.drain()
        self._waits.append(asyncio.create_task(reader.readline()))
        self._writers.append(writer)

    async def first_answer(self, seconds: float) -> bool:
        """Whether anybody is answered within so long."""
        done, _ = await asyncio.wait(self._waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)

    async def answers(self) -> list[int]:
        """The status that each of them gets."""
        lines = await asyncio.wait_for(asyncio.gather(*self._waits), 30)
        for writer in self._writers:
            writer.close()
        return [int(line.split()[1]) for line in lines]


def _memory(pid: int) -> tuple[int, int]:
    """(RSS, PSS) in bytes of one process."""
    about = psutil.Process(pid).memory_full_info()
    return about.rss, about.pss


@pytest.mark.timeout(180)
def test_three_hundred_waiting_browsers(demo: Demo, record_property: Callable[[str, object], None]) -> None:
    """A hundred teams with three pages open each have looked around and wait; then a verdict wakes them all."""
    cookies = [_signed_in(demo, team) for team in demo.info["teams"]]

    async def wait_and_wake() -> list[int]:
        hall = Hall(demo.url)
        counters = {"board": _counter(demo, cookies[0], "board")}
        for _ in range(BROWSERS_EACH):
            for cookie in cookies:
                await hall.ask(cookie, counters)
        assert not await hall.first_answer(1.0), "they all wait"
        server, node = demo.info["pids"]["server"], demo.info["pids"]["nodes"][0]
        seen = {"server": _memory(server), "node": _memory(node)}
        record_property("memory", seen)
        assert max(seen["server"]) < SERVER_BYTES
        assert max(seen["node"]) < NODE_BYTES
        await asyncio.to_thread(_solve, demo)
        return await hall.answers()

    statuses = asyncio.run(wait_and_wake())
    assert statuses == [200] * (TEAMS * BROWSERS_EACH)
    assert _memory(demo.info["pids"]["server"])[0] < SERVER_BYTES
    assert _memory(demo.info["pids"]["nodes"][0])[0] < NODE_BYTES, "it has judged"


def _counter(demo: Demo, cookie: str, topic: str) -> int:
    answer = httpx2.get(f"{demo.url}/live?topics={topic}", headers={"Cookie": cookie}, trust_env=False, timeout=20)
    return int(answer.json()["news"][topic])


def _solve(demo: Demo) -> None:
    with demo.client(0) as team:
        taken = team.submit("crates", "cpp", CORRECT.read_text())
        assert team.verdict(taken.json()["submission_id"])["verdict"] == "AC"
