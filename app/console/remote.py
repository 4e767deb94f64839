"""A contest server on another machine: kept pairings, the sign-in, and what stands between this console and it (DESIGN 7).

A pairing (CA and token) is a file of the user's, 0600, named after the server's id; an address may change, the CA may not. The token goes
over TLS of that CA only. The password is sent once and kept nowhere; the session that it gives lives as long as this window.
"""

from __future__ import annotations

import json
import platform
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_config_path

from app.console.place import Access
from app.console.words import tr as _
from app.core.errors import Fault, Refusal
from app.lan import membership
from app.lan.asking import ANSWER_SECONDS, SHORT_BYTES, Stranger, get, open_client, parse, post
from app.lan.membership import Membership
from app.lan.tls import pinned_context
from app.wire.admin_v1 import Session

_SESSION = "X-Contestbox-Session"


def default_folder() -> Path:
    """Where the pairings of this user lie."""
    return user_config_path("contestbox") / "servers"


class RemotePlace:
    """A server that this console is paired with. Any thread."""

    def __init__(self, member: Membership, file: Path) -> None:
        self.member = member
        self._file = file
        self._session = ""
        self._unpaired = False
        self._lock = threading.Lock()

    @property
    def where(self) -> str:
        """The server's address."""
        return self.member.url

    @property
    def is_here(self) -> bool:
        """Its folders are not ours."""
        return False

    @property
    def is_down(self) -> bool:
        """It is started at its own machine only."""
        return False

    @property
    def is_signed_out(self) -> bool:
        """Whether the sign-in has ended (or never was) while the pairing stands."""
        return not self._session and not self._unpaired

    def access(self) -> Access | None:
        """Both keys, once there are both."""
        with self._lock:
            if not self._session or self._unpaired:
                return None
            held = (("Authorization", f"Bearer {self.member.token}"), (_SESSION, self._session))
        return Access(self.member.url, held, self.member.ca_pem)

    def attach_or_start(self) -> None:
        """Fault: a server on another machine is started there."""
        raise Fault("server", _("Start the server at its own machine."))

    def tend(self) -> str:
        """What keeps this console out, as far as it is known."""
        if self._unpaired:
            return _("This console is not paired with the server any more. Close it, and pair it anew by opening it.")
        if not self._session:
            return _("Nobody is signed in at this console.")
        return ""

    def refused(self, refusal: Refusal) -> None:
        """A session that ended is forgotten, and so is a pairing."""
        if refusal.code != 401:
            return
        with self._lock:
            self._session = ""
            if "console" in refusal.fields:
                self._unpaired = True
                membership.forget(self._file)

    def sign_in(self, username: str, password: str) -> None:
        """Signs an admin in; blocks for the answer. Refusal in the server's words, LinkDown when it does not answer."""
        wish = json.dumps({"username": username, "password": password})
        with open_client(pinned_context(self.member.ca_pem), _bearer(self.member)) as client:
            try:
                reply = post(client, f"{self.member.url}/admin/v1/sign-in", wish, 2 * ANSWER_SECONDS, SHORT_BYTES)
            except Refusal as refusal:
                if "console" in refusal.fields:
                    self.refused(refusal)
                raise
        with self._lock:
            self._session = parse(reply, Session).session


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who answers at an address: a server that we are paired with, or none such; `another`: one that was paired there is not there now."""

    place: RemotePlace | None
    another: bool = False


class Pairings:
    """The pairings kept in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Membership]:
        """Every pairing that can be read."""
        found = (membership.load(path) for path in sorted(self._folder.glob("*.json")))
        return [one for one in found if one is not None]

    def recognise(self, url: str) -> Recognised:
        """Finds out whether a known server answers at `url`; blocks. Its new address is kept.

        LinkDown when nobody answers, Refusal(403) while the organiser has paused this console.
        """
        another = False
        for member in sorted(self.all(), key=lambda one: one.url != url):
            try:
                if self._is_ours(member, url):
                    return Recognised(self.keep(replace(member, url=url)))
            except Stranger:
                another = another or member.url == url
        return Recognised(None, another)

    def keep(self, member: Membership) -> RemotePlace:
        """Writes a pairing down. Raises Fault("storage") when that fails."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        membership.save(self._file(member), member)
        return RemotePlace(member, self._file(member))

    def _file(self, member: Membership) -> Path:
        return self._folder / f"{member.server_id}.json"

    def _is_ours(self, member: Membership, url: str) -> bool:
        """Whether the server there knows this pairing; one that it has ended is forgotten."""
        with open_client(pinned_context(member.ca_pem), _bearer(member)) as client:
            try:
                get(client, f"{url}/admin/v1/state")
            except Refusal as refusal:
                if "console" in refusal.fields:
                    membership.forget(self._file(member))
                    return False
                if "session" not in refusal.fields:
                    raise
        return True


def join(url: str, show_code: Callable[[str, str], None], stop: threading.Event) -> Membership | None:
    """Asks the server at `url` to let this console in, and waits for the organiser; blocks. Raises as app.lan.joining.join."""
    from app.lan.joining import join as knock

    return knock(
        url,
        name=socket.gethostname(),
        kind="console",
        facts={"os": f"{platform.system()} {platform.release()}"},
        expect="",
        random_bytes=secrets.token_bytes,
        show_code=show_code,
        stop=stop,
    )


def _bearer(member: Membership) -> dict[str, str]:
    return {"authorization": f"Bearer {member.token}"}
