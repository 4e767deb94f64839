"""Statements in TeX by the real pandoc: what Polygon's authors write is readable, what an attacker writes is harmless."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.typeset.statement import from_pandoc
from judge_node.pipeline.converting import can_convert, convert_tex
from judge_node.sandbox.linux.box import LinuxSandbox

pytestmark = [pytest.mark.root, pytest.mark.skipif(not can_convert(), reason="pandoc is missing on this machine")]

POLYGON = r"""\begin{problem}{Plus & Minus}{standard input}{standard output}{1 second}{256 megabytes}
Say \t{yes} to \bf{both} numbers, {\it or} not; it costs 5\% --- <<as ever>>, $1 \le a << b \leqslant 10^9$.

\InputFile
Two numbers.

\OutputFile
Their sum.

\Interaction
Flush.

\Scoring
\begin{tabular}{|c|c|}\hline Group & Points \\ \hline 1 & 30 \\ \hline \end{tabular}

\Examples
\begin{example}
\exmp{11 22}{33}%
\exmpfile{example.01}{example.01.a}%
\end{example}

\Note
\includegraphics[width=5cm]{pic.png}
\end{problem}
"""
READS = r"""before \input{/etc/passwd} \include{/etc/group} \lstinputlisting{/etc/passwd} \verbatiminput{/etc/passwd}
\immediate\write18{touch /work/owned; echo owned} \openin5=/etc/passwd \read5 to\line \line
\includegraphics{/etc/passwd} \href{javascript:alert(1)}{click} <script>alert(1)</script> after"""
ENDLESS = r"\def\a{\a\a}\a after"
LAUGHS = r"\newcommand{\x}[1]{#1#1#1#1#1#1#1#1#1#1}\x{\x{\x{\x{\x{\x{\x{\x{lol}}}}}}}} after"


def converted(sandbox: LinuxSandbox, folder: Path, source: str) -> tuple[str, str]:
    """The page and the sentence where there is none, as a judge machine makes them."""
    folder.chmod(0o755)
    return convert_tex(sandbox, source.encode(), folder, threading.Event(), seconds=1.0)


def test_statements_of_polygon(sandbox: LinuxSandbox, tmp_path: Path) -> None:
    """The words of its class become headings, its samples are left to the page, its switches end with their argument."""
    page, failed = converted(sandbox, tmp_path, POLYGON)
    assert failed == ""
    shown = from_pandoc(page, lambda source: f"/pictures/{source}").html
    for heading in ("Input", "Output", "Interaction", "Scoring", "Note"):
        assert f">{heading}</h2>" in shown, heading
    assert "<code>yes</code>" in shown
    assert "<strong>both</strong> numbers" in shown
    assert "5%" in shown
    assert "«as ever»" in shown
    assert shown.count("<math") == 1
    assert 'src="/pictures/pic.png"' in shown
    assert "<td" in shown
    for left_out in ("Plus", "256", "11 22", "example.01", "\\"):
        assert left_out not in shown, left_out


def test_tex_that_reads_and_runs(sandbox: LinuxSandbox, tmp_path: Path) -> None:
    """No file of the machine is shown, no command is run, and no script reaches a browser."""
    page, failed = converted(sandbox, tmp_path, READS)
    assert failed == ""
    shown = from_pandoc(page, lambda _: None).html
    assert "before" in shown
    assert "after" in shown
    for bad in ("root:", "guest:", "nogroup", "javascript:", "<script", '/etc/passwd"', "owned;"):
        assert bad not in shown, bad


@pytest.mark.parametrize("source", [ENDLESS, LAUGHS, r"\begin{tabular}{l} never closed"])
def test_tex_that_never_ends(sandbox: LinuxSandbox, tmp_path: Path, source: str) -> None:
    """Loops and billion laughs end by a limit or pandoc's own rule; the sentence goes to the jury, the original stays."""
    page, failed = converted(sandbox, tmp_path, source)
    assert page == ""
    assert failed.startswith("The statement could not be converted: ")
