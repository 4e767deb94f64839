"""Which IPv4 addresses this machine has now. Discovery stays on IPv4: mDNS over IPv6 is unreliable on the networks of halls and schools."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of one network interface that is up."""

    name: str
    address: str

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can be reached by it."""
        return ipaddress.IPv4Address(self.address).is_loopback


def interfaces() -> tuple[Interface, ...]:
    """All IPv4 addresses of interfaces that are up, loopback last, in a stable order."""
    states = psutil.net_if_stats()
    found = [
        Interface(name, one.address)
        for name, addresses in psutil.net_if_addrs().items()
        if name in states and states[name].isup
        for one in addresses
        if one.family == socket.AF_INET
    ]
    return tuple(sorted(found, key=lambda one: (one.is_loopback, one.name, one.address)))


def lan_addresses() -> tuple[str, ...]:
    """The addresses that other machines may reach."""
    return tuple(one.address for one in interfaces() if not one.is_loopback)


def addresses_for(host: str, present: Iterable[Interface]) -> tuple[str, ...]:
    """What a server listening on `host` is reached by: all present addresses for 0.0.0.0 and ::, else this one."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return tuple(one.address for one in present)
    return (host,)
