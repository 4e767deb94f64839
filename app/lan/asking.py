"""How a machine asks the server's node port: one client, bounded answers, and «try again later» told from the server's own refusal.

Used by whoever pairs (joining.py), by judge nodes and by a console that signs in.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, ValidationError

from app.core.errors import Fault, Refusal

ANSWER_SECONDS = 10.0
SHORT_BYTES = 64 * 1024
"""What an answer holds that carries no work."""
_CONNECT_SECONDS = 5.0
_MOST_BYTES = 64 * 1024 * 1024
_MOST_SENTENCE = 500
_BUSY = frozenset({408, 429, 500, 502, 503, 504})

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and the certificate (DER) that its sender showed."""

    status: int
    body: bytes
    peer: bytes


class LinkDown(Fault):
    """Nobody answers, or the server cannot answer now: worth trying again."""

    def __init__(self, sentence: str) -> None:
        super().__init__("link", sentence)


class Stranger(LinkDown):
    """Somebody answers who does not hold a certificate of the server that is meant."""

    def __init__(self) -> None:
        super().__init__("Another server answers at this address: it does not have the certificate of ours.")


def server_url(text: str) -> str:
    """`https://host:port` out of what a person typed, with or without the scheme. Refusal(2) for anything else."""
    wrong = Refusal(2, f"{text!r} is no server address; write it as https://192.0.2.1:8443, as the console shows it.")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != "https" or not parts.hostname or port is None or parts.path not in ("", "/"):
        raise wrong
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"https://{host}:{port}"


def open_client(context: ssl.SSLContext, headers: dict[str, str] | None = None) -> httpx2.Client:
    """A client that knows no proxy, follows nothing and keeps its connection between questions."""
    return httpx2.Client(
        verify=context,
        trust_env=False,
        follow_redirects=False,
        headers={"user-agent": "contestbox", **(headers or {})},
        timeout=_timeout(ANSWER_SECONDS),
        limits=httpx2.Limits(max_connections=2, max_keepalive_connections=1, keepalive_expiry=60.0),
    )


def post(
    client: httpx2.Client, url: str, message: str, seconds: float = ANSWER_SECONDS, most_bytes: int = _MOST_BYTES
) -> Reply:
    """Sends one message (JSON); gives an answer of 2xx. LinkDown or the server's Refusal otherwise."""
    kind = {"content-type": "application/json"}
    request = client.build_request("POST", url, content=message, headers=kind, timeout=_timeout(seconds))
    return _ask(client, request, most_bytes)


def get(client: httpx2.Client, url: str, seconds: float = ANSWER_SECONDS, most_bytes: int = _MOST_BYTES) -> Reply:
    """Asks for something; otherwise as `post`."""
    return _ask(client, client.build_request("GET", url, timeout=_timeout(seconds)), most_bytes)


def _ask(client: httpx2.Client, request: httpx2.Request, most_bytes: int) -> Reply:
    with as_link_down(), contextlib.closing(client.send(request, stream=True)) as response:
        reply = read_reply(response, most_bytes)
    if not 200 <= reply.status < 300:
        raise_for(reply)
    return reply


def read_reply(response: httpx2.Response, most_bytes: int) -> Reply:
    """The whole answer. Who answers may be anybody while we are not paired: an endless answer is none."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > most_bytes:
            raise LinkDown("Who answers there sends more than any answer holds.")
    tls = response.extensions["network_stream"].get_extra_info("ssl_object")
    peer = tls.getpeercert(True) if tls is not None else None
    return Reply(response.status_code, bytes(body), peer or b"")


def raise_for(reply: Reply) -> None:
    """The server's refusal as a Refusal, or LinkDown when it only cannot answer now."""
    fields: dict[str, str] = {}
    try:
        body: Any = json.loads(reply.body)
        sentence = str(body["message"])[:_MOST_SENTENCE]
        fields = {str(key): str(value) for key, value in body.get("fields", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sentence = f"The server answered {reply.status}."
    if reply.status in _BUSY:
        raise LinkDown(sentence)
    raise Refusal(reply.status, sentence, fields=fields)


def parse(reply: Reply, kind: type[A]) -> A:
    """A message out of an answer; LinkDown when it is none of this protocol."""
    try:
        return kind.model_validate_json(reply.body)
    except ValidationError as wrong:
        raise LinkDown(
            f"The server's answer is not one of protocol version 1 ({wrong.error_count()} errors)."
        ) from wrong


@contextmanager
def as_link_down() -> Iterator[None]:
    """Turns what goes wrong on the way into LinkDown; Stranger when it was the certificate."""
    try:
        yield
    except httpx2.HTTPError as wrong:
        if "CERTIFICATE_VERIFY_FAILED" in str(wrong):
            raise Stranger from wrong
        raise LinkDown(f"The server does not answer ({type(wrong).__name__}: {wrong}).") from wrong


def _timeout(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=_CONNECT_SECONDS)
