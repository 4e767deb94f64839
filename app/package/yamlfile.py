"""Reads the YAML files of packages: bounded, tolerant of the slips that real packages have, and able to name lines.

Tolerated, each with a warning: tabs for indentation, and an unquoted value that contains a colon (`name: A: B`).
Merge keys (`<<`) are refused, since a few lines of them can expand without end; so are aliases that do, and numbers that nobody
could print: whatever is read here can be shown in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from app.core.errors import Refusal
from app.package.findings import Findings, place

_LIMIT = 1 << 20
_COLON_IN_VALUE = re.compile(r"^(\s*[\w-]+:[ \t]+)([^\s'\"\[{>|#&*!].*:(?:\s.*|))$")
_DEEPEST_LINES = 4
_MOST_EXPANDED = 4 * _LIMIT
_LONGEST_NUMBER = 100


class _Loader(yaml.SafeLoader):
    """SafeLoader without merge keys and endless numbers."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, "merge keys (<<) are not allowed", key.start_mark)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """An integer, of whatever base."""
        if len(str(node.value)) > _LONGEST_NUMBER:
            raise yaml.constructor.ConstructorError(None, None, "this number is too long", node.start_mark)
        return int(super().construct_yaml_int(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file whose top is a mapping; `lines` gives the line of each key by its path of keys."""

    name: str
    data: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    def line(self, *path: str) -> int | None:
        """The line of a key, or of the nearest key around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def section(self, key: str, findings: Findings) -> Mapping[str, Any]:
        """The mapping under a key; empty where there is none, an error where it is something else."""
        value = self.data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            findings.error(self.name, self.line(key), f"{key} must be a mapping.")
            return {}
        return {str(name): inner for name, inner in value.items()}


def parse_yaml(text: str, name: str, findings: Findings) -> YamlFile:
    """The file's content. Refusal(422) naming file and line where it is not YAML, or not a mapping at the top."""
    if len(text) > _LIMIT:
        raise Refusal(422, f"{name}: the file is larger than {_LIMIT >> 20} MiB.")
    try:
        return _parse(text, name)
    except yaml.YAMLError as wrong:
        mended = _mend(text)
        if mended == text:
            raise _refusal(name, wrong) from None
        try:
            parsed = _parse(mended, name)
        except yaml.YAMLError:
            raise _refusal(name, wrong) from None
        findings.warn(name, _line_of(wrong), "this is not quite YAML; it was read with quotes and blanks put in.")
        return parsed


def _parse(text: str, name: str) -> YamlFile:
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is not None and _expanded(node, {}) > _MOST_EXPANDED:
                raise Refusal(422, f"{name}: its aliases expand to more than {_MOST_EXPANDED >> 20} MiB.")
            lines: dict[tuple[str, ...], int] = {}
            _collect_lines(node, (), lines, set())
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except RecursionError:
        raise Refusal(422, f"{name}: the values are nested too deeply.") from None
    except (ValueError, OverflowError, TypeError, AttributeError, LookupError) as wrong:
        # The constructors of explicit tags (!!bool, !!timestamp) fail in all these ways.
        raise Refusal(422, f"{name}: a value cannot be read: {wrong}.") from None
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise Refusal(422, f"{place(name, 1)}: the file must hold `key: value` lines.")
    return YamlFile(name, {str(key): value for key, value in data.items()}, lines)


def _expanded(node: yaml.Node, known: dict[yaml.Node, int]) -> int:
    """How long the value would be if every alias were written out. One that contains itself is longer than anything."""
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 1
    if node not in known:
        known[node] = _MOST_EXPANDED + 1  # while it is looked at
        parts = [one for pair in node.value for one in pair] if isinstance(node, yaml.MappingNode) else node.value
        known[node] = 1 + sum(_expanded(one, known) for one in parts)
    return known[node]


def _collect_lines(
    node: yaml.Node | None, path: tuple[str, ...], lines: dict[tuple[str, ...], int], seen: set[Hashable]
) -> None:
    if not isinstance(node, yaml.MappingNode) or id(node) in seen or len(path) >= _DEEPEST_LINES:
        return
    seen.add(id(node))
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            here = (*path, str(key.value))
            lines[here] = key.start_mark.line + 1
            _collect_lines(value, here, lines, seen)


def _mend(text: str) -> str:
    mended = []
    for written in text.expandtabs(2).splitlines():
        match = _COLON_IN_VALUE.match(written)
        if match:
            value = match.group(2).replace("\\", "\\\\").replace('"', '\\"')
            mended.append(f'{match.group(1)}"{value}"')
        else:
            mended.append(written)
    return "\n".join(mended) + "\n"


def _line_of(wrong: yaml.YAMLError) -> int | None:
    mark = getattr(wrong, "problem_mark", None)
    if str(getattr(wrong, "context", "")).startswith(("while scanning a simple key", "while parsing a flow")):
        # The parser notices these at the end; people look for where they begin.
        mark = getattr(wrong, "context_mark", None) or mark
    return None if mark is None else int(mark.line) + 1


def _refusal(name: str, wrong: yaml.YAMLError) -> Refusal:
    what = getattr(wrong, "problem", None) or getattr(wrong, "reason", None) or "not valid YAML"
    return Refusal(422, f"{place(name, _line_of(wrong))}: {what}.")
