"""The child process that finds servers and pairs: `python -m judge_node.scout`, started by scouting.py.

It takes one line of JSON on stdin, {"what": "pair" | "where", ...}, and prints one JSON object a line: {"code", "server_id"} when letters
are to be shown, at the end {"member": {...}} or {"url": ...}. It ends when its stdin ends, so it never outlives the node.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from judge_node.commands.run import start_log
from judge_node.finding import pair, rediscover
from judge_node.settings import NodeSettings


def main() -> None:
    """Runs the one order."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    start_log(verbose=bool(order.get("verbose")))
    if order["what"] == "where":
        _tell({"url": rediscover(order["server_id"])})
        return
    settings = NodeSettings(data=Path(), name=order["name"], slots=1, server=order["server"], expect=order["expect"])
    member = pair(settings, _show, threading.Event())
    if member is not None:
        _tell({"member": asdict(member)})


def _show(code: str, server_id: str) -> None:
    _tell({"code": code, "server_id": server_id})


def _tell(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
