import pytest

from pvws.testing.judging.facts import (
    Closed,
    Ended,
    Fact,
    Given,
    Hindered,
    Landmark,
    Pinged,
    Ponged,
    Stood,
    ToldToGo,
)
from tests.support.evidence import FAILED, HELD, NOT_JUDGED, at, comes, leaves, outcome, sent_away, verdict

HERE = comes(0)
PING = at(1_000, Pinged)
GIVEN = at(1_000, Given, type="novel")


@pytest.mark.parametrize(
    ("said", "then", "until", "expected"),
    [
        ("answers_pings, within: 1s", [at(2_000, Ponged)], 9_000, HELD),
        ("answers_pings, within: 1s", [at(2_000.001, Ponged)], 9_000, FAILED),
        ("answers_pings, within: 1s, tolerance: 1s", [at(3_000, Ponged)], 9_000, HELD),
        ("answers_pings, within: 1s", [], 2_000, NOT_JUDGED),
        ("answers_pings, within: 1s", [], 2_001, FAILED),
        ("answers_pings, within: 1s", [at(1_500, Ponged, payload=b"else")], 9_000, FAILED),
        ("answers_pings, within: 1s", leaves(1_500), 9_000, NOT_JUDGED),
        ("answers_pings, within: 1s", [at(1_500, Hindered, by="stall")], 9_000, NOT_JUDGED),
        ("answers_pings, within: 1s", [at(2_500, Stood, 0, since=1_500_000), at(2_900, Ponged)], 9_000, HELD),
        ("answers_pings, within: 90s", [at(61_000, ToldToGo, code=1008, reason="no pong")], 61_001, FAILED),
    ],
)
def test_pings_are_answered_in_time(said: str, then: list[Fact], until: float, expected: str) -> None:
    assert outcome(said, [*HERE, PING, *then], until) == expected


def test_a_pong_answers_the_pings_before_its_own() -> None:
    pings = [at(1_000, Pinged, payload=b"a"), at(1_100, Pinged, payload=b"b")]
    found = verdict("answers_pings, within: 1s", [*HERE, *pings, at(1_500, Ponged, payload=b"b")], 9_000)
    assert (found.outcome, found.held) == (HELD, 2)


def test_a_ping_that_a_fault_may_hold_is_not_judged() -> None:
    assert outcome("answers_pings", [*HERE, at(1_000, Pinged, delayed=True)], 99_000) == NOT_JUDGED
    stalled = [at(900, Hindered, by="stall"), PING]
    assert outcome("answers_pings", [*HERE, *stalled], 99_000) == NOT_JUDGED


def test_where_no_ping_was_sent_nothing_can_be_said() -> None:
    assert verdict("answers_pings", HERE, 99_000).why.startswith("no ping was sent")


GO = at(1_000, ToldToGo, code=1012)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (leaves(1_000), HELD),
        ([at(1_000, Ended, how="eof")], FAILED),
        ([at(1_000, Ended, how="reset")], FAILED),
        ([at(1_000, Ended, how="cut", why="reset")], NOT_JUDGED),
        ([at(900, Hindered, by="stall"), at(1_000, Ended, how="reset")], NOT_JUDGED),
        (sent_away(1_000), HELD),
        ([GO, at(6_000, Closed), at(6_000, Ended, how="closed")], HELD),
        ([GO, at(6_001, Closed), at(6_001, Ended, how="closed")], FAILED),
        ([GO, at(1_500, Ended, how="eof")], FAILED),
        ([GO, at(6_000, Ended, how="cut", why="the grace time is over")], FAILED),
        ([GO, at(2_000, Ended, how="cut", why="the grace time is over")], NOT_JUDGED),
        ([GO, at(1_500, Hindered, by="stall"), at(9_000, Ended, how="cut", why="x")], NOT_JUDGED),
        ([GO], FAILED),
    ],
)
def test_connections_end_by_close_frames(end: list[Fact], expected: str) -> None:
    assert outcome("closes_properly", [*HERE, *end], 9_000) == expected


def test_a_server_that_waited_less_than_the_client_is_given_says_so() -> None:
    cut = at(2_000, Ended, how="cut", why="the grace time is over")
    found = verdict("closes_properly", [*HERE, GO, cut], 9_000)
    assert found.why == "the server has cut the connection after 1.000 s (the grace time is over)"


def test_the_end_without_a_close_frame_is_told_as_it_was_seen() -> None:
    (failure,) = verdict("closes_properly", [*HERE, at(1_000, Ended, how="eof")], 9_000).failures
    assert failure.found == "ended the connection without a close frame"


@pytest.mark.parametrize(
    ("then", "until", "expected"),
    [
        ([], 6_000, NOT_JUDGED),
        ([], 6_001, HELD),
        ([at(6_000, Ended, how="reset")], 9_000, FAILED),
        ([at(6_001, Ended, how="reset")], 9_000, HELD),
        ([at(1_001, Closed, code=1011)], 9_000, FAILED),
        ([at(1_001, Ended, how="eof")], 9_000, FAILED),
        (leaves(1_500), 9_000, NOT_JUDGED),
        ([*leaves(1_500), *comes(1_600, 2)], 9_000, FAILED),
        (leaves(7_000), 9_000, HELD),
        (sent_away(1_500), 9_000, NOT_JUDGED),
        ([at(1_500, Ended, how="cut", why="reset")], 9_000, NOT_JUDGED),
        ([at(4_000, Given, type="novel"), at(8_000, Ended, how="reset")], 9_000, FAILED),
        ([at(8_000, Given, type="novel"), at(8_001, Ended, how="reset")], 9_000, FAILED),
    ],
)
def test_who_is_given_what_it_can_t_know_goes_on(then: list[Fact], until: float, expected: str) -> None:
    assert outcome("ignores_unknown_types", [*HERE, GIVEN, *then], until) == expected


def test_what_was_given_before_the_mark_does_not_count() -> None:
    said = "ignores_unknown_types, after: there"
    assert outcome(said, [*HERE, GIVEN, at(1_001, Ended, how="reset")], 9_000) == NOT_JUDGED
    mark = at(500, Landmark, 0, name="there")
    assert outcome(said, [*HERE, mark, GIVEN, at(1_001, Ended, how="reset")], 9_000) == FAILED


def test_the_failure_names_the_type_and_how_the_client_went() -> None:
    (failure,) = verdict("ignores_unknown_types", [*HERE, GIVEN, at(1_020, Ended, how="eof")], 9_000).failures
    assert failure.expected == 'that it goes on for 5s after an event of the type "novel"'
    assert failure.found == "ended the connection without a close frame, 0.020 s after one"
