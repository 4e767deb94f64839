"""Outputs that are submitted instead of a program: one file a test by its name, or a zip of them.

A zip is opened in memory and with limits: how many files, how large each may become, how large all together; what it says about sizes is
not believed. Only entries that are stored or deflated are read: the other methods cannot be unpacked piece by piece here, and a few hundred
bytes of them would become gigabytes before anybody could count.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from app.core.errors import Refusal
from app.core.output_names import test_for, usual_name
from app.core.submission import SourceFile
from web.pages.speech import translated as _

MOST_ENTRIES = 1000
MOST_RECORDS = 4 * MOST_ENTRIES
"""With folders and the litter of some systems; more are not even listed, since each costs memory."""
MOST_NAMES = 12
_RECORD = b"PK\1\2"
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LITTER = "__MACOSX/"


def outputs_of(files: Sequence[SourceFile], tests: Sequence[str], most_bytes: int) -> tuple[SourceFile, ...]:
    """The files of a submission, with zips opened. Refusal 413 or 422 where they are no outputs of these tests."""
    found: list[SourceFile] = []
    left = most_bytes
    for file in files:
        opened = _opened(file, left, most_bytes) if file.name.lower().endswith(".zip") else [file]
        found += opened
        left -= sum(len(one.data) for one in opened)
        if left < 0:
            raise _too_large(most_bytes)
        if len(found) > MOST_ENTRIES:
            raise _too_many()
    if len(found) == 1 and len(tests) == 1:
        return (SourceFile(usual_name(tests[0], tests), found[0].data),)
    for file in found:
        if test_for(file.name, tests) is None:
            sentence = _(
                "No test is called like %(name)s. The outputs are called %(names)s.",
                name=file.name[:80],
                names=names_in_words(tests),
            )
            raise Refusal(422, sentence, fields={"files": _("not the name of a test")})
    return tuple(found)


def names_in_words(tests: Sequence[str]) -> str:
    """The names of the outputs that are wanted; the first and the last of many."""
    names = [usual_name(test, tests) for test in tests]
    if len(names) > MOST_NAMES:
        return _("%(first)s to %(last)s", first=", ".join(names[: MOST_NAMES - 2]) + " …", last=names[-1])
    return ", ".join(names)


def _opened(file: SourceFile, left: int, most_bytes: int) -> list[SourceFile]:
    if file.data.count(_RECORD) > MOST_RECORDS:
        raise _too_many()
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            return list(_entries(archive, left, most_bytes))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, OSError):
        sentence = _(
            "%(name)s cannot be opened as a zip. Pack the outputs again, without a password.", name=file.name[:80]
        )
        raise Refusal(422, sentence, fields={"files": _("not a zip")}) from None


def _entries(archive: zipfile.ZipFile, left: int, most_bytes: int) -> Iterator[SourceFile]:
    wanted = [one for one in archive.infolist() if not one.is_dir() and not _is_litter(one.filename)]
    if len(wanted) > MOST_ENTRIES:
        raise _too_many()
    if any(one.compress_type not in _READ for one in wanted):
        raise zipfile.BadZipFile("packed by another method")
    for one in wanted:
        with archive.open(one) as entry:
            data = entry.read(left + 1)
        left -= len(data)
        if left < 0:
            raise _too_large(most_bytes)
        yield SourceFile(one.filename, data)


def _is_litter(name: str) -> bool:
    return name.startswith(_LITTER) or name.rpartition("/")[2].startswith(".")


def _too_many() -> Refusal:
    return Refusal(413, _("At most %(n)s files can be submitted in a zip.", n=MOST_ENTRIES))


def _too_large(most_bytes: int) -> Refusal:
    return Refusal(413, _("The outputs are larger than %(n)s KiB, all files together.", n=most_bytes // 1024))
