"""`contestbox demo`: the whole product on one machine, with sample problems and a dozen teams."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click
from platformdirs import user_data_path

from app.server.demo import leftovers
from app.server.demo.run import Demo, DemoOptions, end_on_signals, ready_line
from app.server.demo.seed import open_demo_folder, seed
from app.server.folder import Folder
from app.server.screen import has_screen


@click.command("demo", short_help="Runs the demo contest.")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder; by default in your user's data directory.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Web port; 0 picks free ones."
)
@click.option("--nodes", type=click.IntRange(1, 16), default=1, show_default=True, help="Judge nodes on this machine.")
@click.option("--teams", type=click.IntRange(1, 5000), default=12, show_default=True, help="Teams of a new contest.")
@click.option("--headless", is_flag=True, help="Without the console's window.")
@click.option("--lan", is_flag=True, help="Open to the whole room, not to this machine alone.")
@click.option(
    "--tls", is_flag=True, help="By https; the page /trust of the web port tells how to trust the certificate."
)
@click.option(
    "--check", is_flag=True, help="Judge every sample solution through the web in a temporary folder, compare, and end."
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON as soon as a submission would be judged.")
def command(
    data: Path | None,
    port: int,
    nodes: int,
    teams: int,
    headless: bool,
    lan: bool,
    tls: bool,
    check: bool,
    as_json: bool,
) -> None:
    """Runs the demo contest until Ctrl-C; started again, it goes on where it was.

    Example: contestbox demo --lan
    """
    os.environ[leftovers.MARK] = leftovers.new_mark()
    headless = headless or check or as_json or not has_screen()
    options = DemoOptions(port=port, nodes=nodes, headless=headless, lan=lan, tls=tls)
    if check:
        with tempfile.TemporaryDirectory(prefix="contestbox-check-") as folder:
            raise SystemExit(_check(Path(folder), DemoOptions(0, nodes, True, False), teams))
    _run(data or user_data_path("contestbox") / "demo", options, teams, as_json=as_json)


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)


def _run(data: Path, options: DemoOptions, teams: int, *, as_json: bool) -> None:
    folder = open_demo_folder(data)
    if folder.root != Folder(data).root:
        _tell(f"The contest in {data} is over and is kept; this one is in {folder.root}.")
    contest = seed(folder, teams, _tell)
    with Demo(folder, contest, options, _tell) as demo:
        end_on_signals(demo)
        running = demo.start()
        if as_json:
            click.echo(ready_line(running, demo))
        else:
            team = contest.teams[0]
            click.echo(f"The contest is running: {running.people_url}  (its data: {folder.root})")
            if running.trust_url:
                click.echo(f"Browsers trust it after {running.trust_url}")
            click.echo(f"Sign in as «{team.username}» with the password «{team.password}». Ctrl-C ends the demo.")
        if not options.headless:
            demo.start_console()
        sentence = demo.wait()
    if sentence is not None:
        raise click.ClickException(sentence)


def _check(data: Path, options: DemoOptions, teams: int) -> int:
    from app.server.demo.check import judge_all
    from app.server.demo.table import render

    folder = open_demo_folder(data)
    contest = seed(folder, teams, _tell)
    with Demo(folder, contest, options, _tell) as demo:
        end_on_signals(demo)
        running = demo.start()
        groups = leftovers.control_groups(demo.node_pids())
        rows = judge_all(running.people_url, contest, demo.slots(), _tell, demo.stopping)
    click.echo(render(rows))
    wrong = [row for row in rows if not row.ok]
    left = leftovers.processes_with(os.environ[leftovers.MARK]) + leftovers.left_of(groups)
    for line in left:
        _tell(f"Still there after the end: {line}")
    if wrong:
        _tell(f"{len(wrong)} of {len(rows)} solutions did not get what their package promises.")
    else:
        _tell(f"All {len(rows)} solutions got what their packages promise.")
    return 1 if wrong or left or not rows else 0
