"""contestbox-judge doctor: can this machine judge, and what mends what it lacks?"""

from __future__ import annotations

import json
import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the screen.")
def command(as_json: bool) -> None:
    """Tell what this machine can enforce, and the command that mends each lack. Exit 1 where it cannot judge.

    Example: sudo contestbox-judge doctor
    """
    from app.languages.loader import load_languages
    from judge_node.doctor import as_document, as_screen, diagnose
    from judge_node.sandbox.facts import facts
    from judge_node.toolchains.find import probe_all

    languages = load_languages()
    diagnosis = diagnose(facts(), languages, probe_all(languages.values()))
    click.echo(json.dumps(as_document(diagnosis), ensure_ascii=False) if as_json else as_screen(diagnosis))
    sys.exit(0 if diagnosis.able else 1)
