"""Our own MathML as the rich text that Qt draws: indices and exponents, fractions and roots on one line."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

_FORMULA = re.compile(r"<math\b[^>]*>.*?</math>", re.DOTALL)
_DEEPEST = 60
_FORMS = {
    "msup": (2, "{0}<sup>{1}</sup>"),
    "msub": (2, "{0}<sub>{1}</sub>"),
    "msubsup": (3, "{0}<sub>{1}</sub><sup>{2}</sup>"),
    "munderover": (3, "{0}<sub>{1}</sub><sup>{2}</sup>"),
    "munder": (2, "{0}<sub>{1}</sub>"),
    "mfrac": (2, "({0})/({1})"),
    "mroot": (2, "<sup>{1}</sup>√({0})"),
}
"""How many parts, and how they stand on one line."""
_AROUND = {"msqrt": "√({})", "mtd": "{}&nbsp;&nbsp;", "mtr": "{}<br>"}


def readable(page: str) -> str:
    """The page with each formula as rich text."""
    return _FORMULA.sub(lambda found: rich_text(found.group(0)), page)


def rich_text(mathml: str) -> str:
    """One formula; its letters where it cannot be read."""
    try:
        root = ElementTree.fromstring(mathml)  # noqa: S314  (one element without a document type: nothing can be expanded)
        body = _inner(root, 0)
    except (ElementTree.ParseError, RecursionError):
        body = html.escape(re.sub(r"<[^>]+>", "", mathml))
    return f"<div>{body}</div>" if 'display="block"' in mathml[:80] else f"<span>{body}</span>"


def _inner(node: ElementTree.Element, depth: int) -> str:
    return "".join(_written(child, depth + 1) for child in node)


def _written(node: ElementTree.Element, depth: int) -> str:
    name = node.tag.rpartition("}")[2]
    text = html.escape(node.text or "")
    if depth > _DEEPEST:
        return html.escape("".join(node.itertext()))
    if name == "mi":
        return f"<i>{text}</i>" if len(node.text or "") == 1 else text
    if name == "mo":
        return f"&nbsp;{text}&nbsp;" if (node.text or "") in "=≤≥<>≠≈+−→∈⋅×" and text else text
    if name in ("mn", "mtext", "ms"):
        return text
    if name == "mspace":
        return "&nbsp;"
    parts = [_written(child, depth + 1) for child in node]
    return _arranged(name, parts)


def _arranged(name: str, parts: list[str]) -> str:
    count, form = _FORMS.get(name, (0, ""))
    if form and len(parts) == count:
        return form.format(*parts)
    whole = "".join(parts)
    return _AROUND.get(name, "{}").format(whole)
