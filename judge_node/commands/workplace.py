"""Where `verify` and `once` work: the user's cache, the toolchains of this machine, sandboxes, temporary folders."""

from __future__ import annotations

import hashlib
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import click

from app.core.errors import Fault
from app.languages.definition import Language
from app.languages.loader import load_languages
from app.package.reader import OpenedPackage
from judge_node.pipeline.from_package import validator_of
from judge_node.pipeline.job import JudgeJob, JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop, judge
from judge_node.pipeline.programs import ValidatorStore
from judge_node.sandbox.interface import Sandbox
from judge_node.sandbox.linux import rootless
from judge_node.toolchains.find import Toolchain, probe
from judge_node.toolchains.headers import header_folder, make_header

_SOURCES_OF_BUILD = ("app/core", "app/package", "app/languages", "judge_node")


def cache_folder() -> Path:
    """The user's cache folder of Contestbox."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "contestbox"


@dataclass(slots=True)
class Workplace:
    """This machine for problem setters. Toolchains are probed when a language is first used."""

    languages: Mapping[str, Language]
    cache: Path
    make_headers: bool
    toolchains: dict[str, Toolchain] = field(default_factory=dict)
    headers: dict[str, Path] = field(default_factory=dict)
    _validators: ValidatorStore | None = None

    def prepare(self, language: Language) -> Toolchain:
        """Makes sure that a language can be judged here. Fault("toolchain") with what to install where it cannot."""
        if language.id not in self.toolchains:
            toolchain = probe(language)
            if toolchain.missing:
                raise Fault("toolchain", f"{language.name} cannot be judged on this machine: {toolchain.missing}")
            self.toolchains[language.id] = toolchain
            find = make_header if self.make_headers else header_folder
            folder = find(language, toolchain, self.cache / "headers")
            if folder is not None:
                self.headers[language.id] = folder
        return self.toolchains[language.id]

    def prepare_validator(self, opened: OpenedPackage) -> None:
        """Makes sure that the package's own validator, where it has one, can be compiled here."""
        validator = validator_of(opened, self.languages)
        if validator is not None:
            self.prepare(validator.language)

    @contextmanager
    def workshop(self) -> Iterator[Workshop]:
        """A sandbox of its own with everything that judging needs."""
        with ExitStack() as stack:
            sandbox = _open_sandbox()
            stack.callback(sandbox.close)
            yield Workshop(sandbox, self._validator_store(), dict(self.headers))

    def _validator_store(self) -> ValidatorStore:
        if self._validators is None:
            fingerprints = {name: toolchain.fingerprint for name, toolchain in self.toolchains.items()}
            self._validators = ValidatorStore(self.cache / "validators", fingerprints)
        return self._validators


def open_workplace(*, make_headers: bool) -> Workplace:
    """The workplace of this user, with the built-in languages. From here on SIGTERM cleans up as Ctrl-C does, and without root
    the sandbox is a weaker one, which is said. Raises Fault where there can be none.
    """
    rootless.enter()
    for sentence in rootless.weaker():
        click.echo(f"without root: {sentence}", err=True)
    signal.signal(signal.SIGTERM, _stop)
    return Workplace(load_languages(), cache_folder(), make_headers)


def _stop(number: int, frame: FrameType | None) -> None:
    """Cleans up as Ctrl-C does. Those who stop a program tell it and then its group: the second word must not break the cleaning up."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def judge_in_folder(job: JudgeJob, workshop: Workshop, watcher: Watcher) -> JudgeResult:
    """Judges in a temporary folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="contestbox-judge-") as folder:
        return judge(job, workshop, Path(folder), watcher)


def node_build() -> str:
    """A hash of the judge's own code and of the two C programs beside it."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for folder in _SOURCES_OF_BUILD:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".c", ".h", ".toml") and path.is_file():
                digest.update(str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _open_sandbox() -> Sandbox:
    # Here and not at the top, so that commands that need no sandbox start without its libraries.
    from judge_node.sandbox.linux.box import open_sandbox

    return open_sandbox()
