"""The server's process: builds the house, opens the front door, keeps the pulse, and stops within two seconds (DESIGN 3).

Theory of operation. The main thread only waits for the end: SIGTERM, SIGINT, or the console's stop. Stopping goes from the outside in:
waits and streams end, listeners are killed a second later, pages and pulse end, the writer finishes what it has taken, the folder is given
back. In that second the LAN is told goodbye beside it, and nobody waits for the LAN longer than half a second more. The process ends by
os._exit, since a server product may abort while the interpreter tears itself down; everything that matters is closed by then.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from app.adapters.sqlite.writer import RESERVE_BYTES
from app.core.errors import Fault
from app.core.events import Kind
from app.core.ids import ContestId
from app.lan.announce import Announcer
from app.lan.interfaces import LOOPBACK, lan_addresses
from app.lan.spoken import spoken
from app.server import logs
from app.server.backups import Backups, BackupsByHand, check_outside
from app.server.collector import calm_collector
from app.server.folder import Folder, RunningServer
from app.server.frontdoor import FrontDoor, names_of, open_front_door
from app.server.settings import Settings, keep_switch
from app.server.ticker import Beat, Ticker
from app.server.wiring import House, build, version
from web.gate.admin import HouseKeeping

log = logging.getLogger("server")

BACKUP_SECONDS = 60.0
GOODBYE_SECONDS = 0.5
BROKEN = 70
"""The exit code of a server whose doors died: whoever watches over it starts it again, unlike one that could not start (1, 2)."""


def serve(folder: Folder, settings: Settings, tell: Callable[[str], None]) -> int:
    """Serves until asked to stop; gives the exit code. Raises Refusal or Fault when it cannot start."""
    end = _End()
    logs.set_up(folder.logs, "server", quiet=True)
    with build(folder, settings) as house:
        admin_key = secrets.token_urlsafe(32)
        backups = _backups(house)
        door = open_front_door(house, admin_key, _housekeeping(house, end))
        announcer = _LanPresence(house, door)
        # What may take long (the network, a large board) has a pulse of its own: a late tick of the leases costs every node a new term.
        monotonic = house.services.clock.monotonic_seconds
        ticker = Ticker("ticker", _beats(house, backups), monotonic)
        board = Ticker("board", [Beat(*house.board_beat)], monotonic)
        slow = Ticker("presence", [Beat("looking for new addresses", 5.0, announcer.look)], monotonic)
        running = _running(house, door, admin_key)
        outside = house.outside
        outside.people_url, outside.node_url, outside.trust_url = (
            running.people_url,
            running.node_url,
            running.trust_url,
        )
        if backups is not None:
            house.outside.backup_age_ms = backups.age_ms
            house.outside.backup_trouble = backups.trouble
        folder.announce(running)
        _note(house, "started")
        ticker.start()
        board.start()
        slow.start()
        calm_collector()
        log.info("serving %s at %s, judge machines at %s", folder.root, running.people_url, running.node_url)
        tell(f"The contest is served at {running.people_url}. Ctrl-C stops the server; started again, it goes on.")
        if running.trust_url:
            words = " ".join(spoken(house.authority.fingerprint))
            tell(f"Browsers trust it after {running.trust_url}; that page shows these words: {words}")
        if shutil.disk_usage(folder.root).free <= RESERVE_BYTES:
            tell(
                f"The disk of {folder.root} is full: submissions are refused until there is more room. Free some of it now."
            )
        code = end.wait()
        log.info("stopping")
        goodbye = threading.Thread(target=_leave_lan, args=(slow, announcer), name="goodbye", daemon=True)
        goodbye.start()
        door.stop()
        ticker.stop()
        board.stop()
        _note(house, "stopped")
        if backups is not None:
            backups.stop()
        goodbye.join(GOODBYE_SECONDS)
    logging.shutdown()
    return code


def _leave_lan(presence: Ticker, announcer: _LanPresence) -> None:
    """Ends what announces the server, then says goodbye; a network that fails at it holds nothing up."""
    presence.stop()
    try:
        announcer.close()
    except Exception:
        log.exception("no goodbye on the LAN")


def _note(house: House, what: str) -> None:
    """Writes into the contest's log that the server started or stopped; a store that refuses has said so in its own log."""
    data = {"what": what, "version": version()}
    now = house.services.clock.now()
    house.services.store.write(lambda tx: tx.append_event(ContestId(""), Kind.SERVER, now, data))


