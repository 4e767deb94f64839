"""What the owner of a judge machine may say on the command line, and the folder that it works in."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.core.errors import Fault, Refusal
from app.lan import membership
from app.lan.asking import server_url
from app.lan.membership import Membership
from judge_node.backoff import Backoff
from judge_node.commands.run import command as run
from judge_node.settings import DataFolder, cores, make_settings


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("192.0.2.1:8443", "https://192.0.2.1:8443"),
        ("https://judge.example:8443/", "https://judge.example:8443"),
        ("https://[fd00::2]:8443", "https://[fd00::2]:8443"),
    ],
)
def test_address_typed_by_hand(typed: str, url: str) -> None:
    """With or without the scheme."""
    assert server_url(typed) == url


@pytest.mark.parametrize(
    "typed", ["192.0.2.1", "http://192.0.2.1:8443", "https://192.0.2.1:port", "https://a:1/path", ":"]
)
def test_what_cannot_be_an_address(typed: str) -> None:
    """A sentence that shows how to write it, and exit code 2."""
    with pytest.raises(Refusal, match="https://"):
        server_url(typed)
    answer = CliRunner().invoke(run, ["--server", typed])
    assert answer.exit_code == 2
    assert "https://" in answer.output


def test_nodes_of_one_machine_share_its_cores() -> None:
    """Two nodes take half of the cores each, many at least one slot; an explicit number stands."""

    def slots(share: int, explicit: int | None = None) -> int:
        return make_settings(data=Path(), server="", expect="", slots=explicit, share=share).slots

    assert slots(1) == cores()
    assert slots(2) == max(1, cores() // 2)
    assert slots(1000) == 1
    assert slots(1000, explicit=3) == 3
    with pytest.raises(Refusal, match="--expect"):
        make_settings(data=Path(), server="", expect="my server", slots=None, share=1)


def test_folder_is_for_one_node_and_for_nobody_else(tmp_path: Path) -> None:
    """A second node on the folder is told so; jobs that a crash left there are gone at the next start."""
    folder = DataFolder(tmp_path / "node")
    (folder.jobs / "left" / "over").mkdir(parents=True)
    with pytest.raises(Fault, match="Another judge node"):
        DataFolder(tmp_path / "node")
    folder.close()
    again = DataFolder(tmp_path / "node")
    assert list(again.jobs.iterdir()) == []
    assert stat.S_IMODE(again.path.stat().st_mode) == 0o700
    again.close()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A sentence with the folder's name."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Fault, match="--data"):
        DataFolder(tmp_path / "file" / "node")


def test_pairing_is_remembered_for_root_alone(tmp_path: Path) -> None:
    """Token and CA come back as they were, 0600; a broken file is no pairing, and forgetting twice is fine."""
    path = tmp_path / "server.json"
    assert membership.load(path) is None
    known = Membership("https://192.0.2.1:8443", "0" * 16, "n1", "token", "-----BEGIN")
    for _ in range(2):
        membership.save(path, known)
    assert membership.load(path) == known
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text('{"url": 1}')
    assert membership.load(path) is None
    membership.forget(path)
    membership.forget(path)
    assert membership.load(path) is None


def test_nodes_come_back_for_ever_but_not_in_one_wave() -> None:
    """The waits grow to ten seconds and stay there; each is drawn from the whole span."""
    spans: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        spans.append((low, high))
        return high / 2

    backoff = Backoff(jitter=draw)
    waits = [backoff.next_seconds() for _ in range(2000)]
    assert {low for low, _ in spans} == {0.0}
    assert waits[:3] == [0.1, 0.2, 0.4]
    assert set(waits[10:]) == {5.0}
    backoff.reset()
    assert backoff.next_seconds() == 0.1
