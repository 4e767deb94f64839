"""Finding servers on the LAN by mDNS: candidates to knock at, never to be trusted for what they say here."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass

from zeroconf import IPVersion, ServiceBrowser, ServiceListener, Zeroconf

from app.core.errors import Fault
from app.lan.announce import SERVICE

_RESOLVE_MS = 1500
_MOST_NAMES = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server that somebody announced: an id, a host and the node port, all only claimed."""

    server_id: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """Where its node port would be."""
        return f"https://{self.host}:{self.port}"


class _Names(ServiceListener):
    """Runs on zeroconf's own thread, where resolving would block or fail: so it only passes names on."""

    def __init__(self) -> None:
        self.queue: queue.Queue[str] = queue.Queue(_MOST_NAMES)

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self._pass(name)

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self._pass(name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A server that left is found out by knocking."""

    def _pass(self, name: str) -> None:
        if not self.queue.full():
            self.queue.put_nowait(name)


class Discovery:
    """Listens on the given IPv4 addresses until closed. For one thread."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Fault("network") when no socket for mDNS can be opened on them."""
        self._names = _Names()
        self._found: list[Candidate] = []
        try:
            self._zeroconf = Zeroconf(interfaces=list(addresses), ip_version=IPVersion.V4Only)
        except OSError as wrong:
            raise Fault(
                "network", f"Servers cannot be looked for on this network ({wrong}); name one by --server."
            ) from wrong
        self._browser = ServiceBrowser(self._zeroconf, SERVICE, self._names)

    def next(self, timeout_seconds: float) -> Candidate | None:
        """The next server heard of, one candidate for each of its addresses; None when the time is over."""
        deadline = time.monotonic() + timeout_seconds
        while not self._found:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            try:
                name = self._names.queue.get(timeout=left)
            except queue.Empty:
                return None
            self._found.extend(self._resolve(name))
        return self._found.pop(0)

    def _resolve(self, name: str) -> list[Candidate]:
        info = self._zeroconf.get_service_info(SERVICE, name, timeout=_RESOLVE_MS)
        if info is None or not info.port:
            return []
        server_id = (info.properties.get(b"id") or b"").decode("ascii", "replace")
        return [Candidate(server_id, host, info.port) for host in info.parsed_addresses(IPVersion.V4Only)]

    def close(self) -> None:
        """Stops listening."""
        self._browser.cancel()
        self._zeroconf.close()

    def __enter__(self) -> Discovery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
