"""Judgement types by their CLICS ids."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a run or a judgement ended as. JE is never shown to a team as theirs."""

    AC = "AC"
    WA = "WA"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"
    RTE = "RTE"
    CE = "CE"
    NO = "NO"
    JE = "JE"


_ADMITS = {
    Verdict.RTE: frozenset({Verdict.RTE, Verdict.MLE, Verdict.OLE}),
    Verdict.WA: frozenset({Verdict.WA, Verdict.NO, Verdict.OLE}),
}
_FINE = frozenset({Verdict.MLE, Verdict.OLE, Verdict.NO})


def agrees(verdict: Verdict, expected: frozenset[Verdict], named_by_package: frozenset[Verdict]) -> bool:
    """Whether a jury solution did what its package promises (DESIGN 6, agreement in `verify`).

    `expected` is the set that this solution may end as; `named_by_package` all verdicts that the package names
    anywhere: a package that names MLE, OLE or NO is matched exactly.
    """
    if verdict in expected:
        return True
    if named_by_package & _FINE:
        return False
    return any(verdict in _ADMITS.get(one, ()) for one in expected)
