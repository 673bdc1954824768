"""The judge as a fold: whatever clients do, in whatever order that of others comes between."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.scenario.expectations import EXPECTATIONS, Kind, NeverHolds
from pvws.testing.judging import clients, facts
from pvws.testing.judging.facts import Fact
from pvws.testing.judging.judge import CASES, Judge, judge
from pvws.testing.judging.verdict import Verdict
from tests.support.evidence import FAILED, MS, at, comes, expectation, leaves, sent_away

EXPECTED = [
    expectation(said)
    for said in (
        "connects, within: 1s",
        "subscribes, within: 1s",
        "subscribes, topics: [alerts], within: 1s, after: there",
        "reconnects, within: 1s, backoff: {jitter: true, least: 100ms, most: 3s}",
        "reconnects, within: 2s, backoff: {}",
        "resubscribes, within: 1s",
        "answers_pings, within: 1s",
        "honours_retry_after",
        "never_sends, more_than: 3/s, larger_than: 100",
        "sends_valid_messages",
        "closes_properly, within: 1s",
        "ignores_unknown_types, within: 1s",
        "gives_up, within: 1s",
        "never_tries, more_than: 3/s",
        "never_holds, more_than: 1",
        "never_holds, after: there",
        "goes_on, within: 1s, after: there",
        "fails_connection, within: 1s, after: there",
        "reconnects, within: 2s, backoff: {jitter: any}",
    )
]
OF_EACH = [each for each in EXPECTED if not isinstance(each, NeverHolds)]  # that counts all clients together
CONNECTED = [
    lambda ms, n: [at(ms, facts.Subscribed, n, topic="alerts")],
    lambda ms, n: [at(ms, facts.Subscribed, n, topic="alerts", to=False)],
    lambda ms, n: [at(ms, facts.Sent, n, type="ping", size=15)],
    lambda ms, n: [at(ms, facts.Sent, n, size=200, text="{", error="INVALID_MESSAGE")],
    lambda ms, n: [at(ms, facts.ToldError, n, code="RATE_LIMIT_EXCEEDED", retry_after=1)],
    lambda ms, n: [at(ms, facts.Pinged, n)],
    lambda ms, n: [at(ms, facts.Ponged, n)],
    lambda ms, n: [at(ms, facts.Given, n, type="novel")],
    lambda ms, n: [at(ms, facts.Hindered, n, by="stall")],
    lambda ms, n: [at(ms, facts.Hindered, n, by="stall", begins=False)],
    lambda ms, n: [at(ms, facts.ToldToGo, n, code=1012)],
    lambda ms, n: [at(ms, facts.ToldError, n, code="AUTH_FAILED"), at(ms, facts.ToldToGo, n, code=1008)],
]
ENDINGS = [
    lambda ms, n: leaves(ms, n),
    lambda ms, n: sent_away(ms, n),
    lambda ms, n: [at(ms, facts.Ended, n, how="reset")],
    lambda ms, n: [at(ms, facts.Ended, n, how="cut", why="reset")],
    lambda ms, n: [at(ms, facts.Ended, n, how="eof")],
]


@st.composite
def lives(draw: st.DrawFn, name: str, first: int) -> list[Fact]:
    """What one client does: it comes, is refused or stays a while, goes, and comes again."""
    told, now, number = list[Fact](), draw(st.integers(0, 1_500)), first
    for _ in range(draw(st.integers(1, 4))):
        knock = at(now, facts.Knocked, number, name=name)
        if draw(st.integers(0, 3)) == 0:
            status = draw(st.sampled_from([503, 401]))
            told += [knock, at(now, facts.Refused, number, status=status, retry_after=draw(st.sampled_from([None, 1])))]
        else:
            told += [knock, at(now, facts.Opened, number)]
            for act in draw(st.lists(st.sampled_from(CONNECTED), min_size=2, max_size=8)):
                now += draw(st.sampled_from([0, 1, 200, 999, 1_000, 1_001]))
                told += act(now, number)
            now += draw(st.sampled_from([0, 1, 999, 1_000, 1_001]))
            told += draw(st.sampled_from(ENDINGS))(now, number)
        now += draw(st.sampled_from([1, 50, 99, 100, 400, 999, 1_000, 1_001, 3_001]))
        number += 1
    return told


UNTIL = st.sampled_from([500, 1_000, 1_001, 2_500, 5_000, 20_000, 20_000, 20_000])
COMMON = st.lists(
    st.one_of(
        st.builds(lambda ms: at(ms, facts.Landmark, 0, name="there"), st.integers(0, 5_000)),
        st.builds(lambda ms, less: at(ms + less, facts.Stood, 0, since=ms * MS), st.integers(0, 5_000), st.just(0)),
    ),
    max_size=2,
)


def merged(*streams: Sequence[Fact]) -> list[Fact]:
    """All of them in the order of time; at the same time those of the first stand first."""
    return sorted((fact for stream in streams for fact in stream), key=lambda fact: fact.real)


def of(name: str, verdicts: Sequence[Verdict]) -> list[list[tuple[int, str, str]]]:
    """The failures of one client, expectation by expectation."""
    return [
        [(each.connection, each.expected, each.found) for each in verdict.failures if each.client == name]
        for verdict in verdicts
    ]


@given(lives("a", 1), lives("b", 100), lives("", 200), COMMON, UNTIL)
def test_what_others_do_changes_nothing_for_a_client(
    one: list[Fact], other: list[Fact], third: list[Fact], common: list[Fact], until: int
) -> None:
    alone = judge(OF_EACH, merged(common, one), until * MS)
    together = judge(OF_EACH, merged(common, one, other, third), until * MS)
    assert of("a", together) == of("a", alone)
    swapped = judge(OF_EACH, merged(common, third, other, one), until * MS)
    assert of("a", swapped) == of("a", alone)
    assert [each.outcome for each in swapped] == [each.outcome for each in together]


@given(lives("a", 1), lives("", 100), COMMON, UNTIL, st.integers(0, 20_000))
def test_a_longer_observation_never_makes_good_what_has_failed(
    one: list[Fact], other: list[Fact], common: list[Fact], until: int, longer: int
) -> None:
    evidence = merged(common, one, other)
    before = judge(EXPECTED, evidence, until * MS)
    after = judge(EXPECTED, evidence, (until + longer) * MS)
    for early, late in zip(before, after, strict=True):
        if early.outcome == FAILED:
            assert late.outcome == FAILED, early.lines


@given(lives("a", 1), lives("", 100), COMMON, UNTIL)
def test_to_ask_changes_nothing(one: list[Fact], other: list[Fact], common: list[Fact], until: int) -> None:
    evidence = [fact for fact in merged(common, one, other) if fact.real <= until * MS]
    asked = Judge(EXPECTED, 0)
    for fact in evidence:
        asked.see(fact)
        assert asked.verdicts(fact.real) == asked.verdicts(fact.real)
        asked.verdicts(fact.real + 99_000 * MS)
    assert asked.verdicts(until * MS) == judge(EXPECTED, evidence, until * MS)


def test_every_kind_of_expectation_has_somebody_to_judge_it() -> None:
    assert CASES.keys() == {kind.__name__ for kind in EXPECTATIONS.values()}
    assert {type(each) for each in EXPECTED} == set(EXPECTATIONS.values())


@pytest.mark.parametrize("kind", EXPECTED, ids=str)
def test_without_any_evidence_nothing_has_held(kind: Kind) -> None:
    assert judge([kind], [], 99_000 * MS)[0].outcome in ("failed", "not judged")


def test_facts_about_nobody_who_came_are_passed_over() -> None:
    assert judge(EXPECTED, [at(5, facts.Ponged, 9), at(5, facts.Ended, 9, how="eof")], MS)[0].outcome == "not judged"


def test_what_is_kept_does_not_grow_with_the_time() -> None:
    told = Judge(EXPECTED, 0)
    for number in range(1, 120):
        now = number * 1_000
        for fact in [*comes(now, number, "alerts"), at(now + 10, facts.Pinged, number), *sent_away(now + 50, number)]:
            told.see(fact)
    assert len(told._book.connections) == 0
    assert all(len(case.owed) <= 2 and len(case.failures) <= 20 for case in told.cases)
    assert not told._leaving


def test_more_names_than_can_be_known_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "CLIENTS_JUDGED_MAX", 3)
    told = Judge(EXPECTED, 0)
    for number in range(1, 60):
        now, name = number * 9_000, f"name-{number}"
        for fact in [
            *comes(now, number, "alerts", name=name),
            at(now + 1, facts.Given, number, type="novel"),
            *(sent_away(now + 50, number) if number % 2 else leaves(now + 50, number)),
            at(now + 60, facts.Refused, 0, name=name, status=401, retry_after=1),
        ]:
            told.see(fact)
    assert len(told._clients) == 3
    assert len(told._outages) <= 3
    kept = [value for case in told.cases for value in vars(case).values() if isinstance(value, dict | set)]
    assert all(len(value) <= 3 for value in kept), kept
