"""The files of an unpacked package: names, real paths, hashes. Links are followed inside the package only.

Theory of operation: the folder is walked once. Every link is resolved and must end inside the package's real folder;
folders that contain themselves by a link are refused. Afterwards only names from that walk are opened, so no name
written inside a package can lead anywhere else.
"""

from __future__ import annotations

import hashlib
import os
import stat
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import Refusal
from app.package.manifest import FileRef, NamedFile

Take = Callable[[Path], tuple[str, int]]
"""Gives the SHA-256 in hex and the size of a file."""

_MOST_FILES = 200_000
_DEEPEST = 40
_HASH_CHUNK = 1 << 20
_TEXT_LIMIT = 4 << 20
_IGNORED = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})
_TASK = "task.yaml"
_OWN = frozenset({"problem.yaml", "problem.xml", _TASK})
_ASIDE = frozenset((
    "input_validators", "input_format_validators", "answer_validators", "answer_format_validators", "generators", "solution",
    "input_visualizer", "output_visualizer",
))  # fmt: skip
"""Folders that no judgement needs."""
_KEPT_DOT_FILES = frozenset({".timelimit", ".html", ".pdf"})  # the last two are Polygon's folders of statements


@dataclass(frozen=True, slots=True)
class Tree:
    """All files of a package by their relative names (with `/`), in sorted order, with the real file behind each."""

    root: Path
    files: Mapping[str, Path]
    _known: dict[Path, tuple[str, int]] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)
    take: Take | None = None
    """Gives a file's hash and size in the place of reading it here: a store that keeps it while it is hashed."""

    def below(self, folder: str) -> Iterator[str]:
        """The names of all files below a folder, without the folder's own name in front."""
        prefix = f"{folder}/"
        if len(self._names) != len(self.files):
            self._names[:] = sorted(self.files)
        start, end = (
            bisect_left(self._names, prefix),
            bisect_left(self._names, f"{folder}0"),
        )  # "0" comes next after "/"
        return (name.removeprefix(prefix) for name in self._names[start:end])

    def children(self, folder: str) -> dict[str, tuple[str, ...]]:
        """What is directly in a folder: for each entry the files below it (a file has only itself, as "")."""
        entries: dict[str, list[str]] = {}
        for name in self.below(folder):
            head, _, tail = name.partition("/")
            entries.setdefault(head, []).append(tail)
        return {head: tuple(tails) for head, tails in entries.items()}

    def ref(self, name: str) -> FileRef:
        """The file's reference; its hash is computed once for each real file."""
        real = self.files[name]
        if real not in self._known:
            self._known[real] = (self.take or _digest)(real)
        sha256, size = self._known[real]
        return FileRef(name, sha256, size)

    def named(self, folder: str, names: Iterator[str] | tuple[str, ...]) -> tuple[NamedFile, ...]:
        """References of files below a folder, under their names there."""
        return tuple(NamedFile(name, self.ref(f"{folder}/{name}")) for name in names)

    def text(self, name: str) -> str:
        """A small text file. Refusal(422) naming the file where it is too large or not UTF-8."""
        data = self.head(name, _TEXT_LIMIT + 1)
        if len(data) > _TEXT_LIMIT:
            raise Refusal(
                422, f"{name}: the file is larger than {_TEXT_LIMIT >> 20} MiB, which no text of a package is."
            )
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            line = data.count(b"\n", 0, wrong.start) + 1
            raise Refusal(422, f"{name}, line {line}: the file is not UTF-8 text.") from None

    def head(self, name: str, limit_bytes: int) -> bytes:
        """The first bytes of a file."""
        with self.files[name].open("rb") as file:
            return file.read(limit_bytes)


def scan(root: Path, *, expand_limit_bytes: int, take: Take | None = None, left_out: list[str] | None = None) -> Tree:
    """Walks the folder of a package.

    `left_out`, where it is given, takes the names of links that lead out of the package in folders that no judgement needs; such a link
    is followed in no case.

    Refusal(422) names the file for a link that leads out of the package or nowhere, for what is neither file nor
    folder, and for too many or too deep ones; Refusal(413) where the files together are larger than
    `expand_limit_bytes`.
    """
    real_root = root.resolve()
    walk = _Walk(real_root, left_out)
    walk.enter(real_root, "", (real_root,))
    neighbour = real_root.parent / f"{real_root.name}.yaml"
    if _lacks_its_task(walk.files) and neighbour.is_file() and not neighbour.is_symlink():
        walk.files[_TASK] = neighbour
    if sum(walk.sizes.values()) > expand_limit_bytes:
        raise Refusal(413, f"The package is larger than the limit of {expand_limit_bytes >> 20} MiB.")
    return Tree(real_root, dict(sorted(walk.files.items())), take=take)


def _lacks_its_task(files: Mapping[str, Path]) -> bool:
    """Whether it is an Italian task of the older kind, whose task.yaml stands beside the folder and has the folder's name."""
    return not _OWN & files.keys() and any(name.startswith(("gen/", "input/", "sol/")) for name in files)


@dataclass(slots=True)
class _Walk:
    """What one walk has found so far; `sizes` counts each real file once."""

    real_root: Path
    left_out: list[str] | None = None
    files: dict[str, Path] = field(default_factory=dict)
    sizes: dict[Path, int] = field(default_factory=dict)
    entries: int = 0

    def enter(self, folder: Path, prefix: str, above: tuple[Path, ...]) -> None:
        if len(above) > _DEEPEST:
            raise Refusal(422, f"{prefix}: folders are nested too deeply.")
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if not _is_ignored(entry.name):
                    self._take(Path(entry.path), entry.is_symlink(), f"{prefix}{entry.name}", above)

    def _take(self, path: Path, is_link: bool, name: str, above: tuple[Path, ...]) -> None:
        self.entries += 1
        if self.entries > _MOST_FILES:
            raise Refusal(422, f"The package has more than {_MOST_FILES} files and folders.")
        try:
            real = _inside(self.real_root, path, name) if is_link else path
        except Refusal:
            if self.left_out is None or name.partition("/")[0] not in _ASIDE:
                raise
            self.left_out.append(name)
            return
        about = real.stat()
        if stat.S_ISDIR(about.st_mode):
            if real in above:
                raise Refusal(422, f"{name}: the folder contains itself by a link.")
            self.enter(real, f"{name}/", (*above, real))
            return
        if not stat.S_ISREG(about.st_mode):
            raise Refusal(422, f"{name}: this is neither a file nor a folder.")
        self.files[name] = real
        self.sizes[real] = about.st_size


def _is_ignored(name: str) -> bool:
    return name in _IGNORED or (name.startswith((".", "-")) and name not in _KEPT_DOT_FILES)


def _inside(real_root: Path, link: Path, name: str) -> Path:
    try:
        real = link.resolve(strict=True)
    except (OSError, RuntimeError):
        raise Refusal(422, f"{name}: the link leads nowhere.") from None
    if not real.is_relative_to(real_root):
        raise Refusal(422, f"{name}: the link leads out of the package; links are followed inside of it only.")
    return real


def _digest(real: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with real.open("rb") as file:
        while chunk := file.read(_HASH_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
