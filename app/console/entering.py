"""The way into a server on another machine: which one, the letters, who you are. Then the same window as on the server's own machine."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog

from app.console.dialogs.choose import ChooseServer
from app.console.dialogs.join import JoinServer
from app.console.dialogs.sign_in import SignIn
from app.console.remote import Pairings, RemotePlace
from app.console.theme.theme import Theme


def enter(theme: Theme, url: str, pairings: Pairings) -> RemotePlace | None:
    """Asks what has to be asked, each in a dialog; None when the organiser left. `url` "" lets them choose a server."""
    if not url:
        choose = ChooseServer(theme, None, pairings)
        if choose.exec() != QDialog.DialogCode.Accepted:
            return None
        url = choose.url
    joining = JoinServer(theme, None, url, pairings)
    if joining.exec() != QDialog.DialogCode.Accepted or joining.place is None:
        return None
    place = joining.place
    return place if SignIn(theme, None, place).exec() == QDialog.DialogCode.Accepted else None
