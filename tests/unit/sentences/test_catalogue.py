"""Every sentence that a service refuses with stands in the German catalogue; a new one without it fails here.

To add one: `pybabel extract -F app/sentences/translations/babel.cfg -o app/sentences/translations/sentences.pot .`, then
`pybabel update` and `compile` with the domain `sentences`.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from app.sentences.extract import sentences_of

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("app/services", "app/core", "app/adapters", "app/languages", "app/lan", "web")
OF_MACHINES = {"web/gate/nodes.py"}
"""What only judge machines read."""
CATALOGUES = sorted((ROOT / "app/sentences/translations").glob("*/LC_MESSAGES/sentences.po"))


def sentences() -> dict[str, str]:
    """Each sentence and where it is said."""
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name not in OF_MACHINES:
                told = path.stem == "log_sentences"
                for line, sentence in sentences_of(path.read_text(encoding="utf-8"), returns=told):
                    found.setdefault(sentence, f"{name}:{line}")
    return found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_sentence_is_translated(path: Path) -> None:
    """No refusal is left in English, each keeps its values, and the compiled file is that of the text."""
    with path.open("rb") as file:
        catalogue = {str(one.id): str(one.string) for one in read_po(file, locale=path.parts[-3]) if one.id}
    missing = {text: where for text, where in sentences().items() if not catalogue.get(text)}
    assert not missing, f"not in {path}: {missing}"
    for text, said in catalogue.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", said)), text
    compiled = read_mo(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert {str(one.id): str(one.string) for one in compiled if one.id} == catalogue


def test_template_holds_every_sentence() -> None:
    """A translator into another language starts from a template that lacks nothing."""
    with (ROOT / "app/sentences/translations/sentences.pot").open("rb") as file:
        assert {str(one.id) for one in read_po(file)} >= set(sentences())


def test_sentences_are_found_as_they_are_said() -> None:
    """Texts, values, choices inside of a sentence, names set before, tables of refusals: all are found."""
    found = {sentence for _, sentence in sentences_of(SOURCE)}
    assert found == {
        "There is no such thing.",
        "{name} has {count} things.",
        "{team} is away",
        "{team} is here",
        "Come back in {wait} s.",
        "Sign in first.",
        "This is closed.",
    }


SOURCE = """
_CLOSED = {1: (401, "Sign in first."), 2: (403, "This is closed.")}

def check(name, items, wait, team, here):
    if not items:
        raise Refusal(404, "There is no such thing.")
    if len(items) > 3:
        raise Refusal(422, f"{name!r} has {count:,} things.")
    later = f"Come back in {wait} s."
    if wait:
        raise Refusal(429, later)
    yield DeskItem(key="a b", title=f"{team} is {'here' if here else 'away'}")
    raise Refusal(*_CLOSED[name])

def passed_on(error):
    raise Refusal(422, error.sentence)
"""
