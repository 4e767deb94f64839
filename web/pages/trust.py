"""How to trust this server's certificate: the page that people read before they come by https, and the certificate itself.

It is served by plain http, since nobody trusts us yet: whoever stands between could serve another page with another certificate. So the
page shows the certificate's fingerprint as words, and asks to compare them with those that the organiser's screen shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import flask
from flask.typing import ResponseReturnValue

from app.typeset.qr import qr_svg
from web.gate.hosts import is_loopback
from web.pages.speech import translated as _

FILE_NAME = "contestbox-ca.crt"
_PORT = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True)
class Trust:
    """The CA that people are asked to trust: its certificate (DER), fingerprint and words.

    `secure_url` and `plain_url` give the server's addresses in the room by https and of this page; they are known once it serves.
    """

    certificate: bytes
    fingerprint: str
    words: tuple[str, ...]
    secure_url: Callable[[], str]
    plain_url: Callable[[], str]


def blueprint(trust: Trust) -> flask.Blueprint:
    """`/trust` and the certificate beside it."""
    pages = flask.Blueprint("trust", __name__)

    @pages.get("/trust")
    def page() -> ResponseReturnValue:
        here = _as_seen(trust.plain_url())
        text = flask.render_template(
            "trust.html",
            words=trust.words,
            fingerprint=_in_pairs(trust.fingerprint),
            secure=_as_seen(trust.secure_url()),
            here=here,
            code=qr_svg(here),
            file_name=FILE_NAME,
            steps=steps(),
        )
        response = flask.make_response(text)
        response.headers["Cache-Control"] = "no-store"
        return response

    @pages.get(f"/trust/{FILE_NAME}")
    def certificate() -> ResponseReturnValue:
        response = flask.make_response(trust.certificate)
        # This very type makes phones offer to install it.
        response.headers["Content-Type"] = "application/x-x509-ca-cert"
        response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
        response.headers["Cache-Control"] = "no-store"
        return response

    return pages


def steps() -> tuple[tuple[str, str], ...]:
    """What to do on each kind of computer: its name, and the way through its menus."""
    return (
        (
            "Firefox",
            _(
                "Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import: "
                "choose the file and tick “websites”."
            ),
        ),
        (
            _("Chrome on Linux"),
            _("Settings, Privacy and security, Security, Manage certificates, Authorities, Import: tick “websites”."),
        ),
        (
            "Windows",
            _(
                "Open the file, Install Certificate, Current User, place it in "
                "“Trusted Root Certification Authorities”, then start the browser again."
            ),
        ),
        (
            "macOS",
            _(
                "Open the file, so that Keychain Access takes it; open it there, Trust, “Always Trust”; Safari and Chrome use it."
            ),
        ),
        (
            "Android",
            _(
                "Settings, Security, Encryption & credentials, Install a certificate, CA certificate: choose the file from the downloads."
            ),
        ),
        (
            "iPhone, iPad",
            _(
                "Load it with Safari, then Settings, Profile Downloaded, Install; "
                "then General, About, Certificate Trust Settings: switch it on."
            ),
        ),
    )


def _as_seen(url: str) -> str:
    """An address of ours by the name that the visitor used; by the room's where they sit at the server itself."""
    name = _PORT.sub("", flask.request.host)
    parts = urlsplit(url)
    if is_loopback(name):
        return url
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{name}{port}{parts.path}"


def _in_pairs(fingerprint: str) -> str:
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
