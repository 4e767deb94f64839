"""However the tests of a judgement are shared, cut, lost and taken up again, it ends as it would with one machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from app.core.judgement import Run
from app.core.scoring.groups import Grading
from app.core.scoring.legacy_groups import LegacyGrading, LegacyGroup, ScoreMode, VerdictMode
from app.core.scoring.new_groups import Aggregation, NewGrading, NewGroup
from app.core.spans import MOST_TESTS, WHOLE, Rules, Span
from app.core.verdict import Verdict

OUTCOMES = st.sampled_from([Verdict.AC] * 6 + [Verdict.WA, Verdict.TLE, Verdict.RTE])


def run(number: int, verdict: Verdict) -> Run:
    return Run(number, f"t{number}", verdict, 0.1 * number, 0.2, 1000 * number)


@st.composite
def new_gradings(draw: st.DrawFn, count: int) -> NewGrading:
    """Samples, then groups of one or more tests that may require earlier ones."""
    samples = draw(st.integers(0, min(2, count - 1)))
    groups: list[NewGroup] = []
    first = samples + 1
    while first <= count:
        last = draw(st.integers(first, count))
        rule = draw(st.sampled_from([Aggregation.PASS_FAIL, Aggregation.SUM, Aggregation.MIN]))
        passed = [one.name for one in groups if one.aggregation is Aggregation.PASS_FAIL] + ["sample"] * bool(samples)
        wanted = draw(st.lists(st.sampled_from(passed), max_size=2, unique=True)) if passed else []
        tests = tuple(range(first, last + 1))
        groups.append(NewGroup(f"g{first}", tests, 10_000_000, rule, tuple(wanted)))
        first = last + 1
    whole = draw(st.sampled_from([Aggregation.SUM, Aggregation.MIN]))
    return NewGrading(tuple(range(1, samples + 1)), tuple(groups), None, whole)


@st.composite
def legacy_groups(draw: st.DrawFn, first: int, last: int, depth: int = 2) -> LegacyGroup:
    """A tree of folders over the tests from first to last."""
    children: list[int | LegacyGroup] = []
    name = f"{first} to {last}, {depth}"
    while first <= last:
        end = draw(st.integers(first, last))
        if depth and draw(st.booleans()):
            children.append(draw(legacy_groups(first, end, depth - 1)))
        else:
            children.extend(range(first, end + 1))
        first = end + 1
    return LegacyGroup(
        name,
        tuple(children),
        breaks=draw(st.booleans()),
        verdict_mode=draw(st.sampled_from(VerdictMode)),
        score_mode=draw(st.sampled_from(ScoreMode)),
        ignore_sample=draw(st.booleans()),
        any_accepted=draw(st.booleans()),
    )


@st.composite
def judgements(draw: st.DrawFn) -> tuple[Rules, dict[int, Run]]:
    """The rules of a problem, and what each test would end as."""
    count = draw(st.integers(1, 14))
    grading: Grading | None = draw(
        st.one_of(
            st.none(),
            new_gradings(count),
            legacy_groups(1, count).map(lambda root: LegacyGrading(root)),
        )
    )
    rules = Rules(count, grading, all_tests=draw(st.booleans()))
    outcomes = draw(st.lists(OUTCOMES, min_size=count, max_size=count))
    return rules, {number: run(number, verdict) for number, verdict in enumerate(outcomes, start=1)}


def alone(rules: Rules, outcomes: dict[int, Run]) -> dict[int, Run]:
    """What one machine runs."""
    results: dict[int, Run] = {}
    for number in rules.due(results):
        results[number] = outcomes[number]
    return results


@dataclass
class Holder:
    """A machine with its span, and the results that it knows: those that were there when it began, and its own."""

    span: Span
    results: dict[int, Run]


@dataclass
class Sharing:
    """The server's part: who holds which span, and what is known."""

    rules: Rules
    outcomes: dict[int, Run]
    results: dict[int, Run] = field(default_factory=dict)
    holders: list[Holder] = field(default_factory=lambda: [Holder(WHOLE, {})])

    def step(self, place: int) -> None:
        """One test of a span, or its end."""
        holder = self.holders[place]
        number = next(self.rules.due(holder.results, lambda: holder.span), None)
        if number is None:
            del self.holders[place]
            return
        assert number in holder.span, "nobody runs another one's test"
        assert number not in self.results, "a test is run once"
        self.results[number] = holder.results[number] = self.outcomes[number]

    def cut(self, place: int, count: int) -> None:
        """The tail of a span is lent."""
        holder = self.holders[place]
        tail = self.rules.tail(self.results, holder.span, count)
        if tail is not None:
            holder.span = Span(holder.span.first, tail.first - 1)

    def claim(self) -> None:
        """A machine takes what is open."""
        held = [one.span for one in self.holders]
        span = self.rules.open_span(self.results, held)
        if span is not None:
            assert not any(one.first <= span.last and span.first <= one.last for one in held), "spans overlap"
            self.holders.append(Holder(span, dict(self.results)))

    def over(self) -> bool:
        """Whether the runs decide, and nobody asked for more of them."""
        decided = self.rules.fold(self.results) is not None
        return decided and not (self.rules.all_tests and self.rules.needs(self.results, WHOLE))

    def spare(self) -> None:
        """Whose span is not needed any more is told to stop."""
        self.holders = [one for one in self.holders if self.rules.needs(self.results, one.span)]


