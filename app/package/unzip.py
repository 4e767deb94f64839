"""Unpacks the zip of a package into a folder, trusting nothing that the archive says about itself.

Refused, naming the entry: links, absolute names, `..`, drive letters and back-slashes, encrypted entries, anything
that is neither file nor folder, names that are there twice, and what is neither stored nor deflated: zipfile unpacks
bzip2 and lzma by whole blocks, of which a few hundred bytes can hold a gigabyte. Sizes are counted while unpacking, never taken from the
headers.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path

from app.core.errors import Refusal

_CHUNK = 1 << 18
_MOST_ENTRIES = 200_000
_HALF = 2
DEFAULT_EXPAND_BYTES = 64 << 30
_ANY_RATIO_BYTES = 2 << 30
_RATIO = 100
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def expand_limit(folder: Path, limit_bytes: int = DEFAULT_EXPAND_BYTES) -> int:
    """How many bytes a package may expand to in `folder`: the limit, or half of the free disk if that is less."""
    return min(limit_bytes, shutil.disk_usage(folder).free // _HALF)


def unzip(archive: Path, target: Path, *, expand_limit_bytes: int) -> Path:
    """Unpacks into the existing, empty folder `target`; gives the folder that holds the package.

    That is the archive's only top folder (a NAME.yaml beside it does not count), or `target` itself where files lie at
    the archive's root. Refusal(422) for a broken or hostile archive, Refusal(413) where it expands beyond the limit, or
    beyond 2 GiB and a hundred times its own size.
    """
    try:
        expand_limit_bytes = min(expand_limit_bytes, max(_ANY_RATIO_BYTES, _RATIO * archive.stat().st_size))
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise Refusal(422, f"The archive has more than {_MOST_ENTRIES} entries.")
            _check_names(entries)
            left = expand_limit_bytes
            for entry in entries:
                left = _unpack(opened, entry, target, left, expand_limit_bytes)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as broken:
        raise Refusal(422, f"{archive.name} is not a zip file that can be read: {broken}.") from None
    return _package_folder(target)


def _package_folder(target: Path) -> Path:
    """The only folder at the top, alone or with a NAME.yaml of its name beside it (the oldest layout of CMS)."""
    tops = [entry for entry in target.iterdir() if entry.name != "__MACOSX" and not entry.name.startswith(".")]
    folders = [entry for entry in tops if entry.is_dir()]
    if len(folders) == 1 and {entry.name for entry in tops} <= {folders[0].name, f"{folders[0].name}.yaml"}:
        return folders[0]
    return target


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = name.rstrip("/").split("/")
        mode = entry.external_attr >> 16
        if stat.S_ISLNK(mode):
            raise Refusal(422, f"{name}: the archive contains a link; links are not allowed in zip files.")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refusal(422, f"{name}: this entry is neither a file nor a folder.")
        if name.startswith("/") or "\\" in entry.orig_filename or (len(name) > 1 and name[1] == ":"):
            raise Refusal(422, f"{entry.orig_filename}: absolute names and back-slashes are not allowed in zip files.")
        if ".." in parts:
            raise Refusal(422, f"{name}: names with .. are not allowed in zip files.")
        if "\0" in entry.orig_filename or any(part in ("", ".") for part in parts):
            raise Refusal(422, f"{name!r}: this name is not allowed in zip files.")
        if entry.flag_bits & 0x1:
            raise Refusal(422, f"{name}: the entry is encrypted.")
        if entry.compress_type not in _READ:
            raise Refusal(
                422, f"{name}: only stored and deflated entries are read; zip the folder again with the usual method."
            )
        if name.rstrip("/") in seen:
            raise Refusal(422, f"{name}: the archive contains this name twice.")
        seen.add(name.rstrip("/"))


def _unpack(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int, limit: int) -> int:
    path = target.joinpath(*entry.filename.rstrip("/").split("/"))
    try:
        if entry.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            return left
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, path.open("xb") as file:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise Refusal(413, f"{entry.filename}: the archive expands to more than {limit >> 20} MiB.")
                file.write(chunk)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise Refusal(422, f"{entry.filename}: the archive uses this name for a file and for a folder.") from None
    except OSError as wrong:
        raise Refusal(422, f"{entry.filename}: the entry cannot be unpacked: {wrong.strerror or wrong}.") from None
    return left
