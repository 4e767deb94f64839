"""Being found: the server says by mDNS that it is here. Whoever hears it knows an address, nothing more; trust comes by pairing."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from zeroconf import Error, IPVersion, ServiceInfo, Zeroconf

from app.core.errors import Fault

SERVICE = "_contestbox._tcp.local."
_PROTOCOL = "1"


class Announcer:
    """Announces one server on chosen IPv4 interfaces until closed. Methods may block for about a second; call them off any event loop."""

    def __init__(self, server_id: str, port: int) -> None:
        self._server_id = server_id
        self._port = port
        self._zeroconf: Zeroconf | None = None
        self._addresses: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses announced now; empty while silent."""
        return self._addresses

    def announce(self, addresses: Sequence[str]) -> None:
        """Announces on exactly the interfaces of these addresses (loopback mode: `127.0.0.1` alone); again with others after a change.

        Fault("network") when multicast cannot be used here; the server goes on without being found.
        """
        wanted = tuple(addresses)
        if wanted == self._addresses:
            return
        self.close()
        if not wanted:
            return
        try:
            # A new Zeroconf for each set of interfaces: an open one does not notice that a cable came or went.
            self._zeroconf = Zeroconf(interfaces=list(wanted), ip_version=IPVersion.V4Only)
            self._zeroconf.register_service(self._info(wanted), allow_name_change=True)
        except (OSError, Error) as wrong:
            self.close()
            raise Fault(
                "network",
                f"The server cannot be announced on {', '.join(wanted)} ({wrong}); type its address on the judge machines.",
            ) from wrong
        self._addresses = wanted

    def close(self) -> None:
        """Says goodbye. Safe to call twice."""
        zeroconf, self._zeroconf, self._addresses = self._zeroconf, None, ()
        if zeroconf is not None:
            zeroconf.close()

    def _info(self, addresses: Sequence[str]) -> ServiceInfo:
        return ServiceInfo(
            SERVICE,
            f"{self._server_id}.{SERVICE}",
            addresses=[ipaddress.IPv4Address(one).packed for one in addresses],
            port=self._port,
            properties={"id": self._server_id, "v": _PROTOCOL},
            server=f"contestbox-{self._server_id}.local.",
        )
