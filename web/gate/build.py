"""Puts the gate together from the services: three doors, one hub, four reader threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from app.core.ids import Sha256
from app.languages.definition import Language
from app.ports.blobs import Blobs
from app.services.catalog import Services
from web.gate.admin import Admin, HouseKeeping
from web.gate.bodies import SPAN_SECONDS
from web.gate.hosts import host_check
from web.gate.listener import Certificate
from web.gate.machines import nodes_door
from web.gate.nodes import NodePort
from web.gate.people import PeopleSide
from web.gate.plain import PlainSide
from web.gate.proxy import Proxy
from web.gate.remote_admin import RemoteAdmin
from web.gate.server import Address, Front, Gate, raise_file_limit
from web.gate.static import StaticFiles
from web.gate.waits import Caps, Hub

READERS = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the gate stands and what it is told.

    `nodes` and `console` None: no such listener. `certificate` is the nodes' one. `pages_socket` and `secret` lead to Flask
    (web.backstage); `spoken` are the languages of the pages, the first for whoever speaks none of them; `host_names`
    are the further names that people may type.
    """

    people: Address
    nodes: Address | None
    console: Address | None
    certificate: Certificate | None
    pages_socket: Path
    secret: str
    admin_key: str
    static: StaticFiles
    languages: Mapping[str, Language]
    house: HouseKeeping
    spoken: tuple[str, ...]
    host_names: Iterable[str] = ()
    people_certificate: Certificate | None = None
    """Where people come by TLS."""
    plain: Address | None = None
    """Where they are told so by plain http, and how to trust the certificate."""
    behind: frozenset[str] = frozenset()
    """The addresses of reverse proxies before the people's listener."""
    body_span_seconds: float = SPAN_SECONDS
    """In each span of this length a body must bring 10 KiB, else 408."""


def build_gate(plan: Plan, services: Services, blobs: Blobs, random: Random) -> Gate:
    """The gate, not yet started."""
    readers = ThreadPoolExecutor(READERS, thread_name_prefix="gate-reader")
    hub = Hub(services.bell, caps_for(raise_file_limit()))
    services.accounts.on_revoked(lambda _: hub.look())
    proxy = Proxy(plan.pages_socket, plan.secret, lambda digest: blobs.path(Sha256(digest)), readers)
    people = PeopleSide(
        services=services,
        hub=hub,
        proxy=proxy,
        static=plan.static,
        executor=readers,
        random=random,
        host_is_ours=host_check(plan.host_names),
        languages=plan.languages,
        spoken=plan.spoken,
        behind=plan.behind,
        body_span_seconds=plan.body_span_seconds,
    )

    async def opened() -> None:
        hub.open()
        await proxy.open()

    def https_port() -> int:
        return gate.people_port()

    async def closed() -> None:
        await proxy.close()
        readers.shutdown(wait=False, cancel_futures=True)

    admin = Admin(services, hub, readers, plan.house, plan.admin_key, blobs.path)
    gate = Gate(
        Front(plan.people, people.door(), plan.people_certificate),
        _nodes(plan, services, blobs, admin, hub, readers),
        None if plan.console is None else Front(plan.console, admin.door()),
        plain=_plain(plan, people, https_port),
        opened=opened,
        closing=hub.close,
        closed=closed,
        died=plan.house.broken,
    )
    return gate


def caps_for(open_files: int) -> Caps:
    """How many may wait: four fifths of the open files, with room for the store and the readers, at most 100,000."""
    return Caps(everyone=max(50, min(100_000, (open_files - 256) * 4 // 5)))


def _plain(plan: Plan, people: PeopleSide, https_port: Callable[[], int]) -> Front | None:
    if plan.plain is None:
        return None
    side = PlainSide(
        proxy=people.proxy,
        static=people.static,
        clock=people.services.clock,
        executor=people.executor,
        host_is_ours=people.host_is_ours,
        spoken=people.spoken,
        https_port=https_port,
        stopping=lambda: people.hub.closed,
    )
    return Front(plan.plain, side.door())


def _nodes(
    plan: Plan, services: Services, blobs: Blobs, admin: Admin, hub: Hub, readers: ThreadPoolExecutor
) -> Front | None:
    if plan.nodes is None:
        return None
    port = NodePort(
        machines=services.machines,
        dispatch=services.dispatch,
        reports=services.report,
        blobs=blobs,
        bell=services.bell,
        wait_for=hub.wait_for,
        readers=readers,
    )
    remote = RemoteAdmin(admin, services.machines, services.accounts)
    return Front(plan.nodes, nodes_door(services, port, remote, hub, readers), plan.certificate)
