"""The matrix solution × test as a picture: an HTML table with an SVG inside, or the SVG alone. No script, no outside files."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from app.core.errors import Refusal
from app.core.verdict import Verdict
from judge_node.commands.verdictcache import Seen
from judge_node.commands.verifying import Checked

_CELL, _ROW, _TOP, _LETTER = 26, 22, 96, 7
_COLOURS = {
    Verdict.AC: "#2FA84F",
    Verdict.WA: "#E5342B",
    Verdict.NO: "#E5342B",
    Verdict.TLE: "#F28C28",
    Verdict.RTE: "#8E44AD",
    Verdict.MLE: "#2F7DD1",
    Verdict.OLE: "#17A2A2",
    Verdict.JE: "#202124",
}
_SUFFIXES = (".html", ".svg")


def check_picture_name(path: Path) -> None:
    """Refusal(422) unless the name says one of the two forms."""
    if path.suffix.lower() not in _SUFFIXES:
        raise Refusal(422, f"{path}: the picture of times is an .html or an .svg file.")


def write_picture(path: Path, title: str, results: Sequence[Checked], cpu_seconds: float) -> None:
    """Writes the picture; its form follows the file's suffix. Refusal(422) where it cannot be written."""
    tests = list(dict.fromkeys(seen.test for one in results for seen in one.judged.seen))
    picture = _svg(results, tests, cpu_seconds)
    text = picture if path.suffix.lower() == ".svg" else _page(title, picture, results, tests, cpu_seconds)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise Refusal(422, f"{path} cannot be written: {wrong.strerror}.") from None


def _svg(results: Sequence[Checked], tests: Sequence[str], cpu_seconds: float) -> str:
    left = 20 + _LETTER * max((len(one.solution.path) for one in results), default=8)
    width, height = left + _CELL * len(tests) + 90, _TOP + _ROW * len(results) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="monospace" font-size="11">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    ]
    for column, test in enumerate(tests):
        x = left + _CELL * column + _CELL // 2
        name = escape(test.rpartition("/")[2][:14])
        parts.append(f'<text transform="translate({x},{_TOP - 6}) rotate(-60)">{name}</text>')
    for row, one in enumerate(results):
        y = _TOP + _ROW * row
        mark = "#202124" if one.ok else "#E5342B"
        parts.append(f'<text x="8" y="{y + 15}" fill="{mark}">{escape(one.solution.path)}</text>')
        by_test = {seen.test: seen for seen in one.judged.seen}
        for column, test in enumerate(tests):
            seen = by_test.get(test)
            if seen is not None:
                parts.append(_cell(seen, left + _CELL * column, y, cpu_seconds))
        x = left + _CELL * len(tests) + 8
        parts.append(f'<text x="{x}" y="{y + 15}" fill="{mark}">{one.judged.verdict.value}</text>')
    return "".join(parts) + "</svg>\n"


def _cell(seen: Seen, x: int, y: int, cpu_seconds: float) -> str:
    """A square whose filled part is the share of the time limit that the run took."""
    share = min(1.0, seen.cpu_seconds / cpu_seconds) if cpu_seconds else 1.0
    tall = max(2, round((_ROW - 4) * share))
    colour = _COLOURS.get(seen.verdict, "#202124")
    title = escape(f"{seen.test}: {seen.verdict.value}, {seen.cpu_seconds:.3f} s. {seen.message}".rstrip())
    return (
        f'<g><title>{title}</title><rect x="{x + 1}" y="{y + 2}" width="{_CELL - 2}" height="{_ROW - 4}" fill="{colour}"'
        f' fill-opacity="0.2"/><rect x="{x + 1}" y="{y + _ROW - 2 - tall}" width="{_CELL - 2}" height="{tall}"'
        f' fill="{colour}"/></g>'
    )


def _page(title: str, picture: str, results: Sequence[Checked], tests: Sequence[str], cpu_seconds: float) -> str:
    head = "".join(f"<th>{escape(test)}</th>" for test in tests)
    rows = "".join(_table_row(one, tests) for one in results)
    style = (
        "body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse;font-size:.85rem}"
        "th,td{border:1px solid #ccc;padding:.2rem .5rem;text-align:right}td:first-child,th:first-child{text-align:left}"
        "div{overflow-x:auto}"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}: times</title><style>{style}</style>'
        f"<h1>{escape(title)}</h1><p>Time limit {cpu_seconds:g} s. A cell is filled by the share of it that a run took.</p>"
        f"<div>{picture}</div><div><table><tr><th>solution</th><th>verdict</th><th>slowest</th>{head}</tr>{rows}</table></div>"
        "</html>\n"
    )


def _table_row(one: Checked, tests: Sequence[str]) -> str:
    by_test = {seen.test: seen for seen in one.judged.seen}
    cells = []
    for test in tests:
        seen = by_test.get(test)
        cells.append("<td>–</td>" if seen is None else f"<td>{seen.verdict.value} {seen.cpu_seconds:.3f}</td>")
    return (
        f"<tr><td>{escape(one.solution.path)}</td><td>{one.judged.verdict.value}</td>"
        f"<td>{one.judged.cpu_seconds:.3f}</td>{''.join(cells)}</tr>"
    )
