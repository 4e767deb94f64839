"""The command line of a judge machine: contestbox-judge. Each command is loaded only when it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Sequence

import click

from app.core.errors import Fault, Refusal

DONE, REFUSED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

_COMMANDS = {
    "run": "Judge for a contest: find the server, pair, work until stopped.",
    "verify": "Judge every submission inside a problem package and compare with what it expects.",
    "once": "Judge one submission by a problem package.",
    "complete": "Make the tests that a Polygon package names but does not hold.",
    "compare": "The default output validator.",
    "languages": "Show the languages and what this machine has for them.",
    "bench": "Measure this machine.",
    "doctor": "Tell what this machine can enforce, and what mends each lack.",
    "pair": "Pair this machine with a server.",
}


class _Commands(click.Group):
    """The commands by name; `judge_node.commands.NAME` holds each as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _COMMANDS if _exists(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS or not _exists(cmd_name):
            return None
        module = importlib.import_module(f"judge_node.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name]) for name in self.list_commands(ctx)])


def _exists(name: str) -> bool:
    return importlib.util.find_spec(f"judge_node.commands.{name}") is not None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
@click.version_option(package_name="contestbox")
def cli(debug: bool) -> None:
    """The judge machine of Contestbox, and the problem setter's tool.

    Example: contestbox-judge verify problems/crates
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits: 0 done, 1 refused or failed, 2 wrong usage. Errors are one sentence on
    stderr.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words[:1]
    try:
        code = cli.main(words, prog_name="contestbox-judge", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except click.exceptions.Exit as asked:
        sys.exit(asked.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _say("Stopped.")
        sys.exit(INTERRUPTED)
    except (Refusal, Fault) as error:
        _give_up(error.sentence, REFUSED, debug)
    except ModuleNotFoundError as missing:
        _give_up(
            f"The module {missing.name} is missing; install it with: pip install 'contestbox[judge]'",
            WRONG_USAGE,
            debug,
        )
    except BrokenPipeError:
        sys.exit(REFUSED)
    except OSError as error:
        _give_up(f"{error.filename or 'The system'}: {error.strerror or error}.", REFUSED, debug)
    except Exception as error:  # noqa: BLE001 - told with its kind, and whole with --debug
        _give_up(
            f"Something of Contestbox itself failed: {type(error).__name__}: {error}. Again with --debug for the details.",
            REFUSED,
            debug,
        )


def _give_up(sentence: str, code: int, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    _say(sentence)
    sys.exit(code)


def _say(sentence: str) -> None:
    click.echo(f"contestbox-judge: {sentence}", err=True)
