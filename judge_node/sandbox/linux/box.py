"""The sandbox on Linux: containers from one slot of this machine.

Theory of operation. `open_sandbox()` takes a slot (a locked file: uid ranges, a core, a name in the control groups). Each
`container()` is one starter and one init of the C core in groups of its own, showing one view; it lives for one
submission or one tool. `run` is, in this order: a fresh scratch, then fresh counters (the other way round the old
scratch would be counted as the new run's memory), two pipes, one message to init, the watch, the reply, the counters.
Nothing that a guest can reach is trusted: what ended the run is known from the kernel's counters and from our own
kills, never from what the guest printed or returned.

Joining control groups waits for grace periods of the kernel, so starters that have joined are kept ready for the next
containers. A container that failed once (a fault) is dead and stays so: the pipeline closes it and takes another.
Several containers of a sandbox may live at once, each with ids of its own; they share the slot's core. A node with
several slots opens several sandboxes, one a worker.

    with open_sandbox() as sandbox:
        box = sandbox.container(View(program=folder), memory_bytes=256 * MEBIBYTE, processes=64)
        facts = box.run(Command(["/program/a.out"]), limits, stdin=input_file, stdout=output_file)
        box.close()
"""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path
from types import TracebackType

from app.core.errors import Fault
from judge_node.called import called
from judge_node.sandbox.core.binary import open_core, same_core
from judge_node.sandbox.interface import View
from judge_node.sandbox.linux import cgroup_v1, cgroup_v2, hierarchies, rootless, slots
from judge_node.sandbox.linux import view as views
from judge_node.sandbox.linux.cgroup import GroupTree
from judge_node.sandbox.linux.container import Bounds, LinuxContainer, Place
from judge_node.sandbox.linux.kernel import be_prompt
from judge_node.sandbox.linux.layers import NOTHING, Layer
from judge_node.sandbox.linux.sampled import SampledTree
from judge_node.sandbox.linux.slots import BOXES_PER_SLOT, IDS_PER_BOX, Slot
from judge_node.sandbox.linux.spare import Kind, Spare
from judge_node.sandbox.linux.starter import Ids, Starter
from judge_node.sandbox.linux.undertaker import Undertaker

PROFILES = ("runtime", "native", "compiler")


class LinuxSandbox:
    """One slot of this machine. `core` is where its runs go; `shared_core` tells that another slot has the same."""

    def __init__(
        self, slot: Slot, tree: GroupTree, core_fd: int, undertaker: Undertaker | None, *, without: frozenset[Layer]
    ) -> None:
        self.slot_number, self.core, self.shared_core = slot.number, slot.core, slot.shared
        self.cgroup_version = tree.version
        self._slot, self._tree, self._core_fd, self._without = slot, tree, core_fd, without
        self._undertaker = undertaker
        self._core_seen = os.fstat(core_fd)
        self._thread = threading.local()
        self._lock = threading.Lock()
        self._taking = threading.Lock()
        self._taken: dict[int, LinuxContainer | None] = {}
        self._made = 0
        self._closed = False
        self._spare: Spare[LinuxContainer] = Spare(self._start)
        self._spare.prepare()

    def container(self, view: View, *, memory_bytes: int, processes: int) -> LinuxContainer:
        """A fresh container (see the interface)."""
        if view.profile not in PROFILES:
            raise Fault("sandbox", f"There is no profile {view.profile!r}")
        if not hasattr(self._thread, "is_prompt"):
            self._thread.is_prompt = be_prompt()
        folders = views.late(view)
        with self._taking:
            made, built = self._spare.take(None if folders is None else Kind.of(view, folders))
            self._spare.prepare()
        bounds = Bounds(memory_bytes, processes)
        try:
            if built and folders is not None:
                made.show(folders, bounds)
            else:
                made.set_up(view, bounds)
        except BaseException:
            made.close()
            raise
        return made

    def wait_until_prepared(self) -> None:
        """Waits until the next containers are ready to be taken at once."""
        self._spare.wait()

    def groups(self) -> int:
        """How many containers have control groups now, those of the pool included."""
        return sum(1 for folder in self._tree.folders[:1] for each in folder.iterdir() if each.is_dir())

    def close(self) -> None:
        """Closes what is still open and gives the slot back. Safe to call twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        with self._taking:
            self._spare.close()
            still_open = [box for box in self._taken.values() if box is not None]
        for box in still_open:
            box.close()
        self._tree.close()
        if self._undertaker is not None:
            self._undertaker.close()
        os.close(self._core_fd)
        self._slot.release()

    def __enter__(self) -> LinuxSandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> LinuxContainer:
        same_core(self._core_fd, self._core_seen)
        number, name = self._reserve()
        group = starter = None
        try:
            group = self._tree.container(name)
            starter = Starter(self._core_fd, self._slot.skeleton)
            starter.join(group.doors())
        except BaseException:
            if starter is not None:
                starter.close()
            if group is not None:
                group.close()
            self._forget(number)
            raise
        first = self._slot.first_id(number)
        ids = Ids(first, IDS_PER_BOX if first else 1)  # without root there is only one, shown to guests as theirs
        place = Place(ids, self._slot.core, self._slot.skeleton, self._without)
        made = self._taken[number] = LinuxContainer(name, starter, group, place, partial(self._forget, number))
        return made

    def _reserve(self) -> tuple[int, str]:
        with self._lock:
            if self._closed:
                raise Fault("sandbox", "The sandbox is closed")
            number = next((n for n in range(BOXES_PER_SLOT) if n not in self._taken), None)
            if number is None:
                raise Fault("sandbox", f"A slot has at most {BOXES_PER_SLOT} containers at once")
            self._taken[number] = None
            self._made += 1
            return number, f"c-{self._made}"

    def _forget(self, number: int) -> None:
        with self._lock:
            self._taken.pop(number, None)


def open_sandbox(*, run_folder: Path | None = None, without: frozenset[Layer] = NOTHING) -> LinuxSandbox:
    """Takes a free slot of this machine and makes its control groups. Raises Fault with what to do where that fails.
    Where the judge is not the machine's root, it must have entered a namespace (rootless.enter) before.

    `run_folder` holds the machine's slots; judges that use different ones do not see each other. `without` leaves layers
    out. Both are for tests only.
    """
    if os.geteuid() != 0:
        raise Fault("sandbox", f"The sandbox needs root; run the judge node as root («{called('run', as_root=True)}»)")
    core_fd = open_core()
    slot = tree = None
    try:
        slot = slots.take(run_folder or slots.default_folder())
        tree = _tree(slot)
        slot.record(tree.folders)
        undertaker = Undertaker(core_fd, slot.lock, tree.folders) if tree.folders else None
    except BaseException:
        os.close(core_fd)
        if tree is not None:
            tree.close()
        if slot is not None:
            slot.release()
        raise
    return LinuxSandbox(slot, tree, core_fd, undertaker, without=without)


def _tree(slot: Slot) -> GroupTree:
    """Version 1 where the memory controller is mounted the old way, else version 2; none without root, unless delegated."""
    if rootless.here() and not rootless.delegated():
        return SampledTree()
    found = hierarchies.read()
    if "memory" in found.v1:
        return cgroup_v1.TreeV1(found.v1, slot.name)
    if found.v2 is not None and found.v2_root is not None and "memory" in found.v2_controllers:
        return cgroup_v2.TreeV2(cgroup_v2.own_place(found.v2, found.v2_root), slot.name, slot.core)
    raise Fault("sandbox", f"This machine has no memory control group; run «{called('doctor')}»")
