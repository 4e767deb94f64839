"""Finding a server and being let in: by the address that was given, else by whoever is heard on the network."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator

from app.core.errors import Fault, Refusal
from app.lan.joining import ShowCode, join
from app.lan.membership import Membership
from judge_node.backoff import Backoff
from judge_node.health import facts
from judge_node.settings import NodeSettings

log = logging.getLogger("contestbox.judge.pair")

_REFUSED_SECONDS = 60.0
_LISTEN_SECONDS = 2.0
_REDISCOVER_SECONDS = 3.0


def pair(
    settings: NodeSettings,
    show_code: ShowCode,
    stop: threading.Event,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> Membership | None:
    """Asks servers until one lets us in; for ever, unless `stop` ends it (None). A server that refused is left alone for a minute."""
    quiet_until: dict[str, float] = {}
    about_us = facts()
    backoff = Backoff()
    said = ""
    for url in _addresses(settings, stop):
        if quiet_until.get(url, 0.0) > time.monotonic():
            stop.wait(1.0 if settings.server else 0.0)
            continue
        try:
            return join(
                url,
                name=settings.name,
                facts=about_us,
                expect=settings.expect,
                random_bytes=random_bytes,
                show_code=show_code,
                stop=stop,
            )
        except Refusal as refusal:
            sentence = refusal.sentence
            if refusal.code == 403:
                quiet_until[url] = time.monotonic() + _REFUSED_SECONDS
        except Fault as fault:
            sentence = fault.sentence
        except Exception as strange:
            # Who answers may be anybody: whatever they send, it must not end us.
            log.debug("the answer of %s", url, exc_info=strange)
            sentence = f"Who answers at {url} speaks no protocol of ours ({type(strange).__name__})."
        if sentence != said:
            log.warning("%s", sentence)
            said = sentence
        stop.wait(backoff.next_seconds())
    return None


def rediscover(server_id: str) -> str | None:
    """Where a server of this id is heard now, for a few seconds; None where it isn't. The pinned CA decides whether it is the one."""
    from app.lan.discover import Discovery
    from app.lan.interfaces import interfaces

    deadline = time.monotonic() + _REDISCOVER_SECONDS
    with Discovery([one.address for one in interfaces()]) as discovery:
        while (left := deadline - time.monotonic()) > 0:
            candidate = discovery.next(left)
            if candidate is not None and candidate.server_id == server_id:
                return candidate.url
    return None


def _addresses(settings: NodeSettings, stop: threading.Event) -> Iterator[str]:
    """Addresses to knock at, for ever."""
    if settings.server:
        while not stop.is_set():
            yield settings.server
        return
    # Here, so that a node that knows its server never loads the libraries of discovery.
    from app.lan.discover import Discovery
    from app.lan.interfaces import interfaces

    heard: dict[str, str] = {}
    backoff = Backoff()
    while not stop.is_set():
        try:
            with Discovery([one.address for one in interfaces()]) as discovery:
                while not stop.is_set():
                    candidate = discovery.next(_LISTEN_SECONDS)
                    if candidate is not None and (not settings.expect or candidate.server_id == settings.expect):
                        heard[candidate.url] = candidate.server_id
                    yield from list(heard)
        except Fault as fault:
            log.warning("%s", fault.sentence)
            stop.wait(backoff.next_seconds())
