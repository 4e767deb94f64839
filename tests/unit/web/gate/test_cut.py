"""Shared bytes with holes: what a visitor gets is the page with their pieces, packed or not, whatever stands in either."""

from __future__ import annotations

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from web.gate.cut import cut, part, put_together

MARK = "own-0123456789abcdef"
TEXT = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(str.encode),
    st.sampled_from([b"", b"<!--own-:name-->", b"<!--", b"a" * 70_000, bytes(range(256)) * 400]),
)


def hole(name: str) -> bytes:
    """As Flask writes it."""
    return f"<!--{MARK}:{name}-->".encode()


@given(st.lists(TEXT, min_size=1, max_size=6), st.data())
def test_a_filled_page_is_the_same_packed_and_plain(parts: list[bytes], data: st.DataObject) -> None:
    """Every browser and every tool that opens gzip finds exactly the parts with the fillings between."""
    names = [f"disc:p{number}" for number in range(len(parts) - 1)]
    page = parts[0] + b"".join(hole(name) + following for name, following in zip(names, parts[1:], strict=True))
    found = cut(page, MARK)
    assert found.holes == tuple(names)
    fillings = [data.draw(TEXT) for _ in names]
    whole = parts[0] + b"".join(a + b for a, b in zip(fillings, parts[1:], strict=True))
    packed = put_together(found, [part(one, 1) for one in fillings], packed=True)
    assert put_together(found, [part(one, 1) for one in fillings], packed=False) == whole
    assert gzip.decompress(packed) == whole
    opener = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert opener.decompress(packed) == whole
    assert opener.eof
    assert not opener.unused_data, "one stream: not every browser reads a second one"


def test_only_the_mark_of_this_start_makes_holes() -> None:
    """A statement or a team's name that looks like a hole of another server stays text, and a filling is never looked into."""
    found = cut(b"<p><!--own-ffff:name--></p>" + hole("name") + b"<p>", MARK)
    assert found.holes == ("name",)
    assert put_together(found, [part(hole("key"))], packed=False).endswith(hole("key") + b"<p>")
