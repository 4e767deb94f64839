"""The session cookie's name on the way that somebody comes by.

By https it begins with `__Host-`: browsers take such a cookie only with Secure, for the whole host and from nobody else, so that neither a
page of plain http nor another program on the same machine can plant one. Each way has its own name and reads no other, so a cookie
that once travelled by http opens nothing by https.
"""

from __future__ import annotations


def cookie_for(name: str, scheme: str) -> str:
    """The name for `scheme` ("http" or "https") of the cookie that this server calls `name`."""
    return f"__Host-{name}" if scheme == "https" else name


def cookie_line(name: str, value: str, scheme: str, *, ends: bool = False) -> str:
    """The value of Set-Cookie; with `ends` the browser forgets it. No Domain and Path=/, as `__Host-` asks for."""
    secure = "; Secure" if scheme == "https" else ""
    return f"{cookie_for(name, scheme)}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{'; Max-Age=0' if ends else ''}"
