"""Text of guests on a terminal: compilers quote sources, validators write what they like."""

from __future__ import annotations


def plain(text: str) -> str:
    """The text with everything replaced that could command a terminal (colours, titles, moves); lines and tabs stay."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text)
