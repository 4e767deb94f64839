"""What problem.yaml says, in the 2025-09 format, its drafts, and the legacy format (PROBLEM_FORMATS 1.2 and 2.2)."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from app.core.errors import Refusal
from app.package.findings import Findings
from app.package.manifest import MEBIBYTE, PackageLimits
from app.package.yamlfile import YamlFile

LEGACY_VERSIONS = ("legacy", "legacy-icpc")
NEW_VERSIONS = ("2025-09", "2023-07", "2023-07-draft", "draft")
_KINDS = ("pass-fail", "scoring", "interactive", "multi-pass", "submit-answer")
_CONSTANT = re.compile(r"\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}")

# key under `limits`: (field of PackageLimits, factor from the file's unit, smallest value in that unit)
_LIMIT_KEYS: Mapping[str, tuple[str, float, float]] = {
    "time_limit": ("cpu_seconds", 1, 0.001),
    "time_resolution": ("time_resolution", 1, 0.001),
    "time_multiplier": ("ac_to_time_limit", 1, 1),
    "time_safety_margin": ("time_limit_to_tle", 1, 1),
    "memory": ("memory_bytes", MEBIBYTE, 1),
    "output": ("output_bytes", MEBIBYTE, 0.001),
    "code": ("source_bytes", 1024, 1),
    "compilation_time": ("compile_seconds", 1, 0.1),
    "compilation_memory": ("compile_memory_bytes", MEBIBYTE, 1),
    "validation_time": ("validation_seconds", 1, 0.1),
    "validation_memory": ("validation_memory_bytes", MEBIBYTE, 1),
    "validation_output": ("validation_output_bytes", MEBIBYTE, 0.001),
    "validation_passes": ("validation_passes", 1, 2),
}
_LARGEST = 1e6
_MOST_POINTS = 1e9
_LONGEST_NUMBER = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """problem.yaml as values; `legacy` tells which rules its other files follow, `titles` may be empty."""

    format_version: str
    legacy: bool
    titles: Mapping[str, str]
    uuid: str
    limits: PackageLimits
    custom_validator: bool
    validator_arguments: tuple[str, ...]
    kinds: frozenset[str] = frozenset({"pass-fail"})
    languages: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)


def read_settings(yaml: YamlFile, findings: Findings) -> Settings:
    """The settings; what cannot be used goes to `findings` with its line."""
    version = str(yaml.data.get("problem_format_version", "legacy"))
    if version not in (*LEGACY_VERSIONS, *NEW_VERSIONS):
        findings.error(yaml.name, yaml.line("problem_format_version"), f"the format version {version!r} is unknown.")
    legacy = version in LEGACY_VERSIONS
    kinds = _kinds(yaml, findings)
    return Settings(
        format_version=version,
        legacy=legacy,
        titles=_titles(yaml, findings),
        uuid=str(yaml.data.get("uuid") or ""),
        limits=_limits(yaml, legacy, findings),
        custom_validator=bool(kinds & {"custom", "interactive", "multi-pass"}),
        kinds=kinds,
        validator_arguments=_validator_arguments(yaml),
        languages=_languages(yaml.data.get("languages")),
        constants=_constants(yaml, findings),
    )


def _validator_arguments(yaml: YamlFile) -> tuple[str, ...]:
    """Under the key of the formats, else under one of those that real packages write for it."""
    keys = ("validator_flags", "output_validator_flags", "validator_args")
    return flags(next((yaml.data[key] for key in keys if yaml.data.get(key) is not None), None))


def flags(value: object) -> tuple[str, ...]:
    """Arguments from a list of words, or from one string split at blanks (quotes are kept together)."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(word) for word in value)
    try:
        return tuple(shlex.split(str(value)))
    except ValueError:
        return tuple(str(value).split())


def substitute_constants(text: str, constants: Mapping[str, str]) -> str:
    """Replaces `{{name}}` by the constant's value; unknown names are left alone (PROBLEM_FORMATS 2.3)."""
    return _CONSTANT.sub(lambda match: constants.get(match.group(1), match.group(0)), text)


