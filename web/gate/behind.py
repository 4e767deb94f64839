"""Reverse proxies before the gate: what they say of the visitor is believed from their own addresses alone.

A proxy of a school or a club may stand before the people's listener and speak TLS there. Whoever else sends X-Forwarded-* is a visitor who
makes something up: the headers mean nothing then. Nothing tells a proxy but its address, so a proxy on this very machine
makes every program of this machine believed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from web.gate.heads import HostCheck, read_host
from web.gate.visit import Head


def plain_address(text: str) -> str:
    """An IP address in its one spelling, an IPv4 address within IPv6 as IPv4. Raises ValueError for anything else."""
    address = ipaddress.ip_address(text.strip())
    inner = getattr(address, "ipv4_mapped", None)
    return str(inner or address)


def seen_through(head: Head, proxies: frozenset[str], host_is_ours: HostCheck) -> Head:
    """The head as the first of the proxies saw it; as it is where it comes from somewhere else. Raises Refusal 400 for a foreign host."""
    came_from = _address(head.address)
    if came_from not in proxies:
        return head
    hops = [_address(part) for part in head.headers.get("x-forwarded-for", "").split(",")]
    # Each proxy adds who spoke to it at the right: the first from there that is no proxy of ours is the visitor.
    visitor = next((one for one in reversed(hops) if one not in proxies), came_from)
    scheme = head.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    told = head.headers.get("x-forwarded-host", "").rpartition(",")[2].strip()
    host = read_host(told, host_is_ours) if told else head.host
    return replace(
        head,
        address=visitor or came_from,
        scheme=scheme if scheme in ("http", "https") else head.scheme,
        host=host,
        pairs=tuple((name, host if name == "host" else value) for name, value in head.pairs),
    )


def _address(text: str) -> str:
    try:
        return plain_address(text)
    except ValueError:
        return ""
