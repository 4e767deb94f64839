"""A dialogue in words, for the jury: `>` what the submission said, `<` what the validator said, with seconds since the start.

At most 7 KiB are kept, the beginning of the dialogue; lines longer than 200 characters are cut.
"""

from __future__ import annotations

_MOST_CHARS = 7 * 1024
_LINE_CHARS = 200


class Transcript:
    """Takes chunks in the order in which they were said. Whoever shares it has to lock it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._chars = 0
        self._full = False
        self._open: dict[bool, tuple[float, bytes]] = {}

    def add(self, seconds: float, by_team: bool, data: bytes) -> None:
        """One chunk of one side."""
        if self._full:
            return
        began, text = self._open.pop(by_team, (seconds, b""))
        *lines, rest = (text + data).split(b"\n")
        for line in lines:
            self._keep(began, by_team, line)
            began = seconds
        if rest:
            self._open[by_team] = (began, rest[: 4 * _LINE_CHARS])

    def text(self) -> str:
        """All that is kept, with what was said without an end of line at last."""
        lines = list(self._lines)
        lines += [
            _written(began, by_team, data) + " (no end of line)"
            for by_team, (began, data) in sorted(self._open.items())
        ]
        return "\n".join([*lines, "…"] if self._full else lines)

    def _keep(self, seconds: float, by_team: bool, data: bytes) -> None:
        line = _written(seconds, by_team, data)
        if self._full or self._chars + len(line) > _MOST_CHARS:
            self._full = True
            self._open.clear()
            return
        self._lines.append(line)
        self._chars += len(line) + 1


def _written(seconds: float, by_team: bool, data: bytes) -> str:
    text = data[: 4 * _LINE_CHARS].decode("utf-8", "replace").replace("\0", "\ufffd").rstrip("\r")
    cut = f"{text[:_LINE_CHARS]}…" if len(text) > _LINE_CHARS else text
    return f"{seconds:9.3f} {'>' if by_team else '<'} {cut}"
