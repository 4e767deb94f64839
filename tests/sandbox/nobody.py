"""Commands as a user of this machine who has no rights, in a control group that is his own where that is asked for.

    PYTHONPATH=tests python -m sandbox.nobody [--delegated] COMMAND...     runs it so, CONTESTBOX_WITHOUT_ROOT set

Where interpreter, environment or checkout lie in a closed folder (as root's own is), the process sees opened copies of these paths only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from judge_node.sandbox.linux import hierarchies

ROOT = Path(__file__).resolve().parents[2]
USER = 54_321
_CONTROLLERS = ("memory", "pids", "cpu", "cpuset")
# Opens the way to interpreter, environment and checkout in a mount namespace of its own, then gives root up for good.
_BECOME = """
[ -z "$GROUP" ] || echo $$ > "$GROUP/cgroup.procs" || exit 98
number=0
while read -r way; do
    [ -z "$way" ] || { number=$((number + 1)); mkdir -p "$AWAY/$number" && mount --bind "$way" "$AWAY/$number" || exit 99; }
done <<WAYS
$OPENED
WAYS
while read -r folder; do
    [ -z "$folder" ] || mount -t tmpfs -o mode=755 tmpfs "$folder" || exit 99
done <<FOLDERS
$CLOSED
FOLDERS
number=0
while read -r way; do
    [ -z "$way" ] || { number=$((number + 1)); mkdir -p "$way" && mount --bind "$AWAY/$number" "$way" || exit 99
        umount "$AWAY/$number" && rmdir "$AWAY/$number" || exit 99; }
done <<WAYS
$OPENED
WAYS
cd "$PLACE" || exit 99
exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups --inh-caps=-all env -i HOME="$HOME_FOLDER" \
    TMPDIR="$HOME_FOLDER" PATH="$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$PYTHONPATH" \
    CONTESTBOX_LIBEXEC="$CONTESTBOX_LIBEXEC" $MORE "$@"
"""


def words(argv: Sequence[str]) -> list[str]:
    """The command as root starts it; goes with `environment`."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", _BECOME, "sh", *argv]


def environment(home: Path, group: Path | None = None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the command needs: `home` is a folder of the user's, `group` his control group, `more` words without spaces for him."""
    closed: dict[Path, set[Path]] = {}
    for way in (Path(sys.executable).resolve(), Path(sys.prefix), ROOT):
        above = next((part for part in reversed(way.parents) if not part.stat().st_mode & 0o001), None)
        if above is not None:
            closed.setdefault(above, set()).add(above / way.relative_to(above).parts[0])
    away = home / "away"
    away.mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        "CONTESTBOX_LIBEXEC": os.environ.get("CONTESTBOX_LIBEXEC", f"{sys.prefix}/libexec/contestbox"),
        "CLOSED": "\n".join(map(str, closed)),
        "OPENED": "\n".join(str(way) for ways in closed.values() for way in sorted(ways)),
        "PLACE": str(ROOT),
        "AWAY": str(away),
        "USER_ID": str(USER),
        "HOME_FOLDER": str(home),
        "GROUP": str(group or ""),
        "MORE": " ".join(f"{name}={value}" for name, value in (more or {}).items()),
    }


@contextmanager
def home_of_nobody() -> Iterator[Path]:
    """A folder of the user's, where its way is open."""
    folder = Path("/var/tmp") / f"contestbox-nobody-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        os.chown(folder, USER, USER)
        yield folder
    finally:
        shutil.rmtree(folder)


def divides_groups() -> bool:
    """Whether this machine has its controllers in the unified tree, which alone can be delegated to a user."""
    found = hierarchies.read()
    return found.v2_root is not None and {"memory", "pids"} <= found.v2_controllers


@contextmanager
def delegated_group() -> Iterator[Path]:
    """A group as systemd makes it for a user's unit with Delegate=yes: the folder and the files that divide it are the user's,
    limits and everything above stay root's."""
    root = hierarchies.read().v2_root
    assert root is not None
    above = root / f"user-{USER}-{os.getpid()}.slice"
    scope = above / "judge.scope"
    offered = (root / "cgroup.subtree_control").read_text().split()
    above.mkdir()
    try:
        (above / "cgroup.subtree_control").write_text(" ".join(f"+{one}" for one in _CONTROLLERS if one in offered))
        scope.mkdir()
        os.setxattr(scope, "user.delegate", b"1")
        for part in (scope, *(scope / name for name in ("cgroup.procs", "cgroup.threads", "cgroup.subtree_control"))):
            os.chown(part, USER, USER)
        yield scope
    finally:
        for folder in (*sorted(scope.glob("**/"), reverse=True), scope, above):
            if folder.is_dir():
                folder.rmdir()


def main(argv: list[str]) -> int:
    """Runs one command as the user and gives its exit code."""
    more = {name: os.environ[name] for name in ("CONTESTBOX_PREBUILT", "PYTHONUNBUFFERED") if name in os.environ}
    more["CONTESTBOX_WITHOUT_ROOT"] = "1"
    with home_of_nobody() as home:
        if argv[:1] != ["--delegated"]:
            return subprocess.run(words(argv), env=environment(home, None, more), check=False).returncode
        with delegated_group() as group:
            return subprocess.run(words(argv[1:]), env=environment(home, group, more), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
