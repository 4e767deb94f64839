"""The grader of a legacy package's own: a program in graders/ that gives a group its verdict and score (PROBLEM_FORMATS 5.1)."""

from __future__ import annotations

from app.core.scoring.groups import Grading
from app.core.scoring.legacy_groups import LegacyGrading
from app.package.findings import Findings
from app.package.manifest import Program
from app.package.tree import Tree

_FOLDER = "graders"


def read_grader(tree: Tree, grading: Grading | None, findings: Findings) -> Program | None:
    """The program; None where no group asks for one. What cannot be used goes to `findings`."""
    wanted = isinstance(grading, LegacyGrading) and grading.custom
    entries = tree.children(_FOLDER)
    if not wanted:
        if entries:
            findings.warn(_FOLDER, None, "there is a grader, but no test group says `grading: custom`; not used.")
        return None
    if len(entries) != 1:
        findings.error(_FOLDER, None, f"one grader is needed, not {len(entries)}.")
        return None
    name, below = next(iter(entries.items()))
    if below == ("",):
        return Program(f"{_FOLDER}/{name}", tree.named(_FOLDER, (name,)))
    return Program(f"{_FOLDER}/{name}", tree.named(f"{_FOLDER}/{name}", below))
