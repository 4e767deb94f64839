"""The demo as a stranger uses it: crashes behind its back, Ctrl-C and again, a second one beside, a contest that is over."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from running import HELLO_CPP, PROGRAM, Client, Demo, until

from app.core.clock import Instant
from app.server.folder import Folder
from app.server.settings import Settings
from app.server.wiring import build

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.name != "posix", reason="judge nodes run on Linux"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that these tests may hurt."""
    with Demo(tmp_path_factory.mktemp("hurt") / "data", teams=2) as running:
        yield running


def node_of(data: Path) -> psutil.Process | None:
    """The judge node's process of a demo's folder."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if str(data / "nodes" / "1") in words and "run" in words:
            return process
    return None


def machines(demo: Demo) -> list[dict[str, Any]]:
    """The demo's judge machines as its organiser sees them."""
    with demo.admin() as admin:
        return list(admin.get("/admin/v1/machines").json()["items"])


def test_killed_server_comes_back(own: Demo) -> None:
    """SIGKILL of the server: seconds later it is back at the same address, the team is still signed in, the judge has come back,
    and the next submission is judged."""
    with own.client() as client:
        before = own.running
        os.kill(before["pid"], signal.SIGKILL)
        until("a new server", 30, lambda: _pid(own) not in (None, before["pid"]))
        assert own.running["people_url"] == before["people_url"] == own.url
        until("pages", 10, lambda: _answers(client))
        sent = client.submit("crates", "python3", "print(1)")
        assert sent.status_code == 202, sent.text
        assert client.verdict(sent.json()["submission_id"], 90)["verdict"] == "WA"
    assert own.process.poll() is None


def test_killed_node_comes_back(own: Demo) -> None:
    """SIGKILL of the judge node: it is started again, needs no second approval, and judges."""
    node = until("the judge node", 20, lambda: node_of(own.data))
    node.send_signal(signal.SIGKILL)
    until("a new judge node", 30, lambda: (found := node_of(own.data)) and found.pid != node.pid)
    with own.client() as client:
        sent = client.submit("crates", "python3", "print(2)")
        assert client.verdict(sent.json()["submission_id"], 90)["verdict"] == "WA"
    assert len(machines(own)) == 1


WAITS = '#include <stdio.h>\n#include <unistd.h>\nint main(void) { sleep(1); puts("7"); return 0; }\n'


def test_inits_that_die(own: Demo) -> None:
    """Whoever kills a machine's containers gets no verdict: it is held back with the reason on its row, and judges again, the same
    submission too, once it has proved itself."""
    node = until("the judge node", 30, lambda: node_of(own.data))
    with own.client() as client:
        sent = client.submit("crates", "c", WAITS).json()["submission_id"]
        until("it is being judged", 60, lambda: machines(own)[0]["busy"])

        def held() -> bool:
            for process in node.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if "contestbox-core" in process.cmdline()[:1]:
                        process.kill()
            return machines(own)[0]["state"] == "held"

        until("a fault", 60, held, pause=0.02)
        assert client.http.get(f"/api/v1/submissions/{sent}").json()["status"] in ("PENDING", "IN_PROGRESS")
        until("it works again", 90, lambda: machines(own)[0]["state"] in ("ready", "judging"))
        assert client.verdict(sent, 90)["verdict"] == "WA"


def test_second_demo_on_the_folder(own: Demo) -> None:
    """A second demo on the same folder is refused in one sentence and harms nothing; so is one whose port is taken."""
    second = subprocess.run(
        [*PROGRAM, "demo", "--headless", "--json", "--port", "0", "--data", str(own.data)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert second.stderr.startswith("Another Contestbox server (process ")
    assert second.stderr.count("\n") == 1
    port = own.url.rsplit(":", 1)[1]
    elsewhere = subprocess.run(
        [*PROGRAM, "demo", "--headless", "--json", "--port", port, "--data", str(own.data.parent / "other")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert elsewhere.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in elsewhere.stderr
    assert "Traceback" not in elsewhere.stderr
    with own.client() as client:
        assert client.http.get("/api/v1/submissions").status_code == 200


def end(demo: Demo, number: signal.Signals) -> None:
    """Ends the demo by a signal to it alone, and looks whether anything stayed."""
    family = psutil.Process(demo.process.pid).children(recursive=True)
    demo.process.send_signal(number)
    assert demo.process.wait(30) == 0
    assert not [process for process in family if process.is_running()], "everything ended"
    assert not (demo.data / "server.json").exists()


def test_ctrl_c_and_again(tmp_path: Path) -> None:
    """Ctrl-C, or a closed terminal, ends everything; started again the contest goes on: its submission, passwords, paired judge."""
    data = tmp_path / "data"
    with Demo(data, teams=2) as demo:
        first = demo.info
        with demo.client() as client:
            submission = client.submit("crates", "cpp", HELLO_CPP).json()["submission_id"]
            state = client.verdict(submission)
        known = [machine["id"] for machine in machines(demo)]
        end(demo, signal.SIGINT)
    with Demo(data, teams=2) as demo:
        assert demo.info["contest"] == first["contest"]
        assert demo.info["teams"] == first["teams"]
        assert [machine["id"] for machine in machines(demo)] == known
        with demo.client() as client:
            assert client.http.get(f"/api/v1/submissions/{submission}").json()["verdict"] == state["verdict"]
        end(demo, signal.SIGHUP)
    told = Path(demo.errors.name).read_text()
    assert told.count("Approved judge-1") == 1
    assert "will be judged here" not in told, "nothing is missing"


def test_contest_that_is_over_is_kept(tmp_path: Path) -> None:
    """After the end of the contest the next demo opens a new one beside and leaves the old folder alone."""
    from app.server.demo.seed import open_demo_folder, seed

    data = tmp_path / "data"
    seed(Folder(data), 1, lambda _: None)
    assert open_demo_folder(data).root == data, "a running contest goes on"
    with build(Folder(data), Settings()) as house:
        contest = house.services.control.contest()
        early = Instant(contest.start - 2 * contest.duration_ms)
        house.services.store.write(lambda tx: tx.put_contest(replace(contest, start=early))).result(10)
    assert open_demo_folder(data).root == tmp_path / "data-2"
    assert (data / "contest.db").exists()


def _pid(demo: Demo) -> int | None:
    try:
        return int(demo.running["pid"])
    except (FileNotFoundError, ValueError):
        return None


def _answers(client: Client) -> bool:
    import httpx2

    try:
        return client.http.get("/api/v1/submissions").status_code == 200
    except httpx2.HTTPError:
        return False
