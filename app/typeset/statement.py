"""Problem statements as HTML that is safe to show: Markdown with formulas, HTML, or plain text.

Theory of operation. Markdown becomes HTML with raw HTML switched off; each formula leaves a mark, a word that contains the hash of the
whole source, so no source can contain its own marks. The HTML then goes through the cleaner, always, whatever it came from: fixed
elements, no attributes but harmless ones, no style, script, SVG or MathML from outside, and only pictures that the package itself brings.
Last the marks are replaced by MathML of our own writing (formula.py), which needs no cleaner. A Content-Security-Policy is the second wall.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from app.typeset.formula import to_mathml

ImageAddress = Callable[[str], str | None]
"""Where a picture of the statement can be fetched; None for one that the package does not bring."""

_MOST_FORMULAS = 5000
_TAGS_LIST = (
    "a abbr b blockquote br caption center code col colgroup dd del dfn div dl dt em figcaption figure h1 h2 h3 "
    "h4 h5 h6 hr i img ins kbd li ol p pre q s samp section small span strong sub sup table tbody td tfoot th "
    "thead tr tt u ul var"
)
_TAGS = frozenset(_TAGS_LIST.split())
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "col": {"span"},
}
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_SAMPLE_MARK = re.compile(r"\{\{\s*(nextsample|remainingsamples)\s*\}\}")
_PANDOC_FORMULA = re.compile(r'<span\s+class="math (inline|display)">\s*(\\[(\[].*?\\[)\]])\s*</span>', re.DOTALL)
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """Clean HTML, and sentences about what could not be shown as it was meant."""

    html: str
    warnings: tuple[str, ...] = ()


def from_markdown(source: str, image_address: ImageAddress) -> Rendered:
    """A Markdown statement with `$…$` and `$$…$$`. Sample marks are dropped: the page shows samples below."""
    source = _SAMPLE_MARK.sub("", source)
    mark = "formula" + hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:20]
    formulas: list[str] = []
    warnings: list[str] = []

    def keep(content: str, block: bool) -> str:
        if len(formulas) >= _MOST_FORMULAS:
            return html.escape(content)
        formula = to_mathml(content.strip(), block=block)
        if formula.complaint:
            warnings.append(f"In the statement {formula.complaint}.")
        formulas.append(formula.html)
        return f"{mark}x{len(formulas) - 1}x"

    cleaned = _clean(_markdown(keep).render(source), image_address, warnings)
    page = re.sub(rf"{mark}x(\d+)x", lambda found: formulas[int(found.group(1))], cleaned)
    return Rendered(page, tuple(dict.fromkeys(warnings)))


def from_html(source: str, image_address: ImageAddress) -> Rendered:
    """An HTML statement: what is inside its body, cleaned."""
    body = _BODY.search(source)
    warnings: list[str] = []
    cleaned = _clean(body.group(1) if body else source, image_address, warnings)
    return Rendered(cleaned, tuple(dict.fromkeys(warnings)))


def from_pandoc(page: str, image_address: ImageAddress) -> Rendered:
    """What pandoc made of a TeX statement with `--mathjax`: its formulas are TeX in marked spans and become our MathML."""
    mark = "formula" + hashlib.sha256(page.encode("utf-8", "surrogatepass")).hexdigest()[:20]
    formulas: list[str] = []
    warnings: list[str] = []

    def keep(found: re.Match[str]) -> str:
        if len(formulas) >= _MOST_FORMULAS:
            return found.group(0)
        content = html.unescape(found.group(2)).strip()
        formula = to_mathml(content[2:-2].strip(), block=found.group(1) == "display")
        if formula.complaint:
            warnings.append(f"In the statement {formula.complaint}.")
        formulas.append(formula.html)
        return f"{mark}x{len(formulas) - 1}x"

    cleaned = _clean(_PANDOC_FORMULA.sub(keep, page), image_address, warnings)
    shown = re.sub(rf"{mark}x(\d+)x", lambda found: formulas[int(found.group(1))], cleaned)
    return Rendered(shown, tuple(dict.fromkeys(warnings)))


def from_text(source: str) -> Rendered:
    """A plain text, shown as it is."""
    return Rendered(f"<pre>{html.escape(source)}</pre>")


def from_tex_source(source: str) -> Rendered:
    """A TeX statement that no machine has converted yet: its source, to be read in need."""
    warning = "The statement is TeX; until a judge machine converts it, its source is shown."
    return Rendered(f"<pre>{html.escape(source)}</pre>", (warning,))


def _markdown(keep: Callable[[str, bool], str]) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    reader.enable(["table", "strikethrough"])
    dollarmath_plugin(reader, allow_labels=False, double_inline=True)
    footnote_plugin(reader)

    def inline(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return keep(tokens[index].content, False)

    def double(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return keep(tokens[index].content, True)

    def block(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f"<div>{keep(tokens[index].content, True)}</div>\n"

    reader.add_render_rule("math_inline", inline)
    reader.add_render_rule("math_inline_double", double)
    reader.add_render_rule("math_block", block)
    return reader


def _clean(page: str, image_address: ImageAddress, warnings: list[str]) -> str:
    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            address = image_address(value)
            if address is None:
                warnings.append(f"The picture {value[:80]} is not part of the package and is left out.")
            return address
        if tag == "a" and name == "href":
            return value if _LINK.match(value) else None
        return value

    return nh3.clean(
        page,
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "svg", "math", "iframe", "object", "template", "noscript", "title"},
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
