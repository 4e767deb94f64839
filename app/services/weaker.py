"""Machines that hold strangers' programs less firmly than a judge should, and say so: the organiser's word is needed.

A judge without root tells in its facts, under "weaker", what it cannot promise (sentences). It is let in paused; resuming it
is the organiser's yes, which stays until it is unpaired. One that turns weaker later is paused then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MOST = 10
_LONGEST = 300


def weaker_in(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """What a machine says that it cannot promise; its facts are a stranger's, so bounded here."""
    told = facts.get("weaker")
    if not isinstance(told, list):
        return ("It does not say what it cannot promise.",) if told else ()
    return tuple(str(one)[:_LONGEST] for one in told[:_MOST])


def state_at_first(facts: Mapping[str, Any]) -> str:
    """The state of a machine that is let in."""
    return "paused" if weaker_in(facts) else "approved"


def state_now(state: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The state of one that says something new of itself."""
    return "paused" if state == "approved" and weaker_in(now) and not weaker_in(before) else state


def sentence_of(facts: Mapping[str, Any]) -> str:
    """Why it is paused and what resuming it means; "" for a machine like any other."""
    told = weaker_in(facts)
    return f"It judges without root, which is weaker. {' '.join(told)} Resume it where that will do." if told else ""
