"""The eight letters that the organiser compares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lan.pairing import commitment, opens, pairing_code, same_code

NONCES = st.binary(min_size=32, max_size=32)


@given(st.binary(max_size=600), NONCES, NONCES)
def test_both_ends_get_the_same_code(ca: bytes, node: bytes, server: bytes) -> None:
    """Machine and console compute the same letters from the same facts, and a person may type them as they like."""
    code = pairing_code(ca, node, server)
    assert code == pairing_code(ca, node, server)
    assert len(code) == 9
    assert code[4] == "-"
    assert same_code(code.lower().replace("-", " "), code)


@given(st.binary(min_size=1, max_size=600), NONCES, NONCES)
def test_another_certificate_gives_another_code(ca: bytes, node: bytes, server: bytes) -> None:
    """Whoever shows the machine another certificate changes the letters on its screen."""
    flipped = bytes([ca[0] ^ 1]) + ca[1:]
    assert pairing_code(ca, node, server) != pairing_code(flipped, node, server)


def test_known_code() -> None:
    """The code is part of the protocol: this one must stay as it is for machines of other versions."""
    assert pairing_code(b"certificate", bytes(32), bytes(range(32))) == "HSFY-CZZN"


def test_only_the_committed_number_opens() -> None:
    """A machine cannot change its number after it heard the server's."""
    number = bytes(range(32))
    assert opens(number, commitment(number))
    assert not opens(bytes(32), commitment(number))
    assert not opens(b"short", commitment(number))
    with pytest.raises(ValueError, match="32 bytes"):
        pairing_code(b"", b"short", number)


def test_wrong_letters_are_not_the_code() -> None:
    """A typing mistake, half a code or nothing is refused."""
    code = "ABCD-EFGH"
    assert same_code("abcdefgh", code)
    assert not any(same_code(typed, code) for typed in ("", "ABCD", "ABCD-EFGJ", "ABCD-EFGHA", "ÄBCD-EFGH"))
