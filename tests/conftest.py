"""What holds for every test: reproducible hypothesis runs, long ones only on request, and no warning in the log that nobody expects."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator

import pytest
from clocks import FakeClock
from hypothesis import HealthCheck, settings
from running import Demo

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts us in the background has Ctrl-C ignored, and every program that a test starts would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("ci")

_OUR_LOGGERS = ("contestbox", "app", "web", "judge_node")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also the long runs")
    parser.addoption("--hostile", action="store_true", help="all hostile programs instead of some twenty")
    parser.addoption("--seed", help="which hostile programs, in which order; without it another choice each day")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Playwright leaves an event loop running in the main thread, where nobody else's can run then.
    # What a server of 300 browsers takes is measured first, not what is left of a thousand other tests.
    items.sort(key=lambda item: ("browser" in item.path.parts, item.path.name != "test_memory.py"))
    for item in items:
        if item.get_closest_marker("full") and not config.getoption("--full"):
            item.add_marker(pytest.mark.skip(reason="a long run: give --full"))
        if item.get_closest_marker("hostile") and not config.getoption("--hostile"):
            item.add_marker(pytest.mark.skip(reason="the whole hostile suite: give --hostile"))
        if item.get_closest_marker("root") and not os.environ.get("CONTESTBOX_WITHOUT_ROOT") and _is_nobodys_root():
            item.add_marker(pytest.mark.skip(reason="needs root"))


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo with one judge node and a few teams, shared by the tests that only add submissions to it."""
    with Demo(tmp_path_factory.mktemp("demo") / "data", teams=12) as running:
        yield running


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] in _OUR_LOGGERS:
            self.records.append(record)


@pytest.fixture
def expected_warnings() -> list[str]:
    """Parts of log lines that the test provokes: append them before. Each must come, and no other warning may."""
    return []


@pytest.fixture(autouse=True)
def _no_unexpected_warning(expected_warnings: list[str]) -> Iterator[None]:
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    lines = [record.getMessage() for record in handler.records]
    unexpected = [line for line in lines if not any(part in line for part in expected_warnings)]
    missing = [part for part in expected_warnings if not any(part in line for line in lines)]
    assert not unexpected, f"the log warned of what no test expected: {unexpected}"
    assert not missing, f"the log did not warn: {missing}"


def _is_nobodys_root() -> bool:
    return getattr(os, "geteuid", lambda: 1)() != 0
