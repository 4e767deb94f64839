"""Canaries: words planted in hidden data, other teams' sources and keys must appear nowhere that a team or a guest can look."""

from __future__ import annotations

import base64
import re
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from running import HELLO_CPP, Demo

pytestmark = [pytest.mark.root, pytest.mark.timeout(180)]

OTHER_TEAMS = "canary-of-another-team-4711"
SNOOP = r"""
import os, sys
words = [w.encode() for w in WORDS]
found = []
for top in ("/", "/proc/1", "/proc/self"):
    for folder, folders, files in os.walk(top):
        if folder.startswith(("/usr", "/lib", "/lib64", "/bin", "/proc/sys", "/sys", "/proc/self/task", "/proc/1/task", "/dev")):
            folders[:] = []
            continue
        for name in files:
            path = os.path.join(folder, name)
            try:
                with open(path, "rb") as file:
                    data = file.read(1 << 20)
            except OSError:
                continue
            if path.startswith("/proc/self/") and name in ("cmdline", "mem", "maps", "smaps"):
                continue
            if "/program/" in path or path.startswith("/work/"):
                continue
            found += [path for word in words if word in data]
print("BREACH " + " ".join(found) if found else "nothing found")
"""


def browser(demo: Demo, number: int) -> httpx2.Client:
    """A signed-in browser of a team."""
    team = demo.info["teams"][number]
    client = httpx2.Client(base_url=demo.url, headers={"Origin": demo.url}, timeout=40, trust_env=False)
    answer = client.post("/sign-in", data={"username": team["username"], "password": team["password"], "next": "/"})
    assert answer.status_code == 303
    return client


def crawl(client: httpx2.Client) -> dict[str, str]:
    """Every page that links lead to, and the feeds behind them."""
    seen: dict[str, str] = {}
    waiting = ["/", "/problems", "/board", "/submit", "/api/v1/problems", "/api/v1/leaderboard", "/api/v1/submissions"]
    waiting += [f"/submissions/{number}" for number in range(1, 6)]
    waiting += [f"/api/v1/submissions/{number}" for number in range(1, 6)]
    waiting += [f"/submissions/{number}/files/0" for number in range(1, 6)]
    while waiting and len(seen) < 150:
        path = waiting.pop()
        if path in seen or path.startswith("/static/"):
            continue
        answer = client.get(path)
        seen[path] = answer.text if answer.status_code < 400 else f"({answer.status_code}) {answer.text}"
        waiting += [
            link for link in re.findall(r'(?:href|src|data-live)="(/[^"#]*)"', answer.text) if "sign-out" not in link
        ]
    return seen


def hidden_words() -> list[str]:
    """Bits of secret tests' answers and inputs that no sample holds, as a page or a log could show them."""
    problem = Path(__file__).resolve().parents[2] / "problems" / "flags" / "data" / "secret"
    words = (max(path.read_text().split(), key=len)[:60] for path in sorted(problem.glob("*.in")))
    # One that nobody writes by chance.
    return [max(words, key=lambda word: len(set(word)))]


def secret_words(demo: Demo) -> list[str]:
    """The keys of the server, as text."""
    words = [str(demo.running["admin_key"])]
    for path in (demo.data / "secrets").iterdir():
        data = path.read_bytes()
        words += [data.hex(), base64.b64encode(data).decode()] if len(data) == 32 else []
    return words


def test_no_page_answer_or_log_tells(demo: Demo) -> None:
    """A team reads everything it can reach: no hidden test, no key, nothing of another team."""
    with demo.client(1) as other:
        answer = other.submit("crates", "cpp", HELLO_CPP + f"// {OTHER_TEAMS}\n")
        other.verdict(answer.json()["submission_id"])
    hidden, keys = hidden_words(), secret_words(demo)
    passwords = [team["password"] for team in demo.info["teams"]]
    with closing(browser(demo, 0)) as team:
        pages = crawl(team)
        assert len(pages) > 25, "the crawl reached the pages"
        for path, text in pages.items():
            for word in [*hidden, *keys, *passwords, OTHER_TEAMS]:
                assert word not in text, f"{path} shows {word[:20]}"
    with httpx2.Client(base_url=demo.url, timeout=40, trust_env=False) as nobody:
        for path, text in crawl(nobody).items():
            for word in [*hidden, *keys, *passwords, OTHER_TEAMS]:
                assert word not in text, f"{path} shows {word[:20]} to anybody"
    for log in (demo.data / "logs").iterdir():
        text = log.read_text(errors="replace")
        for word in [*hidden, *keys, *passwords, OTHER_TEAMS]:
            assert word not in text, f"{log.name} holds {word[:20]}"


def test_a_guest_finds_nothing(demo: Demo) -> None:
    """A submission searches its whole world for hidden data, keys and other teams' sources, and prints what it saw: nothing."""
    words = [*hidden_words(), *secret_words(demo), OTHER_TEAMS]
    code = SNOOP.replace("WORDS", repr(words))
    # Not team 0: what it may read of its own is searched for the same words by the test above.
    with demo.client(2) as team:
        submission = team.submit("crates", "python3", code).json()["submission_id"]
        state = team.verdict(submission, 90)
    assert state["verdict"] == "WA", state
    with demo.admin() as admin:
        detail = admin.get(f"/admin/v1/submissions/{submission.removeprefix('sub_')}").json()
    assert detail["runs"], "it ran"
    for run in detail["runs"]:
        assert "BREACH" not in run["stdout_head"], run["stdout_head"]
        assert "nothing found" in run["stdout_head"], run
