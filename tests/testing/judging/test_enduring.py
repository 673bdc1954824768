import pytest

from pvws.testing.judging.facts import (
    Closed,
    Ended,
    Fact,
    Hindered,
    Landmark,
    Ponged,
    Sent,
    Stood,
    Subscribed,
    ToldToGo,
)
from tests.support.evidence import FAILED, HELD, NOT_JUDGED, at, comes, leaves, outcome, sent_away, verdict

HERE = [*comes(0), at(1_000, Landmark, 0, name="there")]
GOES_ON = "goes_on, after: there, within: 2s"
FAILS = "fails_connection, after: there, within: 2s, code: 1007"


def pong(ms: float) -> Fact:
    return at(ms, Ponged, 1)


@pytest.mark.parametrize(
    ("then", "until", "expected"),
    [
        ([], 9_000, NOT_JUDGED),
        ([pong(1_001)], 3_000, NOT_JUDGED),
        ([pong(1_001)], 3_001, HELD),
        ([pong(8_000)], 9_000, HELD),
        ([at(8_000, Sent, 1, type="ping")], 9_000, HELD),
        ([at(1_500, Subscribed, 1, topic="alerts")], 9_000, HELD),
        (sent_away(5_000), 9_000, HELD),
        (sent_away(2_000), 9_000, NOT_JUDGED),
        (
            [at(5_000, ToldToGo, 1, code=1001), at(7_000, Ended, 1, how="cut", why="the grace time is over")],
            9_000,
            FAILED,
        ),
        ([pong(4_000), at(5_000, ToldToGo, 1, code=1001), at(7_000, Ended, 1, how="cut")], 9_000, HELD),
        ([at(5_000, ToldToGo, 1, code=1001), at(5_001, Ended, 1, how="eof")], 9_000, HELD),
        ([at(4_000, ToldToGo, 1, code=1008, reason="no pong")], 9_000, FAILED),
        ([at(2_000, ToldToGo, 1, code=1013, reason="slow consumer")], 9_000, FAILED),
        ([pong(1_001), at(2_999, Ended, 1, how="eof")], 9_000, FAILED),
        ([pong(1_001), at(2_999, Ended, 1, how="reset")], 9_000, FAILED),
        ([pong(1_001), *leaves(3_000)], 9_000, FAILED),
        ([pong(1_001), *leaves(3_001)], 9_000, HELD),
        ([*leaves(3_001)], 9_000, FAILED),
        ([at(2_000, Ended, 1, how="cut", why="write timeout")], 9_000, NOT_JUDGED),
        ([at(2_000, Hindered, 1, by="stall"), at(2_100, Ended, 1, how="eof")], 9_000, NOT_JUDGED),
        ([at(2_000, Stood, 0, since=1_500_000), pong(2_001), *sent_away(3_400)], 9_000, HELD),
    ],
)
def test_who_goes_on_is_still_there_and_shows_that_it_lives(then: list[Fact], until: float, expected: str) -> None:
    assert outcome(GOES_ON, [*HERE, *then], until) == expected


def test_what_was_not_done_before_the_landmark_is_no_sign_of_life() -> None:
    assert outcome(GOES_ON, [*comes(0), pong(999), *HERE[2:]], 9_000) == NOT_JUDGED


def test_who_shows_no_sign_of_life_is_said_to() -> None:
    assert "neither a pong, nor an answer" in verdict(GOES_ON, HERE, 9_000).why


def test_who_comes_behind_the_landmark_is_not_watched() -> None:
    assert outcome(GOES_ON, [HERE[2], *comes(1_500), *leaves(1_600)], 9_000) == NOT_JUDGED


def test_a_failure_says_how_it_has_ended() -> None:
    (failure,) = verdict(GOES_ON, [*HERE, at(1_010, Ended, 1, how="eof")], 9_000).failures
    assert failure.expected == "that it goes on for 2s after “there”, and gives a sign of life"
    assert failure.found == "ended the connection without a close frame"


@pytest.mark.parametrize(
    ("then", "until", "expected"),
    [
        ([], 3_000, NOT_JUDGED),
        ([], 3_001, FAILED),
        ([at(1_500, Closed, 1, code=1007), at(1_501, Ended, 1, how="closed")], 9_000, HELD),
        ([at(3_000, Closed, 1, code=1007)], 9_000, HELD),
        ([at(3_001, Closed, 1, code=1007)], 9_000, FAILED),
        ([at(1_500, Closed, 1, code=1002)], 9_000, FAILED),
        ([at(1_500, Closed, 1, code=None)], 9_000, FAILED),
        ([at(1_500, Ended, 1, how="eof")], 9_000, FAILED),
        ([at(1_500, Ended, 1, how="reset")], 9_000, FAILED),
        ([at(1_500, Ended, 1, how="cut")], 9_000, NOT_JUDGED),
        (sent_away(1_500), 9_000, NOT_JUDGED),
        ([at(1_500, Hindered, 1, by="stall")], 9_000, NOT_JUDGED),
    ],
)
def test_who_is_sent_what_breaks_the_protocol_closes_with_its_code(
    then: list[Fact], until: float, expected: str
) -> None:
    assert outcome(FAILS, [*HERE, *then], until) == expected


def test_a_wrong_code_is_told() -> None:
    (failure,) = verdict(FAILS, [*HERE, at(1_500, Closed, 1, code=1000)], 9_000).failures
    assert failure.expected == "a close frame with the code 1007 within 2s of “there”"
    assert failure.found == "sent a close frame, code 1000"
