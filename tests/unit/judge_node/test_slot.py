"""A judge machine works in folders that it names itself: what a server calls a task never leads to what lies elsewhere."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import cast

import pytest

from app.lan.membership import Membership
from app.lan.pki import open_authority
from app.wire.judge_v1 import FaultReport, TaskGrant
from judge_node.cache import BlobCache
from judge_node.reporting import Reporter
from judge_node.server_link import Endpoint, ServerLink
from judge_node.settings import DataFolder
from judge_node.slot import Slot, Work
from judge_node.toolroom import Toolroom


@pytest.mark.parametrize("name", ["@OUT@", "../../out", "../cache", ".", "", "there"])
def test_a_task_is_called_whatever_the_server_likes(tmp_path: Path, name: str, expected_warnings: list[str]) -> None:
    """Neither the machine's other folders nor another job's is entered or removed, and the task's own folder is gone at its end."""
    expected_warnings += ["This node cannot do tasks of kind"]
    folder = DataFolder(tmp_path / "node")
    authority = open_authority(tmp_path / "secrets")
    endpoint = Endpoint(Membership("https://127.0.0.1:9", authority.server_id, "n1", "a token", authority.pem))
    kept = [tmp_path / "out" / "file", folder.jobs / "there" / "file", folder.cache / "file"]
    for path in kept:
        path.parent.mkdir(parents=True)
        path.write_text("kept")
    cache = BlobCache(tmp_path / "blobs", 1 << 20)
    unused = ServerLink(endpoint)
    reporter = Reporter(unused, lambda box: None, lambda: None)
    work: queue.Queue[Work | None] = queue.Queue()
    no_tools = cast(Toolroom, None)  # a task that this node cannot do needs none
    slot = Slot(
        1, work=work, link=ServerLink(endpoint), reporter=reporter, cache=cache, folder=folder, toolroom=no_tools,
        on_free=lambda grant: None,
    )  # fmt: skip
    lease_id = name.replace("@OUT@", str(tmp_path / "out"))
    box = reporter.open(lease_id, 1)
    work.put((TaskGrant(kind="measure", lease_id=lease_id, attempt=1, deadline_seconds=8), box))
    work.put(None)
    slot.start()
    slot.join(30)
    assert isinstance(box.farewell, FaultReport)
    assert box.farewell.kind == "task"
    assert [path.read_text() for path in kept] == ["kept"] * 3
    assert [path.name for path in folder.jobs.iterdir()] == ["there"]
    unused.close()
    folder.close()
