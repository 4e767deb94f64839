"""`contestbox doctor`: can this machine serve a contest, and what mends what it lacks?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from platformdirs import user_data_path

from app.server.doctor import able, as_screen, diagnose
from app.server.settings import load


@click.command("doctor", short_help="Tells what this machine can do as a contest server.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="The contest's folder; by default in your data directory."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the screen.")
def command(data: Path | None, as_json: bool) -> None:
    """Looks at disk, ports, network, clock and limits, and names what mends each lack. Exit 1 where no contest can be served.

    Example: contestbox doctor --data spring-regional
    """
    data = data or user_data_path("contestbox") / "contest"
    findings = diagnose(data, load(data / "config.toml", {}))
    if as_json:
        click.echo(
            json.dumps({"able": able(findings), "findings": [asdict(one) for one in findings]}, ensure_ascii=False)
        )
    else:
        click.echo(as_screen(findings))
    raise SystemExit(0 if able(findings) else 1)
