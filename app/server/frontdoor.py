"""Opens the front door of a house: Flask backstage, then the gate before it (DESIGN 3)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from app.lan.interfaces import addresses_for, interfaces
from app.lan.spoken import spoken
from app.server.wiring import House
from web.backstage import Backstage, new_secret
from web.factory import create_app, spoken_languages
from web.gate.admin import HouseKeeping
from web.gate.build import Plan, build_gate
from web.gate.hosts import own_names
from web.gate.listener import Certificate
from web.gate.server import Address, Gate, Ports
from web.gate.static import load_static
from web.pages.trust import Trust

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The running front: the gate's three listeners and Flask behind, on the socket `pages` for whoever has its secret."""

    gate: Gate
    ports: Ports
    backstage: Backstage
    pages: Path
    pages_secret: str

    def stop(self) -> None:
        """Ends waits and listeners within about a second, then the pages. Whoever stands half-way through a request is cut off."""
        self.gate.stop()
        self.backstage.stop()


def open_front_door(house: House, admin_key: str, keeping: HouseKeeping, *, people_tls: bool = False) -> FrontDoor:
    """Starts pages and gate; `people_tls` serves people by TLS alone on their one port, for measurements. Raises Fault with one sentence
    when a port is taken; nothing is left open then."""
    settings, services, authority = house.settings, house.services, house.authority
    static = load_static(Path(str(resources.files("web"))) / "static")
    secret, backstage = new_secret(), Backstage(died=keeping.broken)
    pages = create_app(
        services,
        gate_secret=secret,
        server_name="Contestbox",
        version=static.version,
        cookie_name=services.accounts.cookie_name,
        trust=_trust(house) if settings.tls else None,
    )
    names = names_of(house)
    files = authority.server_certificate(addresses_for(settings.host, interfaces()), names)
    certificate = Certificate(files.certificate, files.key)
    socket = backstage.start(pages, house.folder.gate, secret)
    plan = Plan(
        people=Address(settings.host, settings.tls_port if settings.tls else settings.port),
        plain=Address(settings.host, settings.port) if settings.tls else None,
        behind=frozenset(settings.behind),
        nodes=Address(settings.host, settings.node_port),
        console=Address(LOOPBACK, settings.console_port),
        certificate=certificate,
        people_certificate=certificate if people_tls or settings.tls else None,
        pages_socket=socket,
        secret=secret,
        admin_key=admin_key,
        static=static,
        languages=house.languages,
        house=keeping,
        host_names=names,
        spoken=spoken_languages(),
    )
    try:
        gate = build_gate(plan, services, house.blobs, random.Random())  # noqa: S311 - spreads the ends of waits
        return FrontDoor(gate, gate.start(), backstage, socket, secret)
    except BaseException:
        backstage.stop()
        raise


def names_of(house: House) -> tuple[str, ...]:
    """The names that the certificate holds besides the addresses: that on the LAN, this machine's own, and those of the settings."""
    return (house.authority.mdns_name, *own_names(), *house.settings.names)


def _trust(house: House) -> Trust:
    authority, outside = house.authority, house.outside
    return Trust(
        certificate=authority.der,
        fingerprint=authority.fingerprint.hex(),
        words=spoken(authority.fingerprint),
        secure_url=lambda: outside.people_url,
        plain_url=lambda: outside.trust_url,
    )