def _kinds(yaml: YamlFile, findings: Findings) -> frozenset[str]:
    """What sort of problem it is: words of `type`, and what legacy's `validation` says.

    Real packages write the type as a list, or as one text with blanks, in either format, and keep `validation` in drafts of
    the newer one.
    """
    value = yaml.data.get("type", "pass-fail")
    kinds = {str(word) for word in value} if isinstance(value, list) else set(str(value).replace(",", " ").split())
    validation = _validation_words(yaml.data.get("validation", "default"))
    kinds |= {word for word in validation if word in ("interactive", "multi-pass")}
    if "score" in validation:
        kinds |= {"scoring", "custom score"}
    if "custom" in validation:
        kinds.add("custom")
    line = yaml.line("type") or yaml.line("validation")
    for kind in sorted(kinds - {*_KINDS, "custom", "custom score"}):
        findings.error(yaml.name, line, f"the type {kind!r} is unknown.")
    return frozenset(kinds)


def _validation_words(value: object) -> list[str]:
    """Legacy's words; early drafts of 2025-09 have a map of yes and no instead."""
    if not isinstance(value, Mapping):
        return str(value).split()
    words = {"interactive": "interactive", "multipass": "multi-pass", "multi-pass": "multi-pass", "scoring": "score"}
    return ["custom", *(words.get(str(key), str(key)) for key, wanted in value.items() if wanted)]


def _titles(yaml: YamlFile, findings: Findings) -> dict[str, str]:
    name = yaml.data.get("name")
    if name is None:
        return {}
    if isinstance(name, dict):
        return {str(language): str(title).strip() for language, title in name.items() if title}
    if isinstance(name, list):
        findings.error(yaml.name, yaml.line("name"), "name must be a text, or a text for each language.")
        return {}
    return {"en": str(name).strip()}


def _limits(yaml: YamlFile, legacy: bool, findings: Findings) -> PackageLimits:
    limits = PackageLimits(ac_to_time_limit=5.0, time_limit_to_tle=2.0) if legacy else PackageLimits()
    section = yaml.section("limits", findings)
    multipliers = section.get("time_multipliers")
    if isinstance(section.get("time_multiplier"), Mapping):  # so early drafts call it
        multipliers = section["time_multiplier"]
        section = {key: value for key, value in section.items() if key != "time_multiplier"}
    entries = [(key, section[key], _LIMIT_KEYS[key]) for key in _LIMIT_KEYS if section.get(key) is not None]
    if isinstance(multipliers, Mapping):
        for key in ("ac_to_time_limit", "time_limit_to_tle"):
            if multipliers.get(key) is not None:
                entries.append((key, multipliers[key], (key, 1, 1)))
    for key, value, (name, factor, least) in entries:
        number = read_number(value)
        if number is None or not least <= number <= _LARGEST:
            line = yaml.line("limits", key) or yaml.line("limits", "time_multipliers", key)
            findings.error(yaml.name, line, f"{key} must be a number of at least {least:g}, not {value!r}.")
            continue
        amount: Any = round(number * factor) if name.endswith(("_bytes", "_passes")) else number * factor
        limits = replace(limits, **{name: amount})
    return replace(limits, cpu_seconds_known=section.get("time_limit") is not None)


def read_points(value: object, where: str) -> Fraction:
    """Points of a foreign format: a number from 0 to a thousand million. Refusal(422) beginning with `where` for anything else.

    Never the Fraction of a text: that of "1e-999999999" has a thousand million digits.
    """
    number = read_number(value)
    if number is None or not 0 <= number <= _MOST_POINTS:
        raise Refusal(422, f"{where}: {str(value)[:_LONGEST_NUMBER]!r} is no number of points.")
    return Fraction(str(number))


def read_number(value: object) -> float | None:
    """A finite number from a YAML scalar or a short text; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _languages(value: object) -> tuple[str, ...]:
    if value is None or value == "all":
        return ()
    return tuple(str(word) for word in value) if isinstance(value, list) else tuple(str(value).split())


def _constants(yaml: YamlFile, findings: Findings) -> dict[str, str]:
    constants: dict[str, str] = {}
    for name, value in yaml.section("constants", findings).items():
        if not isinstance(value, dict):
            constants[name] = _written(value)
            continue
        for variant, inner in value.items():
            constants[name if variant == "value" else f"{name}.{variant}"] = _written(inner)
    return constants


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
