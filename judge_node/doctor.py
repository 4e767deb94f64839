"""What this machine can enforce and judge, with the single command that mends each lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.languages.definition import Language
from judge_node.called import by_root
from judge_node.sandbox.facts import Fact, State, can_judge
from judge_node.toolchains.find import Toolchain

_DEBIAN_PACKAGES = {"c": "gcc", "cpp": "g++", "java": "default-jdk-headless", "python3": "python3"}
_MARKS = {State.OK: "ok", State.WEAK: "weak", State.MISSING: "MISSING"}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The whole screen. `able`: submissions in at least one language can be judged here."""

    facts: Sequence[Fact]
    languages: Sequence[Fact]

    @property
    def able(self) -> bool:
        """Whether nothing that is needed is missing, and a language is there."""
        return can_judge(list(self.facts)) and any(one.state is State.OK for one in self.languages)


def diagnose(
    facts: Sequence[Fact], languages: Mapping[str, Language], toolchains: Mapping[str, Toolchain]
) -> Diagnosis:
    """The facts of the sandbox, and one for each language."""
    return Diagnosis(facts, [_language(one, toolchains[name]) for name, one in languages.items()])


def as_document(diagnosis: Diagnosis) -> dict[str, Any]:
    """The same for programs."""
    return {
        "able": diagnosis.able,
        "facts": [_document(one) for one in diagnosis.facts],
        "languages": [_document(one) for one in diagnosis.languages],
    }


def as_screen(diagnosis: Diagnosis) -> str:
    """The same for people: one line a fact, the command that mends it below."""
    everything = [*diagnosis.facts, *diagnosis.languages]
    width = max(len(one.facility) for one in everything)
    lines = []
    for title, part in (("This machine", diagnosis.facts), ("Languages", diagnosis.languages)):
        lines.append(title)
        for one in part:
            lines.append(f"  {_MARKS[one.state]:8} {one.facility:{width}}  {one.consequence}")
            if one.command and one.state is not State.OK:
                lines.append(f"  {'':8} {'':{width}}  mend it: {one.command}")
        lines.append("")
    lacks = sum(1 for one in everything if one.state is State.MISSING)
    weak = sum(1 for one in everything if one.state is State.WEAK)
    lines.append(
        f"This machine can judge ({weak} weak, {lacks} missing)."
        if diagnosis.able
        else f"This machine cannot judge yet: {lacks} missing."
    )
    return "\n".join(lines)


def _language(language: Language, toolchain: Toolchain) -> Fact:
    if toolchain.missing:
        package = _DEBIAN_PACKAGES.get(language.id)
        command = by_root(f"apt-get install {package}") if package else ""
        return Fact(language.name, State.MISSING, f"not judged here: {toolchain.missing}", command)
    return Fact(language.name, State.OK, toolchain.version)


def _document(fact: Fact) -> dict[str, str]:
    return {
        "facility": fact.facility,
        "state": fact.state.value,
        "consequence": fact.consequence,
        "command": fact.command,
    }
