"""Which control-group hierarchies this process sees, and where its own groups are in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Hierarchies:
    """`v1` maps a controller to our own group's directory; `v2` is our own group in the unified tree, or None."""

    v1: dict[str, Path]
    v2: Path | None
    v2_root: Path | None
    v2_controllers: frozenset[str]


def read(proc: Path = Path("/proc/self")) -> Hierarchies:
    """Reads /proc/self/cgroup and mountinfo."""
    own = _own_groups((proc / "cgroup").read_text())
    v1: dict[str, Path] = {}
    v2 = v2_root = None
    for line in (proc / "mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.split()
        root, point = fields[3], Path(fields[4].replace("\\040", " "))
        if kind[0] == "cgroup":
            for controller in kind[2].split(","):
                if controller in own and controller not in v1:
                    v1[controller] = _below(point, root, own[controller])
        elif kind[0] == "cgroup2" and v2_root is None:
            v2_root, v2 = point, _below(point, root, own.get("", "/"))
    listed = v2_root / "cgroup.controllers" if v2_root else None
    controllers = frozenset(listed.read_text().split()) if listed and listed.exists() else frozenset()
    return Hierarchies(v1, v2, v2_root, controllers)


def _own_groups(text: str) -> dict[str, str]:
    """Controller name ("" for v2) to the path of our group."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _below(point: Path, root: str, path: str) -> Path:
    """A group's directory under a mount that shows the hierarchy from `root` on; the mount itself where it is not below."""
    try:
        relative = PurePosixPath(path).relative_to(root)
    except ValueError:
        relative = PurePosixPath(".")
    return point if ".." in relative.parts else point / relative
