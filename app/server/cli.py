"""`contestbox`: the organiser's commands. Each lives in `app.server.commands` and is imported when it is called.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or a part that isn't installed. Errors are one sentence; a traceback only
with --debug.
"""

from __future__ import annotations

import importlib
import sys

import click

from app.core.errors import Fault, Refusal

_COMMANDS = {
    "demo": "Runs the demo contest: server, judge nodes, sample problems, teams.",
    "serve": "Runs the contest server of one data folder.",
    "new": "Makes a contest in a new folder: organiser, jury, teams, times.",
    "console": "Opens the organiser's console.",
    "import": "Imports a problem package into a contest.",
    "versions": "Tries another version of a problem's package, and switches to it.",
    "export": "Writes a problem back as a 2025-09 package.",
    "backup": "Writes a checked copy of a contest's data.",
    "restore": "Gives a contest's data back from a backup.",
    "verify-log": "Checks the event log, and that results are what it says.",
    "bench": "Measures what this machine carries: submissions, waits, reads, the board.",
    "doctor": "Tells what this machine can do as a contest server.",
}
_EXTRA_OF = {"console": "console"}


class _Lazy(click.Group):
    """Lists all commands, imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_") + ("_" if cmd_name == "import" else "")
        try:
            module = importlib.import_module(f"app.server.commands.{name}")
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] in ("app", "web", "judge_node"):
                raise
            extra = _EXTRA_OF.get(cmd_name, "server")
            raise click.UsageError(
                f"«{cmd_name}» needs {error.name}, which is not installed here: pip install 'contestbox[{extra}]'."
            ) from error
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(package_name="contestbox")
def contestbox(debug: bool) -> None:
    """Contestbox: a programming contest in one room, from one laptop.

    Example: contestbox demo
    """


def main() -> None:
    """Entry point of the command."""
    debug = "--debug" in sys.argv[1:2]
    try:
        sys.exit(contestbox.main(prog_name="contestbox", standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        click.echo(_sentence(error), err=True)
        sys.exit(1)


def _sentence(error: Exception) -> str:
    if isinstance(error, Refusal | Fault):
        return error.sentence
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename} cannot be used" if error.filename else "The system refuses"
        return f"{place}: {error.strerror}."
    return (
        f"Something of Contestbox itself failed: {type(error).__name__}: {error}. Again with --debug for the details."
    )
