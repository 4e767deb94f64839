"""How the submissions of a problem are run, where that is not one program on its standard streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.core.errors import Refusal

MOST_PROCESSES = 12
"""A judge's slot has sixteen containers, and some of them are for others."""


@dataclass(frozen=True, slots=True)
class Ways:
    """`input_file` and `output_file` are names in the working directory; "" is the standard stream.

    `processes` > 0: so many copies of the submission talk to the package's manager, each by two FIFOs that its first arguments name, or
    by its standard streams where `standard_streams` says so. `submit_answer`: a submission is no program, but the outputs themselves.
    `source_name`: what a submission of one file is called, without its ending ("": as it is). `read_only`: it may write no files
    in its working directory.
    """

    input_file: str = ""
    output_file: str = ""
    processes: int = 0
    standard_streams: bool = False
    submit_answer: bool = False
    source_name: str = ""
    read_only: bool = False

    @property
    def named_files(self) -> bool:
        """Whether any stream is a file with a name."""
        return bool(self.input_file or self.output_file)

    def as_document(self) -> dict[str, Any]:
        """As plain JSON values, for the stored package and for tasks."""
        return asdict(self)


PLAIN = Ways()


def read_ways(document: Mapping[str, Any] | None) -> Ways:
    """What `as_document` wrote; the plain way where nothing is said. Refusal(422) for anything else."""
    if not document:
        return PLAIN
    kinds = {name: type(value) for name, value in asdict(PLAIN).items()}
    for name, value in document.items():
        if name not in kinds or type(value) is not kinds[name]:
            raise Refusal(422, f"The problem's submissions are run in a way that is not known here ({name}).")
    ways = Ways(**document)
    if not 0 <= ways.processes <= MOST_PROCESSES:
        raise Refusal(422, f"A manager can talk to {MOST_PROCESSES} processes at most, not to {ways.processes}.")
    for name in (ways.input_file, ways.output_file, ways.source_name):
        if name and not plain_name(name):
            raise Refusal(422, f"{name!r} cannot be the name of a file here.")
    return ways


def plain_name(name: str) -> bool:
    """Whether a file in a program's working directory may be called so."""
    return "/" not in name and not name.startswith((".", "-")) and len(name) <= 100 and name.isprintable()
