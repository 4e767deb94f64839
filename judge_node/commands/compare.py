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

    Called as package formats call a validator, INPUT ANSWER FEEDBACKDIR/ [ARGUMENT]..., it writes judgemessage.txt into that
    folder instead of saying why on stderr.

    Example: contestbox-judge compare float_tolerance 1e-6 1.in 1.ans < output.txt
    """
    if len(words) < _FILES:
        raise click.UsageError("INPUT and ANSWER are needed; the output comes on stdin.")
    program = str(path_of(COMPARE))
    sys.stdout.flush()
    os.execv(program, [COMPARE, *ordered(words)])  # noqa: S606 - no shell is wanted


def ordered(words: tuple[str, ...]) -> list[str]:
    """The words in the comparator's order. A folder cannot be an ANSWER, so it tells which of the two calls this is."""
    if len(words) > _FILES and os.path.isdir(words[_FILES]):
        input_file, answer_file, feedback, *arguments = words
        return [input_file, answer_file, os.path.join(feedback, ""), *arguments]
    *arguments, input_file, answer_file = words
    return [input_file, answer_file, "-", *arguments]
