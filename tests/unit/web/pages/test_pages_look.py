"""What holds for every page: readable colours in both themes, nothing inline, every word through gettext."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages_house import PagesHouse, submit_code

from web.pages.balloon import letter_colour, luminance

WEB = Path(__file__).resolve().parents[4] / "web"
TINTED = ("good", "bad", "slow", "heavy", "broken", "quiet", "waiting", "frozen")


def themes() -> dict[str, dict[str, str]]:
    """The colours of tokens.css: light, dark by the system, dark by the switch."""
    text = (WEB / "static" / "tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(r"color-scheme: (light|dark);(.*?)\n\s*}", text, re.S)
    found = [dict(re.findall(r"--([a-z-]+):\s*(#[0-9A-F]{6});", block)) for _, block in blocks]
    return dict(zip(("light", "dark", "switched"), found, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable(theme: str) -> None:
    """Text stands out from its tint and its surface by 4.5 : 1, signs and borders by 3 : 1."""
    colours = themes()[theme]
    for role in TINTED:
        assert contrast(colours[role], colours[f"{role}-tint"]) >= 4.5, role
        assert contrast(colours[role], colours["surface"]) >= 4.5, role
    for role in ("ink", "muted", "accent"):
        for ground in ("bg", "surface", "sunken"):
            assert contrast(colours[role], colours[ground]) >= 4.5, (role, ground)
    assert contrast(colours["ink"], colours["accent-tint"]) >= 4.5
    assert contrast(colours["muted"], colours["accent-tint"]) >= 4.5, "second line of the own row"
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["on-alarm"], colours["alarm"]) >= 4.5
    assert contrast(colours["faint"], colours["surface"]) >= 4.5
    assert contrast(colours["edge"], colours["surface"]) >= 3
    assert contrast(colours["star"], colours["surface"]) >= 3


def test_both_dark_themes_are_one() -> None:
    """The system's dark and the switch's dark show the same colours, and each theme names the same roles."""
    found = themes()
    assert found["dark"] == found["switched"]
    assert set(found["light"]) == set(found["dark"])


@pytest.mark.parametrize("rgb", ["#FFFFFF", "#000000", "#F08C00", "#1C7ED6", "#E03131", "#868E96"])
def test_letter_on_a_balloon(rgb: str) -> None:
    """The letter on a balloon of any colour can be read."""
    assert contrast(rgb, letter_colour(rgb)) >= 4.5


def test_nothing_inline(running: PagesHouse) -> None:
    """No page needs a script or style of its own, so the policy forbids them all, and none comes from elsewhere."""
    client = running.client("otters")
    submit_code(client, "crates", "cpp", "int main() { return 0; }")
    running.judge("WA")
    for path in ("/", "/problems", "/problems/crates", "/board", "/submissions/1", "/submit", "/missing"):
        answer = client.get(path)
        page = answer.get_data(as_text=True)
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r'(src|href|action)="(https?:)?//', page), path
        assert page.count("<h1") == 1, path
        assert page.rstrip().endswith("</html>"), path


def test_statics_exist(running: PagesHouse) -> None:
    """Every style, script, font and icon that a page or another static file names is there."""
    page = running.client().get("/").get_data(as_text=True)
    named = set(re.findall(r'"/static/v1/([^"]+)"', page))
    assert {"app.css", "tokens.css", "js/main.js", "js/theme.js"} <= named
    static = WEB / "static"
    for script in static.glob("js/*.js"):
        named |= {f"js/{name}" for name in re.findall(r'from "\./([a-z]+\.js)"', script.read_text(encoding="utf-8"))}
    named |= set(re.findall(r'url\("([^"]+)"\)', (static / "tokens.css").read_text(encoding="utf-8")))
    assert [name for name in sorted(named) if not (static / name).is_file()] == []


@pytest.mark.parametrize("path", sorted((WEB / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_every_word_goes_through_gettext(path: Path) -> None:
    """No template holds a word of its own: a translator finds all of them in the catalogue."""
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", " ", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"<[^>]*>", " ", text, flags=re.S)
    words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"&[a-z]+;", " ", text)))
    assert words <= {"Ctrl", "Enter", "Contestbox", "REST"}, words  # keys and names stay as they are
