"""TeX formulas as MathML that is safe to put into a page.

The converter itself promises nothing about safety: it hands `\\text{<b>}` through unescaped and knows `\\href` and `\\style`. So only its
element tree is taken, and written by this module: elements and attributes from fixed lists, every text escaped.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from latex2mathml import exceptions
from latex2mathml.converter import convert_to_element

_LONGEST = 4000
_ELEMENTS_LIST = (
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr "
    "mtd mstyle menclose mpadded mphantom mmultiscripts mprescripts none merror"
)
_ELEMENTS = frozenset(_ELEMENTS_LIST.split())
_ATTRIBUTES_LIST = (
    "display displaystyle scriptlevel mathvariant stretchy fence form separator lspace rspace minsize maxsize "
    "symmetric largeop movablelimits accent accentunder width height depth voffset linethickness notation "
    "columnalign rowalign columnspacing rowspacing columnlines rowlines columnspan rowspan mathsize"
)
_ATTRIBUTES = frozenset(_ATTRIBUTES_LIST.split())
_PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
_VALUE = re.compile(r"[A-Za-z0-9.,+% -]{0,60}")
_MACRO = re.compile(r"\\[A-Za-z]+")
_WRONG: tuple[type[Exception], ...] = (
    *(one for one in vars(exceptions).values() if isinstance(one, type) and issubclass(one, Exception)),
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    StopIteration,
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as HTML. `complaint` is "" or says what could not be understood; the source then stands in the page."""

    html: str
    complaint: str = ""


def to_mathml(source: str, *, block: bool) -> Formula:
    """The MathML of a TeX formula, in a line of its own when `block`. Never raises; see Formula.complaint."""
    if len(source) > _LONGEST:
        return Formula(_as_source(source, block), f"a formula is longer than {_LONGEST} characters")
    try:
        tree = convert_to_element(source, display="block" if block else "inline")
        written = _write(tree)
    except _WRONG as wrong:
        return Formula(_as_source(source, block), f"the formula {_short(source)} is wrong ({type(wrong).__name__})")
    if any(len(one) != _PARTS.get(one.tag, len(one)) for one in tree.iter()):
        return Formula(_as_source(source, block), f"the formula {_short(source)} is wrong (a part is missing)")
    unknown = sorted({macro for text in tree.itertext() for macro in _MACRO.findall(text)})
    if unknown:
        return Formula(written, f"the formula {_short(source)} has unknown commands: {', '.join(unknown)}")
    return Formula(written)


def _write(element: Element) -> str:
    inner = _escaped(element.text) + "".join(_write(child) + _escaped(child.tail) for child in element)
    if element.tag not in _ELEMENTS:
        return inner
    attributes = "".join(
        f' {name}="{html.escape(value)}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(value)
    )
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"


def _escaped(text: str | None) -> str:
    """The converter writes signs as entities; what a text means is escaped again."""
    return html.escape(html.unescape(text or ""))


def _as_source(source: str, block: bool) -> str:
    code = f"<code>{html.escape(source)}</code>"
    return f"<p>{code}</p>" if block else code


def _short(source: str) -> str:
    plain = " ".join(source.split())
    return plain if len(plain) <= 40 else plain[:39] + "…"
