"""contestbox-judge doctor: can this machine judge, and what mends what it lacks?"""

from __future__ import annotations

import json
import sys
from contextlib import suppress

import click

from app.core.errors import Fault


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the screen.")
@click.option("--explain", is_flag=True, help="Also the table: which layer stops which attack on this kernel.")
def command(as_json: bool, explain: bool) -> None:
    """Tell what this machine can enforce, and the command that mends each lack. Exit 1 where it cannot judge.

    Without root it tells what a judge without root cannot promise.

    Example: sudo contestbox-judge doctor
    """
    from app.languages.loader import load_languages
    from judge_node.doctor import as_document, as_screen, diagnose
    from judge_node.sandbox import audit
    from judge_node.sandbox.facts import facts
    from judge_node.sandbox.linux import rootless
    from judge_node.toolchains.find import probe_all

    with suppress(Fault):  # told below, with the other facts
        rootless.enter()
    languages = load_languages()
    diagnosis = diagnose(facts(), languages, probe_all(languages.values()))
    if as_json:
        document = as_document(diagnosis)
        if explain:
            document["explain"] = audit.as_document(audit.seen())
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo(as_screen(diagnosis))
        if explain:
            click.echo("\n" + audit.as_screen(audit.seen()))
    sys.exit(0 if diagnosis.able else 1)
