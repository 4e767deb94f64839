"""What a client accepts and has already: languages, gzip, ETags, read from its headers."""

from __future__ import annotations

from functools import lru_cache

_USUAL = 200
"""Longer headers than browsers send are not remembered."""


def weighted(header: str) -> dict[str, float]:
    """The names of an Accept-* header in lower case with their weights; a weight that cannot be read counts 0."""
    found = {}
    for part in header.split(",")[:20]:
        name, _, rest = part.partition(";")
        mark, _, number = rest.partition("=")
        weight = 1.0
        if mark.strip().lower() == "q":
            try:
                weight = float(number)
            except ValueError:
                weight = 0.0
        if name.strip():
            found[name.strip().lower()] = weight
    return found


def accepts_gzip(header: str) -> bool:
    """Whether Accept-Encoding takes gzip."""
    return "gzip" in header and "gzip" in codings(header)


def codings(header: str) -> frozenset[str]:
    """The names that Accept-Encoding takes."""
    return _codings(header) if len(header) <= _USUAL else _codings.__wrapped__(header)


@lru_cache(maxsize=256)
def _codings(header: str) -> frozenset[str]:
    return frozenset(name for name, weight in weighted(header).items() if weight > 0)


def choose_language(header: str, known: tuple[str, ...]) -> str:
    """The most wanted language of Accept-Language that there is a catalogue for; the first known one otherwise."""
    return _language(header, known) if len(header) <= _USUAL else _language.__wrapped__(header, known)


@lru_cache(maxsize=256)
def _language(header: str, known: tuple[str, ...]) -> str:
    primary: dict[str, float] = {}
    for name, weight in weighted(header).items():
        language = name.partition("-")[0]
        primary[language] = max(weight, primary.get(language, 0.0))
    wanted = [name for name in sorted(primary, key=lambda name: -primary[name]) if primary[name] > 0 and name in known]
    return wanted[0] if wanted else known[0]


def etag_matches(header: str, etag: str) -> bool:
    """Whether If-None-Match names this ETag (weak forms count)."""
    return header.strip() == "*" or any(one.strip().removeprefix("W/") == f'"{etag}"' for one in header.split(","))
