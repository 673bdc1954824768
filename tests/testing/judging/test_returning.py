import pytest

from pvws.testing.judging import facts
from pvws.testing.judging.facts import Ended, Fact, GoneAway, Hidden, Hindered, Knocked, Landmark, Refused, ToldError
from tests.support.evidence import (
    FAILED,
    HELD,
    NOT_JUDGED,
    at,
    comes,
    leaves,
    outcome,
    refused,
    sent_away,
    verdict,
)

LOST = [*comes(0), *sent_away(1_000)]


@pytest.mark.parametrize(
    ("said", "back", "until", "expected"),
    [
        ("reconnects, within: 5s", 6_000, 9_000, HELD),
        ("reconnects, within: 5s", 6_000.001, 9_000, FAILED),
        ("reconnects, within: 5s, tolerance: 1s", 7_000, 9_000, HELD),
        ("reconnects, within: 5s, tolerance: 1s", 7_000.001, 9_000, FAILED),
        ("reconnects, within: 5s", 99_000, 6_000, NOT_JUDGED),
        ("reconnects, within: 5s", 99_000, 6_000.001, FAILED),
        ("reconnects, within: 5s, after: there", 2_000, 9_000, NOT_JUDGED),
    ],
)
def test_a_client_that_was_sent_away_is_back_in_time(said: str, back: float, until: float, expected: str) -> None:
    assert outcome(said, [*LOST, *comes(back, 2)], until) == expected


@pytest.mark.parametrize(
    "end",
    [
        [at(1_000, Ended, how="cut", why="reset")],
        [at(900, Hindered, by="stall"), at(1_000, Ended, how="reset")],
        [at(900, Hindered, by="no_pong"), *leaves(1_000)],
        [at(1_000, facts.ToldToGo, code=1012), at(1_000, Ended, how="eof")],
    ],
)
def test_whoever_loses_its_connection_through_no_doing_of_its_own_is_to_come_back(end: list[Fact]) -> None:
    assert outcome("reconnects, within: 5s", [*comes(0), *end], 9_000) == FAILED
    assert outcome("reconnects, within: 5s", [*comes(0), *end, *comes(2_000, 2)], 9_000) == HELD


@pytest.mark.parametrize("end", [leaves(1_000), [at(1_000, Ended, how="eof")], [at(1_000, Ended, how="reset")]])
def test_who_leaves_of_its_own_accord_need_not_come_back(end: list[Fact]) -> None:
    found = verdict("reconnects", [*comes(0), *end], 99_000)
    assert (found.outcome, found.why) == (NOT_JUDGED, "no client was disconnected")


def test_who_is_back_before_the_end_of_the_old_connection_was_seen_has_come_back() -> None:
    evidence = [*comes(0), at(1_000, facts.ToldToGo, code=1012), *comes(1_200, 2), at(6_000, Ended, how="cut", why="x")]
    found = verdict("reconnects, within: 5s", evidence, 99_000)
    assert (found.outcome, found.held) == (HELD, 1)


def test_who_comes_back_while_its_connection_is_stalled_has_given_that_up_and_is_the_same_client() -> None:
    stalled = [*comes(0, 1, "alerts"), at(1_000, Hindered, by="stall"), *comes(31_000, 2, "alerts")]
    over = [at(40_000, Hindered, by="stall", begins=False), at(40_001, Ended, how="reset")]
    for said in ("reconnects, within: 5s, backoff: {least: 1s}", "resubscribes", "closes_properly"):
        found = verdict(said, [*stalled, *over], 99_000)
        assert (found.outcome, found.held) == ((NOT_JUDGED, 0) if said == "closes_properly" else (HELD, 1)), said


def test_who_sat_out_a_stall_has_lost_nothing() -> None:
    stall = [at(1_000, Hindered, by="stall"), at(2_000, Hindered, by="stall", begins=False)]
    found = verdict("reconnects", [*comes(0), *stall, *comes(3_000, 2), *leaves(9_000)], 99_000)
    assert (found.outcome, found.why) == (NOT_JUDGED, "no client was disconnected")


def test_a_failure_tells_of_the_attempts_and_shows_the_evidence() -> None:
    evidence = [*LOST, *refused(2_000, 2), *refused(4_000, 3)]
    (failure,) = verdict("reconnects, within: 5s", evidence, 9_000).failures
    assert failure.expected == "that it connects again within 5s of being disconnected"
    assert failure.found == "2 attempts, 2 of them refused"
    assert failure.evidence[-1] == "     4.000 s  [3] was refused with HTTP 503"


def test_each_client_has_to_come_back() -> None:
    evidence = [*comes(0, 1, name="a"), *comes(0, 2, name="b"), *sent_away(1_000, 1), *sent_away(1_000, 2)]
    found = verdict("reconnects, within: 5s", [*evidence, *comes(1_100, 3, name="b")], 9_000)
    assert (found.held, [each.client for each in found.failures]) == (1, ["a"])


def attempts(*pauses: float, hidden: bool = False) -> list[Fact]:
    """It is sent away at 1 s, and refused until the last attempt, with these pauses between."""
    evidence, now = list(LOST), 1_000.0
    for number, pause in enumerate(pauses, 2):
        if hidden and number == 3:
            evidence += [at(now + 1, Hidden, 0), at(now + 2, Hidden, 0, begins=False)]
        now += pause
        evidence += refused(now, number) if number <= len(pauses) else comes(now, number)
    return evidence


