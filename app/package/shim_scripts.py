"""Shell scripts that stand between our protocol of validators and CMS checkers that are not C++."""

from __future__ import annotations

_BUILD = """#!/bin/sh
gcc -O2 -o contestbox_checker *.c -lm
"""
_RUN = r"""#!/bin/sh
# A checker of CMS's: INPUT ANSWER OUTPUT, a number on stdout, what it says on stderr is for the jury.
work=${TMPDIR:-/tmp}
cat > "$work/contestbox_output" || exit 1
@COMMAND@ "$1" "$2" "$work/contestbox_output" > "$work/contestbox_score" 2> "$3judgemessage.txt" || exit 1
read -r score rest < "$work/contestbox_score" || [ -n "$score" ] || exit 1
exec awk -v score="$score" -v folder="$3" 'BEGIN {
    if (score !~ /^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$/) exit 1
    value = score + 0
    if (@RAW@) {
        if (value < 0) exit 43
        printf "%.9f\n", value > (folder "score.txt")
    } else {
        if (value < 0 || value > 1) exit 1
        if (value == 0) exit 43
        printf "%.9f\n", value > (folder "score_multiplier.txt")
    }
    exit 42
}'
"""


def cms_checker_build() -> str:
    """How a checker in C is compiled."""
    return _BUILD


def cms_checker_run(command: str, *, raw: bool) -> str:
    """How it is called; with `raw` any number that is not negative is one."""
    return _RUN.replace("@COMMAND@", command).replace("@RAW@", str(int(raw)))
