"""Whether an unsafe request comes from our own pages: one rule for the gate and for Flask behind it.

A browser sends Origin (or at least Sec-Fetch-Site) with every unsafe request; a program sends neither and shows a bearer token or
nothing. So a request without both is taken only when no cookie could speak for somebody who does not know of it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_own(
    method: str, host: str, origin: str | None, site: str | None, *, with_cookie: bool, secure: bool = False
) -> bool:
    """Whether a request may act: `host`, `origin` and `site` are its headers Host, Origin and Sec-Fetch-Site.

    `secure`: it came by TLS. A page of plain http is not ours then, whatever its host: anybody on the way may have written it.
    """
    if method in SAFE_METHODS:
        return True
    if origin is not None:
        return _is_origin_of(origin, host, secure)
    return site in ("same-origin", "none") or (site is None and not with_cookie)


def _is_origin_of(origin: str, host: str, secure: bool) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.netloc.lower() == host.lower() and (parts.scheme == "https" or not secure)
