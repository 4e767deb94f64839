"""Slots of this machine: locked files that own a uid range, a core and a place in the control groups.

    /run/contestbox/slots/N     locked by its owner (flock: the kernel lets go of it when the owner dies, however it dies)
                                holds {"pid", "folders"}: what the owner made and what the next one sweeps
    /run/contestbox/root        an empty folder that every container's file system is first mounted on, in its own namespace

Several judges on one machine take different slots. What a killed owner left is swept by whoever takes its slot next, and
only there: a locked slot's things are somebody's.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Fault
from judge_node.sandbox.linux import cgroup, rootless

RUN_FOLDER = Path("/run/contestbox")
FIRST_ID = 2_000_000_000  # above every range that distributions, systemd and container tools hand out
IDS_PER_BOX = 65_536
BOXES_PER_SLOT = 16
SLOTS = 128


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that is ours until `release`. `shared` is True where another slot has the same core; `name` is its name
    in the control groups, which are one tree for all of the machine, whichever folder the slots are kept in.
    """

    number: int
    core: int
    shared: bool
    lock: int
    skeleton: Path
    name: str

    def first_id(self, box: int) -> int:
        """The first host id of one of the slot's containers (0 … BOXES_PER_SLOT - 1); our own where we have no other."""
        if rootless.here():
            return 0
        return FIRST_ID + (self.number * BOXES_PER_SLOT + box) * IDS_PER_BOX

    def record(self, folders: Sequence[Path]) -> None:
        """Notes what was made, so that the next owner can sweep it. Raises Fault."""
        text = json.dumps({"pid": os.getpid(), "folders": [str(folder) for folder in folders]})
        try:
            os.ftruncate(self.lock, 0)
            os.pwrite(self.lock, text.encode(), 0)
        except OSError as error:
            raise Fault("sandbox", f"The slot's file cannot be written: {error.strerror}") from error

    def release(self) -> None:
        """Gives the slot back; everything it made must be gone."""
        os.ftruncate(self.lock, 0)
        os.close(self.lock)


def default_folder() -> Path:
    """Where this machine's slots are; without root, those of this user."""
    if not rootless.here():
        return RUN_FOLDER
    return (
        Path(os.environ.get("XDG_RUNTIME_DIR") or f"{tempfile.gettempdir()}/contestbox-{rootless.user()}")
        / "contestbox"
    )


def take(run_folder: Path = RUN_FOLDER) -> Slot:
    """The first free slot, swept. Raises Fault where the folder cannot be made or all slots are taken."""
    folder = run_folder / "slots"
    skeleton = run_folder / "root"
    try:
        for each in (run_folder, folder, skeleton):
            each.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise Fault("sandbox", f"{run_folder} cannot be made ({error.strerror}); run the judge node as root") from error
    if run_folder.lstat().st_uid != os.geteuid():
        raise Fault("sandbox", f"{run_folder} belongs to another user; slots are not kept there")
    cores = sorted(os.sched_getaffinity(0))
    for number in range(SLOTS):
        lock = _locked(folder / str(number))
        if lock is not None:
            _sweep(lock)
            name = f"slot-{number}{_mark(run_folder)}"
            return Slot(number, cores[number % len(cores)], number >= len(cores), lock, skeleton, name)
    raise Fault("sandbox", f"All {SLOTS} slots of this machine are taken; stop a judge node")


def _mark(run_folder: Path) -> str:
    """Keeps the groups of slots in another folder apart from the machine's own slots."""
    if run_folder == RUN_FOLDER:
        return ""
    return "-" + hashlib.sha256(os.fsencode(run_folder.absolute())).hexdigest()[:12]


def _locked(path: Path) -> int | None:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Fault("sandbox", f"{path} cannot be opened ({error.strerror}); run the judge node as root") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _sweep(lock: int) -> None:
    """Ends and removes what the last owner of this slot left: only directories that carry our name."""
    try:
        left = [Path(name) for name in json.loads(os.pread(lock, 65_536, 0) or b"{}").get("folders", [])]
    except (ValueError, AttributeError, TypeError):
        left = []
    for folder in left:
        if folder.parent.name == "contestbox" and folder.name.startswith("slot-") and folder.is_dir():
            cgroup.kill_members(folder)
            cgroup.remove([folder])
            cgroup.remove_if_empty([folder.parent])
    os.ftruncate(lock, 0)
