"""`contestbox import` and `export`, into a folder that is served and into one that is not."""

from __future__ import annotations

import hashlib
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
    assert first.stdout.rstrip().endswith("1 note.")
    wrong = run("import", "--data", str(folder), "--contest", "none", str(PROBLEMS / "crates"))
    assert (wrong.returncode, "There is no contest none" in wrong.stderr) == (1, True)
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
        assert "0 warnings, 0 notes." in refused.stderr
        assert "Traceback" not in refused.stderr
        with admin_of(server.running) as admin:
            problems = admin.get("/admin/v1/state").json()["problems"]
        assert [one["label"] for one in problems] == ["A", "X"]
        served = run("export", "--data", str(folder), "crates", "--to", str(tmp_path / "crates.zip"))
        assert served.returncode == 0, served.stderr


def test_an_upload_in_parts(folder: Path, tmp_path: Path) -> None:
    """A zip comes in parts over a line that breaks and past a restart of the server, becomes a problem, and a mended one replaces it."""
    assert run("new", "--data", str(folder), "--name", "Spring").returncode == 0
    archive = Path(shutil.make_archive(str(tmp_path / "flags"), "zip", PROBLEMS, "flags"))
    data = archive.read_bytes()
    name, half = hashlib.sha256(data).hexdigest(), len(data) // 2
    promise = {"name": "flags.zip", "size": len(data), "sha256": name}
    with Server(folder, "--host", "127.0.0.1") as server, admin_of(server.running) as admin:
        assert admin.post("/admin/v1/uploads", json=promise).json()["have"] == 0
        assert admin.put(f"/admin/v1/uploads/{name}?offset=0", content=data[:half]).json()["have"] == half
        early = admin.post(f"/admin/v1/uploads/{name}/import", json={})
        assert (early.status_code, early.json()["fields"]) == (409, {"have": str(half)})
        large = admin.put(f"/admin/v1/uploads/{name}?offset={half}", content=bytes((8 << 20) + 1))
        assert large.status_code == 413
    with Server(folder, "--host", "127.0.0.1") as server, admin_of(server.running) as admin:
        assert admin.post("/admin/v1/uploads", json=promise).json()["have"] == half
        wrong = admin.put(f"/admin/v1/uploads/{name}?offset={half + 1}", content=data[half + 1 :])
        assert wrong.status_code == 409
        assert admin.put(f"/admin/v1/uploads/{name}?offset={half}", content=data[half:]).json()["have"] == len(data)
        imported = admin.post(f"/admin/v1/uploads/{name}/import", json={"label": "F"}).json()
        assert (imported["id"], imported["label"]) == ("flags", "F")
        assert admin.get(f"/admin/v1/uploads/{name}").status_code == 404
        mended = tmp_path / "mended"
        shutil.copytree(PROBLEMS / "flags", mended)
        shutil.rmtree(mended / "input_validators", ignore_errors=True)
        trial = admin.post("/admin/v1/problems/flags/trial", json={"path": str(mended)}).json()
        assert (trial["submissions"], trial["judged"], trial["differences"]) == (0, 0, [])
        assert trial["present"] == imported["version"] != trial["version"]
        assert admin.get("/admin/v1/problems/flags/trial").json() == trial
        shown = run("versions", "--data", str(folder), "flags")
        assert "0 of 0 submissions" in shown.stdout, shown.stderr
        switched = admin.post("/admin/v1/problems/flags/switch", json={})
        expected = (200, 0) if trial["package_state"] == "ready" else (409, None)
        assert (switched.status_code, switched.json().get("changed")) == expected
        assert admin.post("/admin/v1/problems/none/drop", json={}).status_code == 404