@pytest.mark.parametrize(
    ("backoff", "pauses", "found"),
    [
        ("{}", (100, 200, 400, 800), None),
        ("{}", (100, 100), "a pause of 0.100 s behind one of 0.100 s, where each is to be longer"),
        ("{}", (400, 200), "a pause of 0.200 s behind one of 0.400 s, where each is to be longer"),
        ("{most: 400ms}", (100, 200, 400, 400, 400), None),
        ("{most: 400ms}", (100, 400, 100), "a pause of 0.100 s behind one of 0.400 s, where each is to be longer"),
        ("{most: 400ms}", (100, 200, 401), "a pause of 0.401 s, where none is to be longer than 400ms"),
        ("{least: 100ms}", (98, 200), None),
        ("{least: 100ms}", (97, 200), "a pause of 0.097 s, where none is to be shorter than 100ms"),
        ("{grows: false}", (400, 100, 100), None),
        ("{jitter: true}", (70, 180, 30, 600), None),
        ("{jitter: true}", (100, 100, 100), "pauses that are all the same: 0.100 s, 0.100 s, 0.100 s"),
        (
            "{jitter: true}",
            (100, 200, 400, 800),
            "pauses that each are 2.00 times the one before: 0.100 s, 0.200 s, 0.400 s, 0.800 s",
        ),
        (
            "{jitter: true}",
            (90, 30, 60, 80, 20, 50),
            "pauses that do not grow: 0.090 s, 0.030 s, 0.060 s, 0.080 s, 0.020 s, 0.050 s",
        ),
    ],
)
def test_pauses_between_attempts_are_as_they_should_be(
    backoff: str, pauses: tuple[float, ...], found: str | None
) -> None:
    told = verdict(f"reconnects, within: 1m, backoff: {backoff}", attempts(*pauses), 99_000)
    assert [each.found for each in told.failures] == ([] if found is None else [found])
    assert told.outcome == (HELD if found is None else FAILED)


def test_a_tolerance_makes_up_for_slow_machines_where_a_pause_is_too_long() -> None:
    said = "reconnects, within: 1m, backoff: {{most: 400ms}}, tolerance: {}"
    assert outcome(said.format("1ms").replace("{{", "{").replace("}}", "}"), attempts(100, 401), 99_000) == HELD


def test_pauses_in_which_the_server_took_no_connections_are_not_judged() -> None:
    said = "reconnects, within: 1m, backoff: {most: 400ms}"
    assert outcome(said, attempts(100, 5_000), 99_000) == FAILED
    assert outcome(said, attempts(100, 5_000, hidden=True), 99_000) == HELD


def test_chance_has_no_part_in_what_is_the_same_each_time() -> None:
    def outages(jitter: float) -> list[Fact]:
        evidence, now = comes(0), 0.0
        for number in range(2, 7):
            now += 1_000
            evidence += [*sent_away(now, number - 1), *comes(now + 50 + jitter * number**2, number)]
        return evidence

    said = "reconnects, backoff: {jitter: true}"
    assert verdict(said, outages(0), 99_000).failures[0].found.startswith("the same pauses each time")
    assert outcome(said, outages(7), 99_000) == HELD


def test_few_pauses_say_nothing_of_growth_and_the_verdict_says_so() -> None:
    found = verdict("reconnects, backoff: {jitter: true}", attempts(100), 99_000)
    assert (found.outcome, found.why) == (
        HELD,
        "growth not judged: 1 pauses in a row were seen, and 6 are needed",
    )


def test_an_attempt_that_was_not_waited_for_ends_when_the_client_goes() -> None:
    evidence = [*LOST, at(1_100, Knocked, 2), at(9_100, GoneAway, 2), *comes(9_300, 3)]
    assert outcome("reconnects, within: 1m, backoff: {most: 1s}", evidence, 99_000) == HELD


REFUSED = [*comes(0), at(10, ToldError, code="AUTH_FAILED"), *sent_away(20, code=1008)]


@pytest.mark.parametrize(
    ("said", "evidence", "until", "expected"),
    [
        ("gives_up, within: 1s", REFUSED, 2_000, HELD),
        ("gives_up, within: 1s", REFUSED, 1_000, NOT_JUDGED),
        ("gives_up, within: 1s", [*REFUSED, *comes(1_020, 2)], 2_000, HELD),
        ("gives_up, within: 1s", [*REFUSED, *comes(1_020.001, 2)], 2_000, FAILED),
        ("gives_up, within: 1s, tolerance: 1s", [*REFUSED, *comes(1_500, 2)], 3_000, HELD),
        ("gives_up, within: 1s", [*REFUSED, *comes(500, 2, "alerts"), *comes(9_000, 3)], 99_000, NOT_JUDGED),
        ("gives_up, within: 1s", [*refused(0, 1, 401), *refused(1_001, 2, 401)], 2_000, FAILED),
        ("gives_up, within: 1s", [*refused(0, 1, 403), *refused(1_000, 2, 403)], 2_000, HELD),
        ("gives_up, within: 1s", [*refused(0, 1, 503), *refused(5_000, 2, 503)], 9_000, NOT_JUDGED),
        ("gives_up, within: 1s", LOST, 9_000, NOT_JUDGED),
        (
            "gives_up, within: 1s",
            [at(0, Refused, 0, status=401), at(1_001, Refused, 0, status=401)],
            2_000,
            FAILED,
        ),
        ("gives_up, within: 1s, after: there", [*REFUSED, *comes(9_000, 2)], 99_000, NOT_JUDGED),
        (
            "gives_up, within: 1s, after: there",
            [at(0, Landmark, 0, name="there"), *REFUSED, *comes(9_000, 2)],
            99_000,
            FAILED,
        ),
    ],
)
def test_who_was_refused_for_good_tries_no_more(said: str, evidence: list[Fact], until: float, expected: str) -> None:
    assert outcome(said, evidence, until) == expected


def test_who_was_refused_for_good_need_not_come_back() -> None:
    assert outcome("reconnects, within: 1s", REFUSED, 9_000) == NOT_JUDGED
