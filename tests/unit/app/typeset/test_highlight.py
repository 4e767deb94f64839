"""Sources with colours: every character as it was submitted, and never slow."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.typeset.highlight import highlight, highlight_lines
from app.typeset.qr import qr_svg


def plain(lines: tuple[str, ...]) -> str:
    return "\n".join(html.unescape(re.sub(r"</?span[^>]*>", "", line)) for line in lines)


@given(st.text(max_size=200), st.sampled_from(["c", "cpp", "java", "python3", "cobol"]))
def test_what_was_submitted_is_what_is_seen(source: str, language: str) -> None:
    """Whatever the source, the coloured lines hold exactly its characters, in its lines."""
    lines = highlight_lines(source, language, lambda: 0.0)
    assert plain(lines) == source.replace("\r\n", "\n").replace("\r", "\n")


def test_code_has_colours_and_no_tags_of_its_own() -> None:
    """Keywords and comments get their classes; what looks like HTML stays text."""
    page = highlight("int main() {\n  return 0; // <script>\n}\n", "cpp", time.monotonic)
    assert '<span class="k">return</span>' in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_a_line_comment_over_lines_closes_its_colours() -> None:
    """Each line is complete in itself, so a page can number them."""
    lines = highlight_lines("/* a\n b */ int x;", "c", time.monotonic)
    assert len(lines) == 2
    assert all(line.count("<span") == line.count("</span>") for line in lines)


def test_a_long_source_is_plain_after_64_kib() -> None:
    """Ten megabytes of code cost no more than 64 KiB of it, and all of it is there."""
    source = "return 1;\n" * 20_000
    began = time.monotonic()
    lines = highlight_lines(source, "c", time.monotonic)
    assert time.monotonic() - began < 3
    assert len(lines) == 20_001
    assert "<span" in lines[0]
    assert lines[-2] == "return 1;"


def test_colouring_stops_after_half_a_second() -> None:
    """When time is up the rest is shown plain, and nothing is lost."""
    ticks = iter(range(10_000))
    source = "return 1;\n" * 100
    lines = highlight_lines(source, "c", lambda: next(ticks) * 0.1)
    assert plain(lines) == source
    assert "<span" in lines[0]
    assert "<span" not in lines[50]


def test_a_qr_code_is_an_svg_without_style() -> None:
    """The address of the contest as a picture that the Content-Security-Policy allows."""
    svg = qr_svg("http://192.168.0.10:8080/?a=1&b=2")
    assert svg.startswith("<svg ")
    assert "style" not in svg
    assert "&amp;b=2" in svg
    with pytest.raises(ValueError, match="nothing"):
        qr_svg("")
    with pytest.raises(ValueError, match="too long"):
        qr_svg("x" * 5000)
