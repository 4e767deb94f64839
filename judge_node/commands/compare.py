"""contestbox-judge compare: the default output validator from the command line."""

from __future__ import annotations

import os
import sys

import click

from judge_node.sandbox.core.binary import COMPARE, path_of

_FILES = 2


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT]... INPUT ANSWER")
def command(words: tuple[str, ...]) -> None:
    """Compare an output (on stdin) with the jury's answer: exit 42 accepted, 43 rejected, else the call was wrong.

    Arguments: case_sensitive, space_change_sensitive, float_tolerance E, float_absolute_tolerance E,
    float_relative_tolerance E.

    Example: contestbox-judge compare float_tolerance 1e-6 1.in 1.ans < output.txt
    """
    if len(words) < _FILES:
        raise click.UsageError("INPUT and ANSWER are needed; the output comes on stdin.")
    *arguments, input_file, answer_file = words
    program = str(path_of(COMPARE))
    sys.stdout.flush()
    os.execv(program, [COMPARE, input_file, answer_file, "-", *arguments])  # noqa: S606 - no shell is wanted
