"""Opens a problem package: a folder or a zip file becomes a manifest and the files behind it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import Refusal
from app.core.submission import SourceFile
from app.package.findings import Findings
from app.package.formats import laid_out
from app.package.kattis import check_is_kattis, read_kattis
from app.package.manifest import FileRef, NamedFile, Package
from app.package.problem_yaml import substitute_constants
from app.package.tree import Take, Tree, scan
from app.package.unzip import DEFAULT_EXPAND_BYTES, expand_limit, unzip
from app.package.validate import check_package
from app.package.version import content_version


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """A package and the folder that its references point into, for as long as `open_package` holds it open."""

    package: Package
    tree: Tree

    def path(self, file: FileRef) -> Path:
        """The real file behind a reference."""
        return self.tree.files[file.path]

    def read(self, file: FileRef) -> bytes:
        """The bytes behind a reference."""
        return self.path(file).read_bytes()

    def sources(self, files: Iterable[NamedFile]) -> tuple[SourceFile, ...]:
        """The files of a program, with the package's constants put in where they are text."""
        return tuple(SourceFile(one.name, self._with_constants(self.read(one.file))) for one in files)

    def _with_constants(self, data: bytes) -> bytes:
        if not self.package.constants or b"{{" not in data:
            return data
        try:
            return substitute_constants(data.decode(), self.package.constants).encode()
        except UnicodeDecodeError:
            return data


@contextmanager
def open_package(
    path: Path,
    *,
    expand_limit_bytes: int = DEFAULT_EXPAND_BYTES,
    scratch: Path | None = None,
    take: Take | None = None,
    lenient: bool = False,
) -> Iterator[OpenedPackage]:
    """Opens the package at `path`, a folder or a zip file; none of its code is run.

    With `lenient` a link of a folder's that leads out of it is left out with a warning where no judgement needs it.

    A zip is unpacked below `scratch` (default: the system's folder for temporary files) and removed at the end. What
    it holds may be at most the smaller of `expand_limit_bytes` and half of the free disk. `take` hashes each file, as
    Tree.take says. Refusal(404) where there
    is nothing, Refusal(422) naming file and line for a broken package, Refusal(413) for one that is too large.
    """
    if not path.is_dir() and not path.is_file():
        raise Refusal(404, f"There is no problem package at {path}.")
    folder = Path(tempfile.mkdtemp(prefix="contestbox-package-", dir=scratch))
    try:
        written = folder / "written"
        written.mkdir()
        if path.is_dir():
            left_out: list[str] | None = [] if lenient else None
            yield _read(path, _plain_name(path.resolve().name), expand_limit_bytes, written, take, left_out)
            return
        unpacked = folder / "unpacked"
        unpacked.mkdir()
        limit = expand_limit(folder, expand_limit_bytes)
        top = unzip(path, unpacked, expand_limit_bytes=limit)
        name = path.stem if top == unpacked else top.name
        yield _read(top, _plain_name(name), limit, written, take)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_raw(
    path: Path,
    *,
    expand_limit_bytes: int = DEFAULT_EXPAND_BYTES,
    scratch: Path | None = None,
    take: Take | None = None,
) -> Iterator[tuple[Tree, str]]:
    """The files of the package at `path` as they are, and its short name. Refusals as of open_package."""
    if path.is_dir():
        yield scan(path, expand_limit_bytes=expand_limit_bytes, take=take), _plain_name(path.resolve().name)
        return
    with tempfile.TemporaryDirectory(prefix="contestbox-package-", dir=scratch) as folder:
        limit = expand_limit(Path(folder), expand_limit_bytes)
        top = unzip(path, Path(folder), expand_limit_bytes=limit)
        yield (
            scan(top, expand_limit_bytes=limit, take=take),
            _plain_name(path.stem if top == Path(folder) else top.name),
        )


@contextmanager
def open_tree(tree: Tree, short_name: str, *, scratch: Path | None = None) -> Iterator[OpenedPackage]:
    """Opens a package whose files are known already. Refusals as of open_package."""
    folder = Path(tempfile.mkdtemp(prefix="contestbox-package-", dir=scratch))
    try:
        yield _open(tree, _plain_name(short_name), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(
    root: Path, short_name: str, limit_bytes: int, written: Path, take: Take | None, left_out: list[str] | None = None
) -> OpenedPackage:
    try:
        tree = scan(root, expand_limit_bytes=limit_bytes, take=take, left_out=left_out)
    except OSError as wrong:
        raise _unreadable(wrong, root) from None
    return _open(tree, short_name, written, left_out or ())


def _open(tree: Tree, short_name: str, written: Path, left_out: Iterable[str] = ()) -> OpenedPackage:
    try:
        findings = Findings()
        for name in left_out:
            findings.warn(
                name, None, "the link leads out of the package; it is not followed, and the file is left out."
            )
        tree = laid_out(tree, written, findings)
        check_is_kattis(tree)
        package = read_kattis(tree, short_name, findings)
        check_package(package, tree, findings)
        findings.refuse_errors()
        version = content_version(tree)
    except OSError as wrong:
        raise _unreadable(wrong, tree.root) from None
    return OpenedPackage(replace(package, warnings=tuple(findings.warnings), version=version), tree)


def _unreadable(wrong: OSError, root: Path) -> Refusal:
    return Refusal(422, f"{wrong.filename or root}: the file cannot be read: {wrong.strerror or wrong}.")


def _plain_name(name: str) -> str:
    """A short name from a folder's or an archive's: letters, digits, `_` and `-`, at most 36 of them."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "", name).strip("-_")[:36]
    return plain or "problem"
