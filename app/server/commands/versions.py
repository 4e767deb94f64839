"""`contestbox versions`: another version of a problem's package, tried beside the present one while the contest runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.core.errors import Refusal
from app.server.asking import ask
from app.server.commands.meant import OPTION_HELP, contests_in, meant_contest
from app.server.folder import check_contest, running_in


@click.command("versions", short_help="Tries another version of a problem's package, and switches to it.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The data folder of a running server.")
@click.option("--offer", type=click.Path(path_type=Path), help="Puts this package beside the present version.")
@click.option("--switch", is_flag=True, help="Makes the version on trial the problem's.")
@click.option("--anyway", is_flag=True, help="With --switch: also while not all submissions are compared.")
@click.option("--final-too", is_flag=True, help="With --switch: also where that changes final results.")
@click.option("--drop", is_flag=True, help="Ends the trial; nothing changes.")
@click.option("--contest", help=OPTION_HELP)
@click.argument("problem")
def command(
    data: Path,
    offer: Path | None,
    switch: bool,
    anyway: bool,
    final_too: bool,
    drop: bool,
    contest: str | None,
    problem: str,
) -> None:
    """Shows what another version of a problem (its id) would change: all its submissions are judged with it in the background.

    Teams see nothing of it before --switch, and then only verdicts that really change. Where a submission cannot be judged with the new
    version the trial stops, and no machine is held for it.

    Example: contestbox versions --data spring-regional crates --offer crates-mended.zip
    """
    if (offer is not None) + switch + drop > 1 or ((anyway or final_too) and not switch):
        raise click.UsageError(
            "Give one of --offer, --switch (with --anyway, --final-too or without) and --drop, or none."
        )
    check_contest(data)
    running = running_in(data)
    if running is None:
        raise Refusal(409, f"No server serves {data} now; start it with «contestbox serve», versions are tried by it.")
    place, meant = f"/problems/{problem}", {"contest_id": meant_contest(contests_in(data), contest)}
    if switch:
        wish = {"anyway": anyway, "final_too": final_too, **meant}
        changed = ask(running, "POST", f"{place}/switch", wish)["changed"]
        click.echo(f"{problem} has its new version; verdicts that changed: {changed}.")
    elif drop:
        ask(running, "POST", f"{place}/drop", meant)
        click.echo(f"{problem} keeps the version that it has.")
    elif offer is not None:
        _tell(ask(running, "POST", f"{place}/trial", {"path": str(offer.expanduser().absolute()), **meant}))
    else:
        _tell(ask(running, "GET", f"{place}/trial?contest_id={meant['contest_id']}"))


def _tell(trial: dict[str, Any]) -> None:
    click.echo(
        f"Version {trial['version'][:12]} is {trial['package_state']}; "
        f"{trial['judged']} of {trial['submissions']} submissions are judged with it."
    )
    if trial["stopped"]:
        click.echo(f"The trial has stopped; offer the version again to go on, or a mended one. {trial['stopped']}")
    for sentence in trial["changes"]:
        click.echo(sentence)
    for one in trial["differences"]:
        before, after = (_result(one[when], one[f"score_{when}"]) for when in ("before", "after"))
        click.echo(f"submission {one['submission_id']} (team {one['team_id'] or 'none'}): {before} becomes {after}")


def _result(verdict: str | None, score: int | None) -> str:
    return (verdict or "no verdict") + (f" with {score / 1_000_000:g} points" if score is not None else "")
