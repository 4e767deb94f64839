"""The pipes between submission and validator: nothing is lost, nobody blocks, who ended first is known."""

from __future__ import annotations

import os
import threading

from judge_node.pipeline.relay import Relay, Side
from judge_node.pipeline.transcript import Transcript

MUCH = 1 << 20


def read_all(fd: int, into: list[bytes]) -> threading.Thread:
    def work() -> None:
        while data := os.read(fd, 65536):
            into.append(data)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_what_was_said_arrives_before_the_end() -> None:
    """A submission says a megabyte and ends: the validator hears every byte, then the end of input, though it reads late."""
    with Relay(10 * MUCH, MUCH) as relay:
        team, validator = relay.ends_of(Side.TEAM), relay.ends_of(Side.VALIDATOR)
        mouth = os.dup(team[1])
        writer = threading.Thread(target=lambda: (_say(mouth, b"x" * MUCH), os.close(mouth), relay.ended(Side.TEAM)))
        writer.start()
        ear, heard = os.dup(validator[0]), list[bytes]()
        reader = read_all(ear, heard)
        writer.join()
        reader.join()
        os.close(ear)
        assert len(b"".join(heard)) == MUCH
        assert relay.first is Side.TEAM
    assert relay.said_by(Side.TEAM)[0] == MUCH


def test_a_validator_may_close_its_mouth_and_listen() -> None:
    """A submission that reads to the end of its input gets that end, though the validator still waits for its answer."""
    with Relay(MUCH, MUCH) as relay:
        mouth, ear = os.dup(relay.ends_of(Side.VALIDATOR)[1]), os.dup(relay.ends_of(Side.TEAM)[0])
        _say(mouth, b"1 2 3\n")
        os.close(mouth)
        assert os.read(ear, 100) == b"1 2 3\n"
        assert os.read(ear, 100) == b""
        assert relay.first is None
        _say(relay.ends_of(Side.TEAM)[1], b"6\n")
        assert os.read(relay.ends_of(Side.VALIDATOR)[0], 100) == b"6\n"
        relay.ended(Side.TEAM)
        assert relay.first is Side.TEAM
        os.close(ear)


def test_no_end_before_the_owner_has_ended() -> None:
    """A program that closes its stdout early and lives on is no end of input for the other side."""
    with Relay(MUCH, MUCH) as relay:
        mouth, ear = os.dup(relay.ends_of(Side.TEAM)[1]), os.dup(relay.ends_of(Side.VALIDATOR)[0])
        _say(mouth, b"last words\n")
        os.close(mouth)
        assert os.read(ear, 100) == b"last words\n"
        os.set_blocking(ear, False)
        late: list[bytes] = []
        try:
            late.append(os.read(ear, 100))
        except BlockingIOError:
            late.append(b"nothing yet")
        assert late == [b"nothing yet"]
        os.set_blocking(ear, True)
        relay.ended(Side.TEAM)
        assert os.read(ear, 100) == b""
        os.close(ear)


def test_words_to_the_dead_block_nobody() -> None:
    """After the validator has accepted and ended, what the submission still says is taken and thrown away."""
    with Relay(10 * MUCH, MUCH) as relay:
        mouth = os.dup(relay.ends_of(Side.TEAM)[1])
        relay.ended(Side.VALIDATOR)
        _say(mouth, b"y" * MUCH)
        os.close(mouth)
        relay.ended(Side.TEAM)
        assert relay.first is Side.VALIDATOR


def test_budget() -> None:
    """What is said beyond the budget is counted and not passed on."""
    with Relay(10, MUCH) as relay:
        mouth, ear = os.dup(relay.ends_of(Side.TEAM)[1]), os.dup(relay.ends_of(Side.VALIDATOR)[0])
        _say(mouth, b"0123456789abcdef")
        os.close(mouth)
        relay.ended(Side.TEAM)
        heard: list[bytes] = []
        read_all(ear, heard).join()
        os.close(ear)
    assert b"".join(heard) == b"0123456789"
    assert relay.said_by(Side.TEAM)[0] == 16


def test_unread_words_are_seen() -> None:
    """What lies unread in a pipe tells whose turn it was."""
    with Relay(MUCH, MUCH) as relay:
        mouth, ear = os.dup(relay.ends_of(Side.TEAM)[1]), os.dup(relay.ends_of(Side.VALIDATOR)[0])
        _say(mouth, b"hello\n")
        assert os.read(ear, 1) == b"h"
        assert relay.unread_by(Side.VALIDATOR) == 5
        assert relay.unread_by(Side.TEAM) == 0
        os.close(mouth)
        os.close(ear)


def test_transcript() -> None:
    """Lines of both sides in the order of their ends, pieces put together, bounded whatever was said."""
    kept = Transcript()
    kept.add(0.5, True, b"? 1")
    kept.add(0.6, True, b"7\n? 1")
    kept.add(0.7, False, b"west\n")
    lines = kept.text().splitlines()
    assert [line.split(maxsplit=1)[1] for line in lines] == ["> ? 17", "< west", "> ? 1 (no end of line)"]
    for _ in range(1000):
        kept.add(1.0, False, b"\0\xff" + b"z" * 10_000 + b"\n")
    assert len(kept.text()) < 8192
    assert kept.text().endswith("…")


def _say(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def test_an_end_after_the_dialogue_is_no_error() -> None:
    """A judge that is stopped in the middle of a dialogue leaves the pipes; the validator's end, told later, disturbs nobody."""
    with Relay(MUCH, MUCH) as relay:
        relay.ended(Side.TEAM)
    relay.ended(Side.VALIDATOR, deaf=True)
    assert relay.first is Side.TEAM
