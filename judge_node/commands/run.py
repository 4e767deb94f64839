"""contestbox-judge run: the judge node itself."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from app.core.errors import Refusal
from judge_node.settings import NodeSettings, make_settings


def node_settings(
    *, server: str, expect: str, data: Path | None, slots: int | None, share: int, name: str
) -> NodeSettings:
    """The settings of a command line; wrong words end with exit code 2."""
    try:
        return make_settings(data=data, server=server, expect=expect, slots=slots, share=share, name=name)
    except Refusal as refusal:
        raise click.UsageError(refusal.sentence) from None


def start_log(verbose: bool) -> None:
    """Log lines on stderr, one a line."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx2", "httpcore2", "zeroconf"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


@click.command()
@click.option(
    "--server", default="", metavar="URL", help="The server's node port, https://host:port; else it is looked for."
)
@click.option("--expect", default="", metavar="ID", help="Take no server but the one with this id.")
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Where pairing and test data are kept.")
@click.option("--slots", type=click.IntRange(1, 1024), metavar="N", help="How many submissions to judge at once.")
@click.option("--share", type=click.IntRange(1, 1024), default=1, metavar="N", help="This machine hosts N nodes.")
@click.option("--name", default="", metavar="NAME", help="How the organiser sees this machine; else its host name.")
@click.option("--verbose", is_flag=True, help="Say more on stderr.")
def command(
    server: str, expect: str, data: Path | None, slots: int | None, share: int, name: str, verbose: bool
) -> None:
    """Judge for a contest: find the server, pair, work until stopped.

    Without root it judges in a weaker sandbox, says so, and gets no work before the organiser has resumed it.
    Shows eight letters that the organiser compares before this machine may judge. Ctrl-C or SIGTERM stops it cleanly.

    Example: contestbox-judge run
    """
    settings = node_settings(server=server, expect=expect, data=data, slots=slots, share=share, name=name)
    start_log(verbose)
    from judge_node.agent import run_node
    from judge_node.sandbox.linux import rootless

    rootless.enter()
    for sentence in rootless.weaker():
        logging.getLogger("contestbox.judge").warning("without root: %s", sentence)
    # Lines of stdout are read by programs: one a line, at once.
    run_node(settings, click.echo)
