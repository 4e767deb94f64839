"""Reads the source files that a problem setter names on the command line."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.core.errors import Refusal
from app.core.submission import SourceFile
from app.languages.detect import check_file_name, check_file_names

_MOST_FILES = 100


def read_sources(paths: Sequence[Path], limit_bytes: int) -> tuple[SourceFile, ...]:
    """The files, and those in the folders, under their names there; together at most `limit_bytes`.

    Refusal(422) for a link, for what is no file, for an impossible name and for two of one name; Refusal(413) for
    too much; Refusal(404) for what is not there.
    """
    files: dict[str, bytes] = {}
    left = limit_bytes
    for path in paths:
        for name, file in _files_of(path):
            check_file_name(name)
            if name in files:
                raise Refusal(422, f"There are two source files of the name {name!r}.")
            data = _read(file, left + 1)
            left -= len(data)
            if left < 0:
                raise Refusal(413, f"{file}: the sources are larger than the limit of {limit_bytes // 1024} KiB.")
            files[name] = data
            if len(files) > _MOST_FILES:
                raise Refusal(413, f"There are more than {_MOST_FILES} source files.")
    check_file_names(files)
    return tuple(SourceFile(name, data) for name, data in files.items())


def _files_of(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_symlink():
        raise Refusal(422, f"{path} is a link; name the file itself.")
    if not path.is_dir():
        yield path.name, path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in (*folders, *sorted(names)):
            if (Path(folder) / name).is_symlink():
                raise Refusal(422, f"{Path(folder) / name} is a link; links are not taken as sources.")
        for name in sorted(names):
            file = Path(folder) / name
            yield file.relative_to(path).as_posix(), file


def _read(path: Path, limit_bytes: int) -> bytes:
    try:
        # Without O_NONBLOCK a pipe would be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Refusal(404, f"There is no source file at {path}.") from None
    except OSError as wrong:
        raise Refusal(422, f"{path} cannot be read: {wrong.strerror}.") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Refusal(422, f"{path} is not a file.")
        return file.read(limit_bytes)
