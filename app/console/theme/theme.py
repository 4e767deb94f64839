"""The theme in use: light or dark by the system or by choice, live. Widgets read `theme.tokens` when they paint."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from app.console.theme.icons import Icons
from app.console.theme.sheet import style_sheet
from app.console.theme.tokens import DARK, LIGHT, Tokens
from app.console.theme.type import load_fonts, ui_font


class Choice(StrEnum):
    """What the organiser chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """Colours and icons for one application. `changed` comes after the application's palette and sheet have changed."""

    changed = Signal()

    def __init__(self, application: QApplication, choice: Choice = Choice.SYSTEM) -> None:
        super().__init__()
        self._application = application
        self._choice = choice
        self.icons = Icons()
        self.tokens: Tokens = LIGHT
        self._applied = False
        load_fonts()
        application.setStyle(QStyleFactory.create("Fusion"))
        application.setFont(ui_font(14))
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self._apply()

    @property
    def choice(self) -> Choice:
        """What the organiser chose."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Takes a choice at once."""
        self._choice = choice
        self._follow()

    def _follow(self) -> None:
        before = self.tokens
        self._apply()
        if self.tokens is not before:
            self.changed.emit()

    def _apply(self) -> None:
        dark = self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        if self._choice is not Choice.SYSTEM:
            dark = self._choice is Choice.DARK
        tokens = DARK if dark else LIGHT
        if tokens is self.tokens and self._applied:
            return
        self.tokens, self._applied = tokens, True
        self.icons.clear()
        self._application.setPalette(_palette(self.tokens))
        self._application.setStyleSheet(style_sheet(self.tokens))


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.bg,
        role.WindowText: tokens.ink,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.sunken,
        role.Text: tokens.ink,
        role.PlaceholderText: tokens.faint,
        role.Button: tokens.raised,
        role.ButtonText: tokens.ink,
        role.BrightText: tokens.alarm,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.ink,
        role.Highlight: tokens.accent_tint,
        role.HighlightedText: tokens.ink,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.surface,
        role.Midlight: tokens.line,
        role.Mid: tokens.line_strong,
        role.Dark: tokens.edge,
        role.Shadow: tokens.line_strong,
        role.Accent: tokens.accent,
    }
    palette = QPalette()
    for one, colour in colours.items():
        palette.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(tokens.faint))
    return palette
