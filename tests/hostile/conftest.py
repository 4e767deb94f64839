"""Fixtures of the hostile tests: those of the sandbox's tests, and canaries on the host."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sandbox.workbench import bench, compile_c, programs, require_root, sandbox

from hostile.arena import Arena, open_arena, seed_of_today
from hostile.catalogue import Case, chosen, read_cases
from judge_node.sandbox.linux.box import LinuxSandbox

__all__ = ["bench", "programs", "sandbox"]
HERE = Path(__file__).parent


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Cases in an order that the seed decides; only some of them where the whole suite was not asked for."""
    everything = bool(metafunc.config.getoption("--hostile"))
    seed = int(metafunc.config.getoption("--seed") or seed_of_today())
    cases: list[Case] = chosen(read_cases(), seed, everything)
    if "hostile_case" in metafunc.fixturenames:
        metafunc.parametrize("hostile_case", cases, ids=[case.id for case in cases])
    if "strict_case" in metafunc.fixturenames:
        native = [case for case in cases if case.extension == "c"]
        metafunc.parametrize("strict_case", native, ids=[case.id for case in native])


@pytest.fixture(scope="session")
def arena(sandbox: LinuxSandbox) -> Iterator[Arena]:
    """One arena for all cases, so that what one leaves is seen by the next."""
    with open_arena(sandbox) as opened:
        yield opened


@dataclass
class Canaries:
    """Things of the host that no submission may read, change or end."""

    secret: Path
    bystander: subprocess.Popen[bytes]
    host_name: str
    mounts: frozenset[str]

    def sing(self) -> None:
        """Fails the test where one of them was touched."""
        assert self.bystander.poll() is None, "a process of the host was ended"
        assert Path(f"/proc/{self.bystander.pid}/stat").read_text().split(") ")[1][0] in "SRD", "it was stopped"
        assert self.secret.read_text() == "canary"
        assert self.secret.stat().st_mode & 0o777 == 0o644
        assert socket.gethostname() == self.host_name
        assert _mounts() <= self.mounts, "a mount was left on the host"


def _mounts() -> frozenset[str]:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return frozenset(line for line in lines if line.split()[0] in {"contestbox", "scratch"})


@pytest.fixture
def canaries(tmp_path: Path) -> Iterator[Canaries]:
    """The canaries of one test; `secret` is also the attack's input."""
    require_root()
    secret = tmp_path / "secret"
    secret.write_text("canary")
    secret.chmod(0o644)
    with subprocess.Popen(["sleep", "600"], env={"SECRET": "canary"}) as bystander:
        yield Canaries(secret, bystander, socket.gethostname(), _mounts())
        bystander.kill()
    assert os.path.exists(secret)


@pytest.fixture(scope="session")
def attacks(programs: Path) -> Path:
    """The compiled attacks, in the same folder as the sandbox tests' guest."""
    compile_c(HERE / "attacks.c", programs / "attacks")
    return programs
