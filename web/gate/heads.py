"""What a request's head must keep to before anything looks at it (DESIGN 3; FRONT_DOOR 3 says why servers do not do it for us)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from app.core.errors import Refusal
from web.gate.visit import Head
from web.origin import is_own

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
LONGEST_TARGET = 8 * 1024
_REMEMBERED_BYTES = 2 * 1024
_OWN = frozenset((b"content-length", b"idempotency-key"))
"""Another value in each command of the same client."""

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")
_SINGLE = ("content-length", "transfer-encoding", "authorization", "origin", "content-type")

Scope = MutableMapping[str, Any]
HostCheck = Callable[[str], bool]
"""Whether a host name (lower case, without port) is one of ours."""


@dataclass(frozen=True, slots=True)
class _Headers:
    """A request's headers once they were understood, and its one host."""

    pairs: tuple[tuple[str, str], ...]
    joined: Mapping[str, str]
    host: str


def read_head(scope: Scope, host_is_ours: HostCheck) -> Head:
    """A head from an ASGI scope. Raises Refusal 400, 414 or 431 for what is not plain HTTP to one of our hosts."""
    method, headers = scope["method"], _headers_of(scope, host_is_ours)
    target = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    if len(target) + len(query) > LONGEST_TARGET:
        raise Refusal(414, "The address is too long.")
    if method == "CONNECT" or not target.startswith("/") or "\\" in target or "\0" in scope["path"]:
        raise Refusal(400, "This is not an address of this server.")
    client = scope.get("client")
    return Head(
        method=method,
        path=scope["path"],
        target=f"{target}?{query}" if query else target,
        query=read_query(query) if query else {},
        headers=headers.joined,
        pairs=headers.pairs,
        host=headers.host,
        address=str(client[0]) if client else "",
        scheme=scope["scheme"],
    )


def _headers_of(scope: Scope, host_is_ours: HostCheck) -> _Headers:
    raw = scope["headers"]
    size = 0
    for name, value in raw:
        size += len(name) + len(value)
    if len(raw) > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise Refusal(431, "The request has too many headers.")
    if size > _REMEMBERED_BYTES:
        return _understood(raw, host_is_ours)
    pairs = tuple(map(tuple, raw))
    if scope["method"] == "GET":
        return _remembered(pairs, host_is_ours)
    own = {name: value for name, value in pairs if name in _OWN}
    same = tuple([pair for pair in pairs if pair[0] not in _OWN])
    if len(same) + len(own) < len(pairs):
        return _understood(pairs, host_is_ours)  # one of them stands there twice
    before = _remembered_commands(same, host_is_ours)
    added = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in own.items()])
    if any(name in before.joined for name, _ in added):
        return _understood(pairs, host_is_ours)  # and once more in capitals
    joined = {**before.joined, **dict(added)}
    _check_length(joined)
    return _Headers((*before.pairs, *added), joined, before.host)


def _understood(raw: Iterable[tuple[bytes, bytes]], host_is_ours: HostCheck) -> _Headers:
    pairs = tuple([(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw])
    return _Headers(pairs, _joined(pairs), _one_host(pairs, host_is_ours))


_remembered = lru_cache(maxsize=4096)(_understood)
_remembered_commands = lru_cache(maxsize=4096)(_understood)
"""A browser sends the same headers again and again, and a program the same but for those of its command. What was refused is not
remembered."""


def read_query(query: str) -> dict[str, str]:
    """The last value of each name. Raises Refusal 400 for over 50 names."""
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise Refusal(400, "The address has too many parameters.") from error


def _joined(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        if name in headers:
            if name in _SINGLE and value != headers[name]:
                raise Refusal(400, f"The header {name} stands twice in the request.")
            headers[name] = headers[name] + ("; " if name == "cookie" else ", ") + value
        else:
            headers[name] = value
    _check_length(headers)
    return headers


def _check_length(headers: Mapping[str, str]) -> None:
    coding = headers.get("transfer-encoding")
    if coding is not None and coding.strip().lower() != "chunked":
        raise Refusal(400, "Only the transfer encoding chunked is understood.")
    if coding is not None and "content-length" in headers:
        raise Refusal(400, "A request has either a length or chunks, not both.")
    length = headers.get("content-length")
    if length is not None and not (length.isascii() and length.isdigit()):
        raise Refusal(400, "The length of the request is not a number.")


def _one_host(pairs: tuple[tuple[str, str], ...], host_is_ours: HostCheck) -> str:
    hosts = [value for name, value in pairs if name == "host"]
    return read_host(hosts[0] if len(hosts) == 1 else "", host_is_ours)


def read_host(text: str, host_is_ours: HostCheck) -> str:
    """A host with or without port, in lower case. Raises Refusal 400 for what is none, or none of ours."""
    found = _HOST.fullmatch(text)
    if found is None or not host_is_ours(found["name"].lower()):
        raise Refusal(400, "The request does not name this server as its host.")
    return text.lower()


def check_origin(head: Head, *, with_cookie: bool) -> None:
    """Holds that an unsafe request comes from our own pages, not from a foreign page in the same browser. Raises Refusal 403."""
    origin, site = head.headers.get("origin"), head.headers.get("sec-fetch-site")
    if not is_own(head.method, head.host, origin, site, with_cookie=with_cookie, secure=head.scheme == "https"):
        raise Refusal(403, "This request did not come from a page of this server; open the page again and repeat it.")
