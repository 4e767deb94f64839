"""The disk fills, the database breaks, the laptop is gone: what was acknowledged stays, and one sentence says what to do."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from running import PROGRAM, Client, Server, until

from app.server.demo.seed import DemoContest
from faults.seeded import copy_of

CRATES = Path(__file__).parents[2] / "problems" / "crates"
CODE = "print('kept', {number})\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 160 MiB of the test's own, mounted for it."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "contestbox-test", str(place)], check=False)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.root
def test_full_disk_refuses_new_and_keeps_old(seeded: tuple[Path, DemoContest], small_disk: Path) -> None:
    """While the disk is full a submission gets 503 and nothing is kept of it; what was acknowledged is there, and later all goes on."""
    data, team = copy_of(seeded[0], small_disk / "data"), seeded[1].teams[0]
    with Server(data) as server, Client(server.url, team.username, team.password) as client:
        kept = [
            client.submit("crates", "python3", CODE.format(number=number)).json()["submission_id"]
            for number in range(5)
        ]
        ballast = small_disk / "ballast"
        free = shutil.disk_usage(small_disk).free
        ballast.write_bytes(bytes(free - 8 * 1024 * 1024))
        refused = client.submit("crates", "python3", CODE.format(number="refused"))
        assert refused.status_code == 503, refused.text
        assert "disk" in refused.json()["message"]
        assert int(refused.headers["Retry-After"]) > 0
        for submission in kept:
            assert client.http.get(f"/api/v1/submissions/{submission}").status_code == 200
        ballast.unlink()
        after = client.submit("crates", "python3", CODE.format(number="after"))
        assert after.status_code == 202, after.text
    with closing(sqlite3.connect(data / "contest.db")) as database:
        texts = [row[0] for row in database.execute("SELECT data FROM sources ORDER BY submission_id")]
    assert len(texts) == 6
    assert not any(b"refused" in text for text in texts)


def test_broken_database_is_found_at_start(seeded: tuple[Path, DemoContest], tmp_path: Path) -> None:
    """A damaged file ends the start in one sentence that names the newest good backup and the command; copied into a shell, it works."""
    data, backups = copy_of(seeded[0], tmp_path / "data"), tmp_path / "backups"
    with Server(data, "--backup", str(backups)):
        until("a backup", 30, lambda: list(backups.glob("*.sqlite")))
    database = data / "contest.db"
    broken = bytearray(database.read_bytes())
    broken[4096:40960] = b"\xa5" * (40960 - 4096)
    database.write_bytes(bytes(broken))
    start = subprocess.run(
        [*PROGRAM, "serve", "--data", str(data), "--port", "0"], capture_output=True, text=True, timeout=60
    )
    assert start.returncode == 1
    assert "damaged" in start.stderr
    assert str(max(backups.glob("*.sqlite"))) in start.stderr
    assert start.stderr.count("\n") == 1
    told, new = start.stderr.partition("«")[2].partition("»")[0], tmp_path / "data-restored"
    done = subprocess.run(told, shell=True, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (told, done.stderr)
    with Server(new) as server:
        team = seeded[1].teams[0]
        with Client(server.url, team.username, team.password) as client:
            assert client.http.get("/api/v1/problems").json()["total"] == len(seeded[1].packages)


class Teams:
    """Teams that submit without pause until told to stop; what was acknowledged, with its text."""

    def __init__(self, url: str, contest: DemoContest) -> None:
        self._url, self._contest = url, contest
        self.sent: dict[str, str] = {}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._load, args=(number,)) for number in range(3)]

    def __enter__(self) -> Teams:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _load(self, number: int) -> None:
        team = self._contest.teams[number]
        with Client(self._url, team.username, team.password) as client:
            for count in range(10_000):
                if self._stop.is_set():
                    return
                code = CODE.format(number=f"{number}-{count}")
                try:
                    answer = client.submit("crates", "python3", code)
                except httpx2.HTTPError:
                    return
                if answer.status_code == 202:
                    self.sent[answer.json()["submission_id"]] = code


def stored(data: Path) -> dict[str, str]:
    """Every submission of a folder with its source."""
    with closing(sqlite3.connect(data / "contest.db")) as database:
        rows = database.execute("SELECT submission_id, data FROM sources").fetchall()
    return {f"sub_{row[0]}": row[1].decode() for row in rows}


def restore(backups: Path, target: Path) -> str:
    """`contestbox restore`; what it tells."""
    argv = [*PROGRAM, "restore", "--from", str(backups), "--data", str(target)]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout


def test_restored_holds_what_the_backup_promised(seeded: tuple[Path, DemoContest], tmp_path: Path) -> None:
    """The data folder is deleted while teams submit: everything acknowledged before the newest backup is in the restored one, and
    nothing that was not submitted."""
    data, backups = copy_of(seeded[0], tmp_path / "data"), tmp_path / "backups"
    with Server(data, "--backup", str(backups)) as server:
        with Teams(server.url, seeded[1]) as teams:
            until("some submissions", 30, lambda: len(teams.sent) > 40)
            before = dict(teams.sent)
            argv = [*PROGRAM, "backup", "--data", str(data), "--to", str(backups)]
            made = subprocess.run(argv, capture_output=True, text=True, timeout=60)
            assert made.returncode == 0, made.stderr
        server.kill()
        shutil.rmtree(data)
    assert "backup of 20" in restore(backups, tmp_path / "new"), "names its moment"
    there = stored(tmp_path / "new")
    assert before.items() <= there.items(), "everything acknowledged before the backup is there, byte for byte"
    assert all(text.startswith("print('kept'") for text in there.values()), "nothing that was not submitted"


def test_with_sync_nothing_acknowledged_is_lost(seeded: tuple[Path, DemoContest], tmp_path: Path) -> None:
    """With --backup-sync the folder is deleted under the running server: every acknowledged submission is in the restored one, and
    at most those that were under way beside them; the log's chain holds."""
    data, backups = copy_of(seeded[0], tmp_path / "data"), tmp_path / "backups"
    with Server(data, "--backup", str(backups), "--backup-sync") as server:
        with Teams(server.url, seeded[1]) as teams:
            until("some submissions", 30, lambda: len(teams.sent) > 60)
            server.kill()
        shutil.rmtree(data)
    told = restore(backups, tmp_path / "new")
    assert "commits after it" in told
    there = stored(tmp_path / "new")
    assert teams.sent.items() <= there.items()
    assert len(there) - len(teams.sent) <= 3, "what was under way when it died: one for each team"
    argv = [*PROGRAM, "verify-log", "--data", str(tmp_path / "new")]
    assert subprocess.run(argv, check=False, timeout=60).returncode == 0
    with Server(tmp_path / "new") as again, Client(again.url, *_login(seeded[1])) as client:
        assert client.submit("crates", "python3", "print(2)").status_code == 202


