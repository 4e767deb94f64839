"""QR codes as inline SVG, black on white in either theme, since cameras want it so."""

from __future__ import annotations

import segno


def qr_svg(text: str) -> str:
    """An SVG element that scales with its box and says by its title what it leads to. ValueError for an empty text or one
    too long for a QR code (over about 2,300 bytes).
    """
    if not text:
        raise ValueError("a QR code of nothing leads nowhere")
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        raise ValueError("the text is too long for a QR code") from None
    return str(
        code.svg_inline(dark="#000", light="#fff", border=4, omitsize=True, svgclass="qr", lineclass=None, title=text)
    )
