"""The nodes' listener, by TLS: /judge/v1 for judge machines, /admin/v1 for the organiser's console on another machine."""

from __future__ import annotations

from concurrent.futures import Executor

from app.services.catalog import Services
from app.wire.judge_v1 import MAX_BODY
from web.gate.door import Door
from web.gate.nodes import MAX_BLOB, NodePort
from web.gate.remote_admin import RemoteAdmin
from web.gate.routes import Route, Table
from web.gate.sending import MACHINE_HEADERS
from web.gate.visit import Answer, Head, Visit
from web.gate.waits import Hub

STRANGER_BODY = 16 * 1024


def nodes_door(services: Services, port: NodePort, remote: RemoteAdmin, hub: Hub, executor: Executor) -> Door:
    """The ASGI application. Machines may know the server by any name: they trust its CA, not its host."""

    async def handle(visit: Visit) -> Answer:
        return await port.handle(visit.exchange())

    def limit(head: Head) -> int:
        if not head.bearer or services.machines.node_of_token(head.bearer) is None:
            return STRANGER_BODY
        return MAX_BLOB if head.path.startswith("/judge/v1/blobs/") else MAX_BODY

    methods = ("GET", "POST", "PUT")
    return Door(
        table=Table([Route(methods, "/judge/v1/{rest...}", handle, limit=limit), *remote.routes()]),
        clock=services.clock,
        executor=executor,
        host_is_ours=lambda host: True,
        standing=MACHINE_HEADERS,
        stopping=lambda: hub.closed,
    )
