"""Where the contest's server is, seen from this window: on this machine (supervisor.py) or on another one (remote.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class Access:
    """How `/admin/v1` is asked: the address, what is shown with each request, and the CA of a TLS server ("" for loopback)."""

    url: str
    headers: tuple[tuple[str, str], ...]
    ca_pem: str = ""


class Place(Protocol):
    """What the link needs to know of a server's whereabouts."""

    @property
    def where(self) -> str:
        """Said while there is nothing else to show: the data folder, or the server's address."""
        ...

    @property
    def is_here(self) -> bool:
        """Whether the server runs on this machine, so that its folders can be named."""
        ...

    @property
    def is_down(self) -> bool:
        """Whether no server runs and the organiser may start one from here."""
        ...

    @property
    def is_signed_out(self) -> bool:
        """Whether somebody has to sign in before anything can be asked."""
        ...

    def access(self) -> Access | None:
        """The way to the server; None while there is none."""
        ...

    def attach_or_start(self) -> None:
        """Starts the server where that can be done from here. Raises Fault."""
        ...

    def tend(self) -> str:
        """Called while the server does not answer or refuses: does what can be done, and says how things stand."""
        ...

    def refused(self, refusal: Refusal) -> None:
        """The server refused a request."""
        ...
