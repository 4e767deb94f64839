"""`contestbox import` and `export`, into a folder that is served and into one that is not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from running import PROGRAM, Server, admin_of

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One of our commands, to its end."""
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=60)


def test_in_and_out_again(folder: Path, tmp_path: Path) -> None:
    """A legacy package is imported with its report, exported as 2025-09, imported again while the server runs, and keeps its place."""
    assert run("new", "--data", str(folder), "--name", "Spring").returncode == 0
    first = run("import", "--data", str(folder), str(PROBLEMS / "barge"))
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Problem A: ")
    assert "note: A judge machine still has to look at this package." in first.stdout
    archive = tmp_path / "barge.zip"
    out = run("export", "--data", str(folder), "A", "--to", str(archive))
    assert out.returncode == 0, out.stderr
    missing = run("export", "--data", str(folder), "Q", "--to", str(tmp_path / "q.zip"))
    assert (missing.returncode, "A (barge)" in missing.stderr) == (1, True)
    broken = tmp_path / "broken"
    shutil.copytree(PROBLEMS / "crates", broken)
    next((broken / "data" / "secret").glob("*.ans")).unlink()
    with Server(folder, "--host", "127.0.0.1") as server:
        again = run("import", "--data", str(folder), str(archive))
        assert again.returncode == 0, again.stderr
        assert again.stdout.startswith("Problem A: ")
        other = run("import", "--data", str(folder), "--label", "X", str(PROBLEMS / "crates"))
        assert other.stdout.startswith("Problem X: "), other.stderr
        refused = run("import", "--data", str(folder), str(broken))
        assert refused.returncode == 1
        assert "error: data/secret/" in refused.stderr
        assert "import the package again" in refused.stderr
        assert "Traceback" not in refused.stderr
        with admin_of(server.running) as admin:
            problems = admin.get("/admin/v1/state").json()["problems"]
        assert [one["label"] for one in problems] == ["A", "X"]
        served = run("export", "--data", str(folder), "crates", "--to", str(tmp_path / "crates.zip"))
        assert served.returncode == 0, served.stderr
