"""Converts a TeX statement to HTML by Debian's pandoc, inside the sandbox: foreign TeX can read files and never end.

The prelude defines what statements of problem packages use beside plain LaTeX (PROBLEM_FORMATS 11), so that pandoc leaves it
out or shows it well. Formulas come out as TeX between marks; the server makes them MathML by its own rules and cleans the
rest, since nothing that comes out of here is trusted.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.job import MEBIBYTE
from judge_node.sandbox.interface import Command, Sandbox, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds
from judge_node.toolchains.find import find_program

PROGRAM = "pandoc"
_SECONDS = 20.0
_MEMORY_BYTES = 1024 * MEBIBYTE
_PAGE_BYTES = 400_000
_PROCESSES = 64
_COMMENT_NAME = re.compile(r"%%\s*plainproblemname:.*")
_SWITCHES = re.compile(r"\\(bf|it|tt|t)\s*\{")
"""Switches of old, with the argument that Polygon's authors give them."""
_GUILLEMETS = re.compile(r"<<([^<>$\\\n]{1,200})>>")
_PRELUDE = r"""
\newcommand{\problemname}[1]{}
\newcommand{\problemtitle}[1]{}
\newcommand{\illustration}[3]{\begin{figure}\includegraphics{#2}\caption{#3}\end{figure}}
\newcommand{\nextsample}{}
\newcommand{\remainingsamples}{}
\newcommand{\constant}[1]{#1}
\newcommand{\sampleinput}{}
\newcommand{\limitsname}{Limits}
\newenvironment{Input}{\section*{Input}}{}
\newenvironment{Output}{\section*{Output}}{}
\newenvironment{Interaction}{\section*{Interaction}}{}
\newcommand{\texttrademark}{(TM)}
\newenvironment{problem}[5]{}{}
\newenvironment{example}{}{}
\newcommand{\exmp}[2]{}
\newcommand{\exmpfile}[2]{}
\newcommand{\InputFile}{\section*{Input}}
\newcommand{\OutputFile}{\section*{Output}}
\newcommand{\Scoring}{\section*{Scoring}}
\newcommand{\Note}{\section*{Note}}
\newcommand{\Explanation}{\section*{Explanation}}
\newcommand{\Explanations}{\section*{Explanation}}
\newcommand{\Example}{}
\newcommand{\Examples}{}
"""


def can_convert() -> bool:
    """Whether this machine has the converter."""
    return find_program(PROGRAM) is not None


def convert_tex(
    sandbox: Sandbox, source: bytes, folder: Path, stop: threading.Event, seconds: float = _SECONDS
) -> tuple[str, str]:
    """The page that pandoc makes of the source, and a sentence where it could not ("" else). `folder` takes its files; `seconds` are
    of CPU time.

    Raises Fault where the sandbox failed.
    """
    program = find_program(PROGRAM)
    if program is None:
        return "", "This judge machine has no pandoc; the statement stays as its authors wrote it."
    text = folder / "statement.tex"
    text.write_text(_PRELUDE + _plain(source.decode("utf-8", "replace")), encoding="utf-8")
    page = folder / "statement.html"
    container = sandbox.container(View(profile="compiler"), memory_bytes=_MEMORY_BYTES, processes=_PROCESSES)
    try:
        argv = (
            program,
            "--sandbox",
            "-f",
            "latex",
            "-t",
            "html",
            "--mathjax",
            "--wrap=none",
            "--shift-heading-level-by=1",
        )
        outcome = container.run(Command(argv, ENVIRONMENT), _limits(seconds), stdin=text, stdout=page, stop=stop)
    finally:
        container.close()
    if outcome.limit is not None:
        return "", f"The statement could not be converted: pandoc was stopped by its {outcome.limit.value} limit."
    if outcome.exit_code != 0:
        said = outcome.stderr_head.decode("utf-8", "replace").strip().replace("\0", "")[:400]
        return "", f"The statement could not be converted: {said or 'pandoc ended badly.'}"
    found = page.read_text(encoding="utf-8", errors="replace").replace("\0", "\ufffd")
    if len(found) > _PAGE_BYTES:
        return "", f"The statement could not be converted: it is longer than {_PAGE_BYTES} characters."
    return found, ""


def _plain(body: str) -> str:
    """The source in words that pandoc takes as their authors meant them."""
    body = _SWITCHES.sub(
        lambda one: f"\\text{one.group(1) if len(one.group(1)) > 1 else 'tt'}{{", _COMMENT_NAME.sub("", body)
    )
    return _GUILLEMETS.sub(r"«\1»", body) if r"\begin{problem}" in body else body


def _limits(seconds: float) -> RunLimits:
    return RunLimits(
        cpu_seconds=seconds,
        wall_seconds=wall_limit_seconds(seconds),
        memory_bytes=_MEMORY_BYTES,
        output_bytes=4 * _PAGE_BYTES,
        file_bytes=4 * _PAGE_BYTES,
        processes=_PROCESSES,
    )
