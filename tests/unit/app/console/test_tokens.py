"""The console's colours can be told apart and read, in light and in dark."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from app.console.theme.tokens import COLOUR_NAMES, DARK, LIGHT, TINTED, Tokens, contrast, letter_on

ROOT = Path(__file__).resolve().parents[4]
THEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])


@THEMES
@pytest.mark.parametrize("role", TINTED)
def test_verdict_is_read_on_its_tint_and_surface(tokens: Tokens, role: str) -> None:
    """A chip's letters stand at 4.5 : 1 on their tint, and so do the same words on a card."""
    assert contrast(tokens.colour(role), tokens.tint(role)) >= 4.5
    assert contrast(tokens.colour(role), tokens.surface) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", ["bg", "surface", "raised", "sunken"])
@pytest.mark.parametrize("role", ["ink", "muted", "faint"])
def test_text_is_read_on_every_ground(tokens: Tokens, ground: str, role: str) -> None:
    """Text, second line and placeholder reach 4.5 : 1 wherever they stand."""
    assert contrast(tokens.colour(role), tokens.colour(ground)) >= 4.5


@THEMES
def test_selected_row_is_read(tokens: Tokens) -> None:
    """Text stays readable in the selected row."""
    assert contrast(tokens.ink, tokens.accent_tint) >= 4.5
    assert contrast(tokens.muted, tokens.accent_tint) >= 4.5


@THEMES
@pytest.mark.parametrize("role", ["good", "slow"])
def test_banner_is_read(tokens: Tokens, role: str) -> None:
    """The second line on the banner that says ready or what is left."""
    assert contrast(tokens.muted, tokens.tint(role)) >= 4.5


@THEMES
def test_filled_button_and_alarm_are_read(tokens: Tokens) -> None:
    """The words on the filled button and on the alarm bar."""
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.on_alarm, tokens.alarm) >= 4.5


@THEMES
@pytest.mark.parametrize("role", ["edge", "chart", "square"])
def test_signs_and_outlines_are_seen(tokens: Tokens, role: str) -> None:
    """Outlines of fields, lines of charts and squares of passed tests reach 3 : 1 on a card."""
    assert contrast(tokens.colour(role), tokens.surface) >= 3


@THEMES
@pytest.mark.parametrize("role", ["good", "bad", "slow", "heavy", "broken", "quiet"])
def test_sign_in_a_failed_square_is_seen(tokens: Tokens, role: str) -> None:
    """The sign inside a failed test's solid square, drawn in the verdict's tint, reaches 3 : 1."""
    assert contrast(tokens.tint(role), tokens.colour(role)) >= 3


@THEMES
@pytest.mark.parametrize("role", ["heavy", "good", "slow", "frozen", "broken", "muted"])
def test_source_is_read(tokens: Tokens, role: str) -> None:
    """Every colour of the source view reaches 4.5 : 1."""
    assert contrast(tokens.colour(role), tokens.surface) >= 4.5


@pytest.mark.parametrize("rgb", ["#F5D547", "#15181B", "#FFFFFF", "#7C4DDB", "#767676"])
def test_letter_is_read_on_any_balloon(rgb: str) -> None:
    """A balloon's letter is black or white, whichever contrasts more: never below 4.5 : 1."""
    assert contrast(letter_on(rgb), rgb) >= 4.5


@THEMES
def test_web_has_the_same_colours(tokens: Tokens) -> None:
    """Console and web pages take their colours from one table."""
    css = (ROOT / "web/static/tokens.css").read_text(encoding="utf-8").upper()
    missing = [
        (field.name, getattr(tokens, field.name))
        for field in fields(Tokens)
        if field.name != "dark" and getattr(tokens, field.name) not in css
    ]
    assert not missing


def test_unknown_role_is_an_error() -> None:
    """A misspelt role is not silently black."""
    assert "good_tint" in COLOUR_NAMES
    with pytest.raises(KeyError):
        LIGHT.colour("god")
