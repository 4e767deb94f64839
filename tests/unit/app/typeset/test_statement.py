"""Statements as pages: readable, and harmless whoever wrote them."""

from __future__ import annotations

import re

import pytest

from app.typeset.formula import to_mathml
from app.typeset.statement import from_html, from_markdown, from_pandoc, from_tex_source, from_text

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVa\tScRiPt:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<p style='background:url(javascript:alert(1))' onclick='alert(1)'>x</p>",
    "<style>@import 'http://far.example/x.css';</style>",
    "<link rel=stylesheet href=http://far.example/x.css><base href=http://far.example/>",
    "<object data=x><embed src=x><meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<form action=http://far.example><input name=password></form>",
    "<b id=location name=location>x</b>",
    "[x](javascript:alert(1)) [y](data:text/html,<script>alert(1)</script>) ![z](javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    r"$\text{<script>alert(1)</script>}$",
    r"$\text{<img src=x onerror=alert(1)>}$ $$\text{&lt;script&gt;alert(1)}$$",
    r"$\href{javascript:alert(1)}{x}$ $\style{position:fixed}{x}$ $\color{\"onload=alert(1)}{x}$",
    r"$\unicode{60}script$ $\mathrm{<svg onload=alert(1)>}$",
    "`$x$` ``<script>`` $`<script>alert(1)</script>`$",
]
DANGER = re.compile(
    r"<\s*(script|svg|iframe|object|embed|style|link|base|meta|form|input|noscript|mglyph)|<[^>]*\s(on\w+|style|id|name)\s*=|"
    r"<[^>]*(javascript:|data:|far\.example)",
    re.IGNORECASE,
)


def nothing(source: str) -> None:
    """A package without pictures."""


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_statements_lose_their_teeth(source: str) -> None:
    """Whatever a package's author tries, no script, handler, style, form or foreign address reaches the page."""
    for rendered in (from_markdown(source, nothing), from_html(source, nothing), from_text(source)):
        assert not DANGER.search(rendered.html), rendered.html


def test_the_danger_sign_is_seen_when_it_is_there() -> None:
    """The check of these tests finds what it looks for."""
    found = [source for source in HOSTILE if DANGER.search(source)]
    assert len(found) >= 15


def test_a_statement_reads_as_it_was_meant() -> None:
    """Headings, lists, tables, code and formulas arrive; a dollar in a price and in code is none."""
    page = from_markdown(
        "# The Ferry\n\nCross $n^2$ rivers for \\$5.\n\n$$\\sum_{i=1}^n a_i$$\n\n- `$x$` one\n\n| a | b |\n|---|---|\n| 1 | $y$ |\n",
        nothing,
    )
    assert page.warnings == ()
    assert "<h1>The Ferry</h1>" in page.html
    assert "<msup><mi>n</mi><mn>2</mn></msup>" in page.html
    assert '<math display="block">' in page.html
    assert "for $5." in page.html
    assert "<code>$x$</code>" in page.html
    assert page.html.count("<math") == 3
    assert "<td>1</td>" in page.html


def test_unknown_commands_are_reported() -> None:
    """A macro that nobody defined does not pass in silence: whoever imports the package reads of it."""
    page = from_markdown(r"So $\dp_i \le \frac{1}{2}$ and $\frac{1$.", nothing)
    assert any("\\dp" in one for one in page.warnings)
    assert any("is wrong" in one for one in page.warnings)
    assert r"<code>\frac{1</code>" in page.html


def test_pictures_come_from_the_package_only() -> None:
    """A picture of the package is shown, every other one is left out and reported."""
    page = from_markdown(
        "![map](map.png) ![spy](http://far.example/x.png)", lambda source: "/blobs/map" if source == "map.png" else None
    )
    assert '<img src="/blobs/map" alt="map">' in page.html
    assert "far.example" not in page.html
    assert any("far.example" in one for one in page.warnings)


def test_a_formula_of_any_shape_ends() -> None:
    """Deep, long and unfinished formulas give their source and a complaint, never an error."""
    for source in (
        "{" * 900 + "x" + "}" * 900,
        "x" * 5000,
        "\\frac" * 300,
        "\\left(",
        "a_",
        "^",
        "\\begin{cases}",
        "\\sqrt[" * 200,
    ):
        formula = to_mathml(source, block=False)
        assert formula.complaint or formula.html.startswith("<math"), source[:20]


def test_html_and_text_statements() -> None:
    """An HTML statement keeps its body's structure; a text, and a TeX source in need, are shown as they are."""
    page = from_html("<html><head><title>No</title></head><body><h2>In</h2><p>a<sub>i</sub></p></body></html>", nothing)
    assert page.html == "<h2>In</h2><p>a<sub>i</sub></p>"
    assert from_text("a < b").html == "<pre>a &lt; b</pre>"
    assert from_tex_source("\\section{A}").warnings


def test_sample_marks_leave_no_trace() -> None:
    """The marks for samples are dropped, since the page shows samples itself."""
    assert "nextsample" not in from_markdown("A\n\n{{nextsample}}\n\n{{ remainingsamples }}", nothing).html


def test_what_pandoc_wrote_is_cleaned_and_its_formulas_are_ours() -> None:
    """A converter is a guest: its page loses script and handlers, its formulas become MathML, and no text can pretend to be one."""
    page = (
        '<p onclick="x()">If <span class="math inline">\\(a &lt; b\\)</span> then'
        ' <span class="math display">\\[x^2\\]</span></p><script>alert(1)</script><math><mi>z</mi></math>'
    )
    shown = from_pandoc(page, lambda _: None).html
    assert shown.count("<math") == 2
    assert "script" not in shown
    assert "onclick" not in shown
    assert "<mi>z</mi>" not in shown
    assert "\\(" not in shown
