"""What this machine judges with: languages and their toolchains, precompiled headers, compiled validators, sandboxes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from app.core.errors import Fault
from app.languages.definition import Language
from app.languages.loader import load_languages
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.programs import ValidatorStore
from judge_node.selftest import SelftestResult, run_selftest
from judge_node.settings import DataFolder
from judge_node.toolchains.find import Toolchain, probe_all
from judge_node.toolchains.headers import make_header


class Toolroom:
    """Made once at the start; read by all slots. Making it looks for compilers and may compile a header: seconds.

    Fault where no sandbox can be used at all: told before anything is compiled.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._try_sandbox()
        self._jobs = folder.jobs
        self._testing = threading.Lock()
        self.languages: Mapping[str, Language] = load_languages()
        self.toolchains: dict[str, Toolchain] = probe_all(self.languages.values())
        self.headers: dict[str, Path] = {}
        for language in self.usable().values():
            header = make_header(language, self.toolchains[language.id], folder.headers)
            if header is not None:
                self.headers[language.id] = header
        fingerprints = {name: one.fingerprint for name, one in self.toolchains.items() if one.fingerprint}
        self._validators = ValidatorStore(folder.validators, fingerprints)

    @staticmethod
    def _try_sandbox() -> None:
        from judge_node.sandbox.linux.box import open_sandbox

        open_sandbox().close()

    def usable(self) -> dict[str, Language]:
        """The languages whose toolchain is here."""
        return {name: one for name, one in self.languages.items() if not self.toolchains[name].missing}

    def missing(self) -> dict[str, str]:
        """The other ones, with the sentence that says what to install."""
        return {name: one.missing for name, one in self.toolchains.items() if one.missing}

    def open_workshop(self) -> Workshop:
        """A sandbox of its own with everything that judging needs; whoever asks closes its sandbox. Fault where the kernel refuses."""
        from judge_node.sandbox.linux.box import open_sandbox

        return Workshop(open_sandbox(), self._validators, dict(self.headers))

    def forget_validators(self) -> None:
        """Removes the compiled validators of packages; no job may be running."""
        self._validators.forget()

    def selftest(self, stop: threading.Event) -> SelftestResult:
        """Proves this machine in a sandbox of its own. Fault when no sandbox can be used at all, or there is no room for the work."""
        with self._testing:
            workshop = self.open_workshop()
            try:
                return run_selftest(workshop, self.usable(), self._jobs, stop)
            except OSError as wrong:
                raise Fault("storage", f"Nothing can be kept in {self._jobs} ({wrong.strerror}).") from wrong
            finally:
                workshop.sandbox.close()

    def wait_for_selftest(self, seconds: float) -> None:
        """Lets a self-test that is being stopped clean up, for at most so long."""
        if self._testing.acquire(timeout=seconds):
            self._testing.release()
