"""The language of the console: the system's, or the one that the organiser chose, for our texts and for Qt's own."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QSettings, QTranslator
from PySide6.QtWidgets import QApplication

from app.console.words import best_of, languages, speak, spoken

SYSTEM = "system"
_KEY = "language"


class Tongue:
    """Speaks one language at a time in one application."""

    def __init__(self, application: QApplication, settings: QSettings) -> None:
        self._application = application
        self._settings = settings
        self._qt: QTranslator | None = None
        self.use()

    def choose(self, choice: str) -> None:
        """Remembers a choice ("system" or a language) and speaks it from now on."""
        self._settings.setValue(_KEY, choice)
        self.use()

    def use(self) -> None:
        """Speaks what was chosen."""
        choice = choice_in(self._settings)
        speak(best_of(QLocale.system().uiLanguages()) if choice == SYSTEM else choice)
        if self._qt is not None:
            self._application.removeTranslator(self._qt)
        self._qt = QTranslator()
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._qt.load(f"qtbase_{spoken()}", folder):
            self._application.installTranslator(self._qt)
        QLocale.setDefault(QLocale(spoken()) if spoken() != "en" else QLocale.c())


def choice_in(settings: QSettings) -> str:
    """What was chosen: "system", or a language that is spoken here."""
    choice = str(settings.value(_KEY, SYSTEM))
    return choice if choice in languages() else SYSTEM
