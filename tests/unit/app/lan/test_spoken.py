"""A certificate's fingerprint in words."""

from __future__ import annotations

from app.lan.spoken import WORDS, spoken


def test_each_byte_has_a_word_of_its_own() -> None:
    """256 different words, short enough to be called across a room."""
    assert len(WORDS) == len(set(WORDS)) == 256
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 9 for word in WORDS)


def test_two_fingerprints_that_differ_sound_different() -> None:
    """Ten words for ten bytes: each byte among them changes its word, and the order counts."""
    digest = bytes(range(32))
    assert spoken(digest)[:3] == ("acorn", "actor", "album")
    assert len(spoken(digest)) == 10
    for place in range(10):
        other = bytearray(digest)
        other[place] ^= 1
        assert [one == two for one, two in zip(spoken(digest), spoken(bytes(other)), strict=True)].count(False) == 1
    assert spoken(digest) != spoken(digest[::-1])