def end_process(code: int) -> None:
    """Ends the process at once after everything was closed; see the theory of operation."""
    os._exit(code)


_BROKEN = b"\xff"


class _End:
    """Waits for SIGTERM, SIGINT, SIGHUP or somebody's word. A signal may reach any thread of the process; the byte that it leaves in the
    socket wakes the main thread whichever that was, where a lock would sleep on."""

    def __init__(self) -> None:
        self._hears, self._tells = socket.socketpair()
        self._tells.setblocking(False)
        signal.set_wakeup_fd(self._tells.fileno(), warn_on_full_buffer=False)
        # A terminal that is closed sends SIGHUP; Windows has none.
        for number in filter(None, (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", None))):
            signal.signal(number, lambda _signal, _frame: None)

    def ask(self) -> None:
        """Asks the server to end; from any thread."""
        self._tells.send(b"!")

    def broken(self) -> None:
        """Says that the server has to end since it serves nobody any more; from any thread."""
        self._tells.send(_BROKEN)

    def wait(self) -> int:
        """Until it was asked to end; gives the exit code."""
        return BROKEN if self._hears.recv(1) == _BROKEN else 0


def _housekeeping(house: House, end: _End) -> HouseKeeping:
    return HouseKeeping(
        stop=end.ask,
        backup=BackupsByHand(house.folder, house.store, house.services.clock).write,
        https=lambda on: keep_switch(house.folder.config, "tls", on),
        broken=end.broken,
    )


def _backups(house: House) -> Backups | None:
    if not house.settings.backup:
        return None
    target = Path(house.settings.backup)
    check_outside(house.folder, target)
    backups = Backups(house.folder, house.store, house.services.clock, target, house.store.journal)
    house.services.control.on_phase_change(lambda contest, phase: backups.request())
    # A journal keeps the rows of a package that has just come, but only a whole backup copies its files.
    house.store.on_commit(lambda events: backups.request() if any(one.kind is Kind.PROBLEM for one in events) else None)
    backups.start(first_at_once=house.settings.backup_sync)
    return backups


def _beats(house: House, backups: Backups | None) -> list[Beat]:
    beats = [Beat(name, seconds, call) for name, seconds, call in house.beats]
    if backups is not None:
        beats.append(Beat("asking for a backup", BACKUP_SECONDS, backups.request))
    return beats


def _running(house: House, door: FrontDoor, admin_key: str) -> RunningServer:
    host = house.settings.host
    shown = LOOPBACK if house.settings.loopback else next(iter(lan_addresses()), LOOPBACK)
    if host not in ("0.0.0.0", "::", "localhost"):  # noqa: S104 - compared, not bound
        shown = f"[{host}]" if ":" in host else host
    return RunningServer(
        pid=os.getpid(),
        started_ms=int(house.services.clock.now()),
        server_id=house.authority.server_id,
        people_url=f"{'https' if door.ports.plain else 'http'}://{shown}:{door.ports.people}",
        node_url=f"https://{shown}:{door.ports.nodes}",
        console_url=f"http://{LOOPBACK}:{door.ports.console}",
        admin_key=admin_key,
        trust_url=f"http://{shown}:{door.ports.plain}/trust" if door.ports.plain else "",
    )


class _LanPresence:
    """Announces the server, and again when the machine's addresses change; a renewed certificate is taken up then too."""

    def __init__(self, house: House, door: FrontDoor) -> None:
        self._house = house
        self._door = door
        self._told = ""
        nodes = door.ports.nodes
        wanted = house.settings.announce and nodes is not None
        self._announcer = Announcer(house.authority.server_id, nodes) if wanted and nodes is not None else None

    def look(self) -> None:
        """Called every few seconds: cheap while nothing changes."""
        settings, authority = self._house.settings, self._house.authority
        addresses = (LOOPBACK,) if settings.loopback else (*lan_addresses(), LOOPBACK)
        if not settings.loopback and authority.server_certificate(addresses, names_of(self._house)).renewed:
            self._door.gate.reload_certificate()
        if self._announcer is None:
            return
        try:
            self._announcer.announce(addresses)
            self._told = ""
        except Fault as fault:
            if fault.sentence != self._told:
                self._told = fault.sentence
                log.warning("%s", fault.sentence)

    def close(self) -> None:
        """Says goodbye to the LAN."""
        if self._announcer is not None:
            self._announcer.close()
