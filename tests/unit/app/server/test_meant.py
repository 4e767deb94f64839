"""Commands about a folder with several contests: nobody guesses which one is meant."""

from __future__ import annotations

import pytest

from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import ContestId
from app.server.commands.meant import meant_contest

SPRING, AUTUMN = (Contest(ContestId(one), one.title(), None, 3_600_000) for one in ("spring", "autumn"))


def test_the_only_one_needs_no_name() -> None:
    """One contest: it is meant, named or not."""
    assert meant_contest([SPRING], None) == "spring"
    assert meant_contest([SPRING], "spring") == "spring"


def test_several_have_to_be_named() -> None:
    """Two contests: the sentence names both and the option; a wrong name says what there is."""
    with pytest.raises(Refusal) as several:
        meant_contest([SPRING, AUTUMN], None)
    assert "--contest" in several.value.sentence
    assert "spring (Spring), autumn (Autumn)" in several.value.sentence
    assert meant_contest([SPRING, AUTUMN], "autumn") == "autumn"
    with pytest.raises(Refusal) as unknown:
        meant_contest([SPRING, AUTUMN], "winter")
    assert (unknown.value.code, "there are: spring" in unknown.value.sentence) == (404, True)


def test_without_any() -> None:
    """No contest at all is said as well."""
    with pytest.raises(Refusal) as nothing:
        meant_contest([], None)
    assert "none" in nothing.value.sentence
