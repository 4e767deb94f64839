"""The judge node as a whole: prove itself, find a server, pair, work; for ever, until stopped.

Theory of operation. The main thread only waits: for a signal, or for the agent's own end. The agent's thread (a daemon, since it hangs
in requests that wait at the server) makes ready, pairs and becomes the leaser of a shift (shift.py). The first SIGTERM or SIGINT stops
taking work, gives leases back and ends within a few seconds; the second ends at once: the kernel then removes containers (they die with
us), and the server gives the leases to others after eight seconds.

Lines on stdout are for whoever started us and are part of the interface: `pairing code ABCD-EFGH for server ID` and `ready`. Everything
else goes to the log on stderr.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

from app.core.errors import Fault, Refusal
from app.lan import membership
from app.lan.asking import LinkDown
from app.lan.membership import Membership
from app.wire.judge_v1 import Hello
from judge_node.cache import BlobCache
from judge_node.forgetting import Forgetting
from judge_node.health import Memory, facts
from judge_node.scouting import Scouting
from judge_node.server_link import Endpoint, ServerLink
from judge_node.settings import DataFolder, NodeSettings
from judge_node.shift import SENTENCE_CHARS, Shift
from judge_node.toolroom import Toolroom

log = logging.getLogger("contestbox.judge.agent")

_SELFTEST_SECONDS = 3.0

Say = Callable[[str], None]


class Agent:
    """One node. `say` prints a line of the interface."""

    def __init__(self, settings: NodeSettings, folder: DataFolder, say: Say) -> None:
        self._settings = settings
        self._folder = folder
        self._say = say
        self._cache = BlobCache(folder.cache, settings.cache_bytes)
        self._forgetting = Forgetting(self._cache, folder.forgotten)
        self.stop = threading.Event()
        self.ended = threading.Event()
        """Set by the agent's end and by signals: what the main thread waits for."""
        self.failure: BaseException | None = None
        self._scouting = Scouting()
        self._toolroom: Toolroom | None = None
        self._shift: Shift | None = None

    def run(self) -> None:
        """The agent's thread. Leaves what went wrong in `failure`."""
        try:
            self._run()
        except BaseException as error:  # noqa: BLE001 - the main thread raises it again
            self.failure = error
        finally:
            self.ended.set()

    def close(self) -> None:
        """Stops: leases are given back. A few seconds at most."""
        self.stop.set()
        self._scouting.stop()
        if self._shift is not None:
            self._shift.close()
        if self._toolroom is not None:
            self._toolroom.wait_for_selftest(_SELFTEST_SECONDS)

    def _run(self) -> None:
        try:
            toolroom = self._toolroom = Toolroom(self._folder)
            for name, sentence in toolroom.missing().items():
                log.info("%s is not offered: %s", name, sentence)
            selftest = toolroom.selftest(self.stop)
        except (Fault, OSError) as trouble:
            self._tell(trouble.sentence if isinstance(trouble, Fault) else str(trouble))
            raise
        memory = Memory()
        while not self.stop.is_set():
            member = self._member()
            if member is None:
                return
            shift = self._shift = Shift(
                settings=self._settings,
                endpoint=Endpoint(member),
                folder=self._folder,
                cache=self._cache,
                forgetting=self._forgetting,
                toolroom=toolroom,
                memory=memory,
                selftest=selftest,
                stop=self.stop,
                scouting=self._scouting,
                on_ready=lambda: self._say("ready"),
                on_moved=lambda url, member=member: self._moved(member, url),  # type: ignore[misc]
            )
            shift.work()
            if self.stop.is_set():
                return
            selftest = shift.selftest
            shift.close()
            log.warning("this node was unpaired; its test data is removed and it asks to be let in again")
            membership.forget(self._folder.membership)
            self._cache.clear()
            self._forgetting.reset()
            toolroom.forget_validators()

    def _tell(self, sentence: str) -> None:
        """The organiser sees on the machine's row why it does not come, where its server can be reached now."""
        member = self._known()
        if member is None:
            return
        link = ServerLink(Endpoint(member))
        try:
            link.hello(
                Hello(
                    facts=facts(),
                    slots=self._settings.slots,
                    languages=[],
                    trouble=sentence[:SENTENCE_CHARS],
                    free_memory_bytes=0,
                )
            )
        except (LinkDown, Refusal, OSError) as away:
            log.warning("the server was not told: %s", away)
        finally:
            link.close()

    def _known(self) -> Membership | None:
        known = membership.load(self._folder.membership)
        if known is not None and self._settings.expect in ("", known.server_id):
            return replace(known, url=self._settings.server) if self._settings.server else known
        return None

    def _member(self) -> Membership | None:
        """The pairing that we have, or a new one; None when stopped first."""
        known = self._known()
        if known is not None:
            return known
        for news in self._scouting.pair(self._settings):
            if isinstance(news, Membership):
                membership.save(self._folder.membership, news)
                return news
            code, server_id = news
            self._say(f"pairing code {code} for server {server_id}")
        return None

    def _moved(self, member: Membership, url: str) -> None:
        membership.save(self._folder.membership, replace(member, url=url))


def run_node(settings: NodeSettings, say: Say) -> None:
    """Runs a node in this process until a signal ends it. Fault with one sentence when it cannot work here."""
    folder = DataFolder(settings.data)
    try:
        agent = Agent(settings, folder, say)
        _install_signals(agent)
        thread = threading.Thread(target=agent.run, name="agent", daemon=True)
        thread.start()
        while not agent.ended.wait(0.5):
            pass  # a signal that reached another thread is handled here at the next turn, where a lock without a limit would sleep on
        agent.close()
        if agent.failure is not None:
            raise agent.failure
    finally:
        folder.close()


def _install_signals(agent: Agent) -> None:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        if agent.stop.is_set():
            os._exit(128 + number)
        agent.stop.set()
        agent.ended.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
