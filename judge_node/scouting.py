"""Finding and pairing, done by a child process.

Two reasons. A node that works needs neither mDNS nor the library of certificates, which are a fifth of its memory: here they go when they
have done their work. And a pairing hangs at the server until a person decides: a child can be ended at any moment.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.core.errors import Fault
from app.lan.membership import Membership
from judge_node.settings import NodeSettings

log = logging.getLogger("contestbox.judge.scouting")


class Scouting:
    """Starts scouts, one at a time. `stop` may be called from any thread: it ends the scout that is out, and no other leaves."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def pair(self, settings: NodeSettings) -> Iterator[tuple[str, str] | Membership]:
        """(code, server id) each time that letters are to be shown, at last the pairing; nothing more when stopped.

        Fault("pairing") when the scout broke down.
        """
        order = {"what": "pair", "name": settings.name, "server": settings.server, "expect": settings.expect}
        with self._scout(order) as messages:
            for message in messages:
                if "member" in message:
                    yield Membership(**message["member"])
                    return
                yield message["code"], message["server_id"]
        if not self._stopped:
            raise Fault("pairing", "Looking for a server broke down; the lines above say why.")

    def where(self, server_id: str) -> str | None:
        """The address at which a server of this id is heard now; None where it isn't."""
        with self._scout({"what": "where", "server_id": server_id}) as messages:
            for message in messages:
                return str(message["url"]) if message["url"] else None
        return None

    def stop(self) -> None:
        """Ends the scout."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.terminate()

    @contextmanager
    def _scout(self, order: dict[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
        if self._stopped:
            yield iter(())
            return
        order["verbose"] = log.isEnabledFor(logging.INFO)
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", "judge_node.scout"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is for us: the scout ends with us.
            start_new_session=True,
        )
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise Fault("pairing", "The scout has no pipes.")
        try:
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()
            yield (json.loads(line) for line in stdout)
        finally:
            process.terminate()
            process.wait()
            stdin.close()
            stdout.close()
            self._process = None
