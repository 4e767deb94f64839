"""contestbox-judge languages: which languages there are, and what this machine has for them."""

from __future__ import annotations

import json

import click

from app.languages.loader import load_languages
from judge_node.toolchains.find import probe


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> None:
    """Show the languages and what this machine has for them.

    Example: contestbox-judge languages
    """
    for language in load_languages().values():
        toolchain = probe(language)
        if as_json:
            facts = {
                "id": language.id,
                "name": language.name,
                "extensions": list(language.extensions),
                "available": not toolchain.missing,
                "version": toolchain.version,
                "fingerprint": toolchain.fingerprint,
                "message": toolchain.missing,
            }
            click.echo(json.dumps(facts, ensure_ascii=False))
        else:
            click.echo(f"{language.id:10} {language.name:20} {toolchain.version or toolchain.missing}")