@given(judgements(), st.data())
def test_shared_as_alone(case: tuple[Rules, dict[int, Run]], data: st.DataObject) -> None:
    """Random outcomes, cuts, orders and deaths: verdict, score, groups and counted tests are those of one machine."""
    rules, outcomes = case
    single = alone(rules, outcomes)
    shared = Sharing(rules, outcomes)
    for _ in range(200):
        if shared.over():
            break
        what = data.draw(st.sampled_from(["step"] * 6 + ["cut", "claim", "die", "spare"]))
        if not shared.holders or what == "claim":
            shared.claim()
            continue
        if what == "spare":
            shared.spare()
            continue
        place = data.draw(st.integers(0, len(shared.holders) - 1))
        if what == "cut":
            shared.cut(place, data.draw(st.integers(1, 5)))
        elif what == "die":
            del shared.holders[place]
        else:
            shared.step(place)
    while not shared.over():
        shared.claim()
        assert shared.holders, "nobody holds what is needed, and it is not open either"
        shared.step(0)
    assert rules.fold(shared.results) == rules.fold(single)
    assert rules.asked_of_one(shared.results) == single


@given(judgements())
def test_nothing_is_needed_beyond_what_one_would_run(case: tuple[Rules, dict[int, Run]]) -> None:
    """When all is known that one machine would run, no span is needed any more."""
    rules, outcomes = case
    results = alone(rules, outcomes)
    assert not rules.needs(results, WHOLE)
    assert rules.open_span(results, [Span(1, 1)]) is None
    assert rules.tail(results, WHOLE, 1) is None


def test_a_first_failing_test_spares_all_after_it() -> None:
    """A pass-fail problem: the half after a failing test is nobody's work any more, the half before it is."""
    rules = Rules(10)
    failed = {6: run(6, Verdict.WA)}
    assert not rules.needs(failed, Span(7, MOST_TESTS))
    assert rules.needs(failed, Span(1, 5))
    assert rules.fold(failed) is None
    assert rules.open_span(failed, [Span(3, 6)]) == Span(1, 2)
    assert rules.open_span(failed, [Span(1, 5)]) is None
    assert replace_all(rules).open_span(failed, [Span(1, 5)]) == Span(6, MOST_TESTS)


def replace_all(rules: Rules) -> Rules:
    """The same where the organiser wants every test."""
    return Rules(rules.test_count, rules.grading, all_tests=True)


def test_a_tail_leaves_a_test_before_it() -> None:
    """The machine that lends keeps something, and what it has run already is not counted."""
    rules = Rules(10)
    known = {number: run(number, Verdict.AC) for number in range(1, 5)}
    assert rules.tail(known, WHOLE, 3) == Span(8, MOST_TESTS)
    assert rules.tail(known, Span(1, 6), 1) == Span(6, 6)
    assert rules.tail(known, WHOLE, 6) is None
    assert rules.tail(known, Span(1, 4), 1) is None
