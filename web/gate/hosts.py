"""Which Host headers name this server.

A page of another site can make a browser resolve its own name to this machine (DNS rebinding) and would then speak to us as itself; its
Host header gives it away. A host that is an address cannot be rebound, so every address passes; names must be ours.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from functools import lru_cache

from web.gate.heads import HostCheck


def host_check(names: Iterable[str]) -> HostCheck:
    """Passes addresses, `localhost`, this machine's own names, and the given ones (without ports, any case)."""
    known = frozenset({"localhost", *own_names(), *(name.lower().rstrip(".") for name in names)})

    def is_ours(host: str) -> bool:
        return host.rstrip(".") in known or is_address(host)

    return is_ours


def own_names() -> tuple[str, ...]:
    """This machine's names, as others on its network may type them."""
    own = socket.gethostname().lower()
    short = own.partition(".")[0]
    return (own, short, f"{short}.local")


@lru_cache(maxsize=1024)
def is_address(host: str) -> bool:
    """Whether a host is an IP address (IPv6 in brackets)."""
    text = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """The hosts that the console's listener answers to."""
    return host in ("localhost", "127.0.0.1", "[::1]")
