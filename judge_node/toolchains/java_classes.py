"""Finds the class to start among compiled Java classes (PROBLEM_FORMATS 10.2).

Theory of operation: a class file is read from its start: magic, constant pool, names, fields, methods. The bytes
come from a compiler that worked on hostile sources, so every length is checked and a file that does not fit the
format is no candidate.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_MAGIC = 0xCAFEBABE
_LARGEST = 8 << 20
_PUBLIC_STATIC = 0x0009
_MAIN = ("main", "([Ljava/lang/String;)V")
_UTF8, _CLASS, _LONG, _DOUBLE = 1, 7, 5, 6
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


class NotAClass(Exception):
    """The bytes do not fit the class file format."""


@dataclass(slots=True)
class _Bytes:
    data: bytes
    at: int = 0

    def take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if len(piece) != size:
            raise NotAClass
        self.at += size
        return piece

    def u2(self) -> int:
        return int(struct.unpack(">H", self.take(2))[0])

    def u4(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])


def main_classes(folder: Path) -> list[str]:
    """The names (with dots) of all classes below `folder` with a `public static void main(String[])`, sorted."""
    found = []
    for path in sorted(folder.rglob("*.class")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            continue
        try:
            name = main_class_name(path.read_bytes())
        except NotAClass:
            continue
        if name is not None:
            found.append(name)
    return sorted(found)


def main_class_name(data: bytes) -> str | None:
    """The class's name where it has a main method that can be started, else None."""
    source = _Bytes(data)
    if source.u4() != _MAGIC:
        raise NotAClass
    source.take(4)
    texts, classes = _constant_pool(source)
    source.take(2)
    name = texts.get(classes.get(source.u2(), 0))
    source.take(2)
    source.take(2 * source.u2())
    _members(source, texts)
    methods = _members(source, texts)
    if name is None or not any(
        flags & _PUBLIC_STATIC == _PUBLIC_STATIC for flags, *key in methods if tuple(key) == _MAIN
    ):
        return None
    return name.replace("/", ".")


def _constant_pool(source: _Bytes) -> tuple[dict[int, str], dict[int, int]]:
    texts: dict[int, str] = {}
    classes: dict[int, int] = {}
    count = source.u2()
    index = 1
    while index < count:
        tag = source.take(1)[0]
        if tag == _UTF8:
            texts[index] = source.take(source.u2()).decode("utf-8", "replace")
        elif tag == _CLASS:
            classes[index] = source.u2()
        elif tag in _SIZES:
            source.take(_SIZES[tag])
        else:
            raise NotAClass
        index += 2 if tag in (_LONG, _DOUBLE) else 1
    return texts, classes


def _members(source: _Bytes, texts: dict[int, str]) -> list[tuple[int, str, str]]:
    """Fields or methods as (access flags, name, descriptor)."""
    members = []
    for _ in range(source.u2()):
        flags, name, descriptor = source.u2(), source.u2(), source.u2()
        for _ in range(source.u2()):
            source.take(2)
            source.take(source.u4())
        members.append((flags, texts.get(name, ""), texts.get(descriptor, "")))
    return members
