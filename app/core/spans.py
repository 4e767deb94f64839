"""Which tests a verdict needs, and who runs them: the one rule that the server and every judge machine go by.

Theory of operation. The tests of a judgement stand in a row. A lease holds a *span* of it: the whole row at first. To lend is to cut the
tail off a span; what no lease holds and the verdict may need is open, and whoever asks for work next takes it. So the spans of live
leases never overlap, a machine that vanishes leaves its span open, and one machine alone is the case of one span.

Whether a test is needed depends on the results before it, some of which are another machine's business and not known yet. Those are taken
as passed: every rule of scoring asks for more tests the more of them pass, so what is needed then is all that may be needed. The
verdict itself is folded from what is known and nothing else. It waits for each test before the one that decides, and so is the
verdict of one machine that runs them in order, whoever ran what and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.core.judgement import Run, fold_runs
from app.core.scoring.groups import Graded, Grading, Results, Scored
from app.core.verdict import Verdict

MOST_TESTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """Tests by number, from `first` to `last` inclusive."""

    first: int = 1
    last: int = MOST_TESTS

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last


WHOLE = Span()


@dataclass(frozen=True, slots=True)
class _Passed:
    """A test that another lease runs."""

    verdict: Verdict = Verdict.AC
    score_millionths: int | None = None


_PASSED = _Passed()


def _whole() -> Span:
    return WHOLE


@dataclass(frozen=True, slots=True)
class Rules:
    """How one judgement goes through its tests: to the first failing one, or by the groups of a scoring problem."""

    test_count: int
    grading: Grading | None = None
    all_tests: bool = False

    def due(self, results: Results, span: Callable[[], Span] = _whole) -> Iterator[int]:
        """The tests of a span that have to be run, in judging order, until nothing in it is needed; `span` may shrink meanwhile.

        The caller adds the result of each before it asks on.
        """
        if self.grading is None:
            yield from self._in_order(results, span)
            return
        while (
            number := self.grading.next_test(self._with_passed(results, span()), all_tests=self.all_tests)
        ) is not None:
            yield number

    def needs(self, results: Results, span: Span) -> bool:
        """Whether any test of the span may still have to be run."""
        return next(self.due(results, lambda: span), None) is not None

    def fold(self, results: Mapping[int, Run]) -> Graded | None:
        """What the results decide, None while they don't. A pass-fail problem has no score."""
        if self.grading is not None:
            return self.grading.fold(results)
        verdict = fold_runs(self.test_count, results, all_tests=self.all_tests)
        return None if verdict is None else Graded(verdict, None)

    def asked_of_one(self, results: Mapping[int, Run]) -> dict[int, Run]:
        """Those results that one machine alone would have come to."""
        found: dict[int, Run] = {}
        for number in self.due(found):
            if number not in results:
                break
            found[number] = results[number]
        return found

    def open_span(self, results: Results, held: Sequence[Span]) -> Span | None:
        """The first gap between spans that are held in which a test may be needed; the whole row where none is held."""
        if not held:
            return WHOLE
        first = 1
        for span in (*sorted(held, key=lambda one: one.first), Span(MOST_TESTS + 1, MOST_TESTS + 1)):
            gap = Span(first, span.first - 1)
            if gap.first <= gap.last and self.needs(results, gap):
                return gap
            first = span.last + 1
        return None

    def unknown(self, results: Results, span: Span) -> list[int]:
        """The tests of a span without a result."""
        return [one for one in range(span.first, min(span.last, self.test_count) + 1) if one not in results]

    def tail(self, results: Results, span: Span, count: int) -> Span | None:
        """The last `count` unknown tests of a span and all after them, where any of these may be needed and one before them stays."""
        unknown = self.unknown(results, span)
        if not 0 < count < len(unknown):
            return None
        tail = Span(unknown[-count], span.last)
        return tail if self.needs(results, tail) else None

    def _in_order(self, results: Results, span: Callable[[], Span]) -> Iterator[int]:
        for number in range(1, self.test_count + 1):
            if number not in results:
                if number not in span():
                    continue
                yield number
            verdict = results[number].verdict
            if verdict is Verdict.JE or (verdict is not Verdict.AC and not self.all_tests):
                return

    def _with_passed(self, results: Results, span: Span) -> Results:
        if span == WHOLE:
            return results
        passed: dict[int, Scored] = {one: _PASSED for one in range(1, self.test_count + 1) if one not in span}
        return {**passed, **results}
