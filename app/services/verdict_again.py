"""A judgement that was made beside the one that counts takes its place: both stay, and the log says so."""

from __future__ import annotations

from dataclasses import replace

from app.core.clock import Instant
from app.core.events import Kind
from app.core.judgement import Judgement
from app.core.scoring.groups import group_documents
from app.ports.store import Transaction
from app.services.gradings import Gradings
from app.services.taking import judgement_data, verdict_data


def count_instead(tx: Transaction, old: Judgement, new: Judgement, at: Instant) -> None:
    """`new`, which is done, counts from now on in place of `old`."""
    aside, counts = replace(old, valid=False), replace(new, valid=True)
    for one in (aside, counts):
        tx.put_judgement(one)
        tx.append_event(one.contest_id, Kind.JUDGEMENT, at, judgement_data(one))
    tx.append_event(counts.contest_id, Kind.VERDICT, at, _verdict(tx, counts))


def _verdict(tx: Transaction, judgement: Judgement) -> dict[str, object]:
    data = verdict_data(judgement)
    if judgement.score_millionths is not None:
        groups = Gradings().groups(tx, judgement.package_version, judgement.id)
        data |= {"score_millionths": judgement.score_millionths, "groups": group_documents(groups)}
    return data
