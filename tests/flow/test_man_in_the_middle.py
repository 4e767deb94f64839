"""A man in the middle between the real server and a real judge machine: two screens, two codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import JUDGE, Demo, Process, admin_of, until

from app.lan.pki import open_authority
from flow.middle import Middle

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running contest whose node port the man sits before."""
    with Demo(tmp_path_factory.mktemp("demo") / "data", nodes=1, teams=1) as running:
        yield running


def test_two_screens_show_two_codes(demo: Demo, tmp_path: Path) -> None:
    """He has a CA of his own and hands everything on. The letters differ, approving by those of the machine is refused, refusing reaches
    it, and it holds no token; a machine that was told which server to expect does not even show letters."""
    own = open_authority(tmp_path / "own")
    middle = Middle(demo.running["node_url"], own, own.pem)
    argv = [*JUDGE, "run", "--server", middle.url, "--name", "victim", "--data", str(tmp_path / "victim")]
    victim = Process([*argv, "--slots", "1"], tmp_path / "victim.err")
    wary = Process(
        [
            *JUDGE,
            "pair",
            "--server",
            middle.url,
            "--expect",
            demo.running["server_id"],
            "--data",
            str(tmp_path / "wary"),
        ],
        tmp_path / "wary.err",
    )
    try:
        line = until("letters on the machine's screen", 60, lambda: next(iter(_codes(victim)), ""))
        code, server_id = line.split()[2], line.split()[-1]
        with admin_of(demo.running) as admin:
            request = until(
                "its request on the organiser's screen",
                10,
                lambda: [one for one in admin.get("/admin/v1/machines").json()["pending"] if one["name"] == "victim"],
            )[0]
            assert request["code"] != code
            assert server_id == own.server_id != demo.running["server_id"]
            address = f"/admin/v1/joins/{request['request_id']}"
            answer = admin.post(f"{address}/approve", json={"code": code})
            assert answer.status_code == 422, answer.text
            assert "somebody stands between you" in answer.json()["message"]
            assert admin.post(f"{address}/refuse", json={}).status_code < 300
            machines = admin.get("/admin/v1/machines").json()
        assert [one["name"] for one in machines["items"] if one["name"] == "victim"] == []
        until("the machine hears it", 30, lambda: "refused" in (tmp_path / "victim.err").read_text())
        assert not (tmp_path / "victim" / "server.json").exists()
        until("the wary one's sentence", 60, lambda: own.server_id in (tmp_path / "wary.err").read_text())
        assert not _codes(wary)
    finally:
        victim.stop()
        wary.stop()
        middle.close()


def _codes(process: Process) -> list[str]:
    return [line for line in process.lines if line.startswith("pairing code ")]
