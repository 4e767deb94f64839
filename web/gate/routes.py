"""A listener's route table: method and path to the handler that answers, with what its body may weigh."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.core.errors import Refusal
from web.gate.visit import Handler, Head

KIB = 1024
LARGEST_BODY = 8 * 1024 * KIB
"""Nothing accepts more in one request (DESIGN 3)."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way in.

    `pattern` has segments like `{id}`; a last segment `{rest...}` takes all that follows. `limit` is the largest body in
    bytes, or says it for a head (more for who is known). `signed_in` refuses strangers before their body is read. `spool`: a body
    over 256 KiB may wait in a file. `strict`: another method on this path is 405 instead of going to the fallback.
    """

    methods: tuple[str, ...]
    pattern: str
    handler: Handler
    limit: int | Callable[[Head], int] = 0
    signed_in: bool = False
    spool: bool = False
    strict: bool = True

    def limit_for(self, head: Head) -> int:
        """The largest body that this route takes from this head."""
        return self.limit(head) if callable(self.limit) else self.limit


class Table:
    """The routes of one listener.

    A path is first looked up whole, then by its segments, then falls to the first of `fallback` that takes its method.
    """

    def __init__(self, routes: Iterable[Route], *fallback: Route) -> None:
        self._whole: dict[str, list[Route]] = {}
        self._patterns: list[tuple[tuple[str, ...], Route]] = []
        self._fallback = fallback
        for route in routes:
            if "{" in route.pattern:
                self._patterns.append((tuple(route.pattern.split("/")), route))
            else:
                self._whole.setdefault(route.pattern, []).append(route)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and the values of its pattern. Raises Refusal 404 or 405."""
        asked = "GET" if method == "HEAD" else method
        strict: set[str] = set()
        for route, params in self._matches(path):
            if asked in route.methods:
                return route, params
            if route.strict:
                strict.update(route.methods)
        if strict:
            allowed = ", ".join(sorted(strict | ({"HEAD"} if "GET" in strict else set())))
            raise Refusal(
                405, f"This address does not take {method[:16]}; it takes {allowed}.", fields={"allow": allowed}
            )
        for route in self._fallback:
            if asked in route.methods:
                return route, {}
        if self._fallback:
            allowed = ", ".join(name for route in self._fallback for name in route.methods)
            raise Refusal(405, f"{method[:16]} is not taken here.", fields={"allow": allowed})
        raise Refusal(404, "There is nothing at this address.")

    def _matches(self, path: str) -> Iterable[tuple[Route, dict[str, str]]]:
        for route in self._whole.get(path, ()):
            yield route, {}
        segments = path.split("/")
        for pattern, route in self._patterns:
            params = match(pattern, segments)
            if params is not None:
                yield route, params


def match(pattern: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    """The values of a pattern's names for a path's segments; None when it doesn't fit. An empty segment never fills a name."""
    params: dict[str, str] = {}
    for place, part in enumerate(pattern):
        if part.startswith("{") and part.endswith("...}"):
            rest = "/".join(segments[place:])
            return {**params, part[1:-4]: rest} if rest else None
        if place >= len(segments):
            return None
        if part.startswith("{"):
            if not segments[place]:
                return None
            params[part[1:-1]] = segments[place]
        elif part != segments[place]:
            return None
    return params if len(pattern) == len(segments) else None
