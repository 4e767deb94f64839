"""The sandbox as the pipeline sees it: a box of containers, each for one submission or one tool.

Paths inside every container: `/work` is the scratch (a bounded tmpfs, the working directory, renewed between runs
unless `keep_scratch`), `/program` the read-only directory given by the view, further read-only folders where the view puts them
(`/data` for a validator). The toolchains' directories (/usr, /lib, /bin …) are read-only. There is no network.

`/tmp` and `/dev/shm` are a folder of the scratch that `collect` leaves out. Host folders that a view shows must be readable
by everybody (0755 with files 0644; their parents may be closed), for the guest is nobody on this machine.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.core.errors import Fault
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.outcome import Outcome

_FILES_FAULTS = frozenset((errno.ENOEXEC, errno.ENOENT, errno.EACCES, errno.EINVAL, errno.ELIBBAD))


@dataclass(frozen=True, slots=True)
class View:
    """What a container shows its guests.

    `program` is bound read-only at /program; `folders` maps further absolute paths inside to host folders, read-only. `channels` are
    such folders with FIFOs of the caller's, which guests may open for writing too; files in them stay read-only.
    `profile` names the seccomp table: "runtime" (deny list), "native" (strict allow list for static programs) or "compiler".
    `work_writable`: guests may make and change files in /work, not only in /tmp (held by Landlock, where the kernel has it).
    `memory_bytes` and `processes` bound the whole container; a run's own limits are at most these.
    """

    program: Path | None = None
    folders: Mapping[str, Path] = field(default_factory=dict)
    channels: Mapping[str, Path] = field(default_factory=dict)
    profile: str = "runtime"
    scratch_bytes: int = 64 * MEBIBYTE
    scratch_files: int = 4096
    work_writable: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run: argv (argv[0] an absolute path inside), environment, folder inside below /work."""

    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class NotStarted(Fault):
    """The kernel did not execute the program itself. The container is as good as before.

    `by_program` is True where it is the doing of the program's author: a file that a compiler made in the sandbox and that
    the kernel takes for none, or that asks for an interpreter of its own.
    """

    def __init__(self, program: str, number: int) -> None:
        super().__init__("sandbox", f"{program} could not be started: {os.strerror(number)}")
        self.by_program = program.startswith("/program/") and number in _FILES_FAULTS


class Container(Protocol):
    """One container: born for one submission, never lent twice. Methods are called from one thread, but for `stop`."""

    def run(
        self,
        command: Command,
        limits: RunLimits,
        *,
        stdin: Path | int | None = None,
        stdout: Path | int | None = None,
        keep_scratch: bool = False,
        scratch_done: bool = False,
        stop: threading.Event | None = None,
        patience: Callable[[], float] | None = None,
    ) -> Outcome:
        """Runs the command to its end and gives the facts.

        stdin is a host file opened read-only (None: empty); stdout a host file that takes at most output_bytes
        (None: only the head is kept). A number is a descriptor of the caller's, e.g. a pipe's end, that the guest gets as
        it is; what goes through it is not counted here. `patience` gives seconds that the wall limit is made longer by.
        With keep_scratch the files of earlier runs and of `put` are still there, else the scratch is fresh. With scratch_done
        nobody will look into it afterwards, and it may be renewed behind the answer. Raises
        Fault("sandbox", …) when the run could not be started or measured: never a verdict; NotStarted where only this
        program could not.
        """
        ...

    def cpu_seconds(self) -> float:
        """CPU time of the present run so far, 0 where there is none. From any thread."""
        ...

    def discard(self, name: str) -> None:
        """Removes one file of the scratch, where it is there."""
        ...

    def renew(self) -> None:
        """A fresh scratch now, for files that are `put` before a run which keeps them. Raises Fault."""
        ...

    def put(self, name: str, data: bytes | Path) -> None:
        """Writes one file into the scratch (relative, plain name with optional folders), owned by the guest: these bytes, or those of
        a host file of any size that the scratch has room for."""
        ...

    def take(self, name: str, limit_bytes: int) -> bytes | None:
        """At most limit_bytes of one regular file below the scratch, links never followed; None where there is none."""
        ...

    def collect(self, name: str, target: Path, limit_bytes: int) -> None:
        """Copies the folder `name` of the scratch ("" for all) to a new host folder: regular files only, links never followed,
        modes 0555/0444, owned by us. Over the limit: Refusal(413, …)."""
        ...

    def close(self) -> None:
        """Ends the container; nothing of it is left. Safe to call twice."""
        ...


class Sandbox(Protocol):
    """Gives containers out of a slot of this machine (own uid range, core and cgroups)."""

    def container(self, view: View, *, memory_bytes: int, processes: int) -> Container:
        """A fresh container whose groups are bounded by memory_bytes and processes. Raises Fault where the kernel refuses."""
        ...

    def close(self) -> None:
        """Gives the slot back and removes everything that the sandbox made on this machine."""
        ...