def test_a_package_that_has_just_come_survives_with_its_files(seeded: tuple[Path, DemoContest], tmp_path: Path) -> None:
    """With --backup-sync a package is imported and the laptop is gone long before the next minute: the restored contest has its tests."""
    data, backups = copy_of(seeded[0], tmp_path / "data"), tmp_path / "backups"
    package = shutil.copytree(CRATES, tmp_path / "crates")
    (package / "data" / "sample" / "9.in").write_text("9 9 9\n")
    (package / "data" / "sample" / "9.ans").write_text("nothing like it before\n")
    with Server(data, "--backup", str(backups), "--backup-sync") as server:
        until("the first copies", 30, lambda: list(backups.glob("*.sqlite")))
        before = blobs_of(data)
        answer = httpx2.post(
            f"{server.running['console_url']}/admin/v1/problems/import",
            headers={"Authorization": f"Bearer {server.running['admin_key']}"},
            json={"path": str(package)},
            timeout=60,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        new = blobs_of(data) - before
        assert new, "the package has files of its own"
        until("its files in the backup", 40, lambda: new <= blobs_of(backups))
        server.kill()
        shutil.rmtree(data)
    restore(backups, tmp_path / "new")
    assert new <= blobs_of(tmp_path / "new")


def blobs_of(folder: Path) -> set[str]:
    """The names of a folder's or backup's blobs."""
    return {path.name for path in (folder / "blobs").glob("??/??/*")}


def _login(contest: DemoContest) -> tuple[str, str]:
    return contest.teams[0].username, contest.teams[0].password
