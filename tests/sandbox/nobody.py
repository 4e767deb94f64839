"""Commands as a user of this machine who has no rights, in a control group that is his own where that is asked for.

    PYTHONPATH=tests python -m sandbox.nobody [--delegated] COMMAND...     runs it so, CONTESTBOX_WITHOUT_ROOT set

Where the interpreter lies in a closed folder (as root's own often does), the process sees an opened copy of that one path.
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
# Opens the way to the interpreter in a mount namespace of its own, then gives root up for good.
_BECOME = """
[ -z "$GROUP" ] || echo $$ > "$GROUP/cgroup.procs" || exit 98
if [ -n "$CLOSED" ]; then
    mount --bind "$OPENED" "$AWAY" && mount -t tmpfs -o mode=755 tmpfs "$CLOSED" && mkdir -p "$OPENED" \
        && mount --bind "$AWAY" "$OPENED" && umount "$AWAY" || exit 99
fi
exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups --inh-caps=-all env -i HOME="$HOME_FOLDER" \
    TMPDIR="$HOME_FOLDER" PATH="$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$PYTHONPATH" \
    CONTESTBOX_LIBEXEC="$CONTESTBOX_LIBEXEC" $MORE "$@"
"""


def words(argv: Sequence[str]) -> list[str]:
    """The command as root starts it; goes with `environment`."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", _BECOME, "sh", *argv]


def environment(home: Path, group: Path | None = None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the command needs: `home` is a folder of the user's, `group` his control group, `more` words without spaces for him."""
    real = Path(sys.executable).resolve()
    closed = next((part for part in reversed(real.parents) if not part.stat().st_mode & 0o001), None)
    away = home / "away"
    away.mkdir(exist_ok=True)
    opened = closed / real.relative_to(closed).parts[0] if closed else None
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        "CONTESTBOX_LIBEXEC": os.environ.get("CONTESTBOX_LIBEXEC", f"{sys.prefix}/libexec/contestbox"),
        "CLOSED": str(closed or ""),
        "OPENED": str(opened or ""),
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
