import pytest

from pvws.testing.judging.facts import Ended, Fact, Landmark, Subscribed
from tests.support.evidence import FAILED, HELD, NOT_JUDGED, at, comes, leaves, outcome, sent_away, verdict

THERE = at(5_000, Landmark, 0, name="there")


@pytest.mark.parametrize(
    ("said", "came", "until", "expected"),
    [
        ("connects, within: 1s", 1_000, 2_000, HELD),
        ("connects, within: 1s", 1_000.001, 2_000, FAILED),
        ("connects, within: 1s, tolerance: 500ms", 1_500, 2_000, HELD),
        ("connects, within: 1s, tolerance: 500ms", 1_500.001, 2_000, FAILED),
        ("connects, within: 1s", 5_000, 1_000, NOT_JUDGED),
        ("connects, within: 1s", 5_000, 1_000.001, FAILED),
    ],
)
def test_somebody_connects_in_time(said: str, came: float, until: float, expected: str) -> None:
    assert outcome(said, comes(came), until) == expected


def test_after_a_mark_counts_who_is_there_or_comes_within_the_time() -> None:
    said = "connects, within: 1s, after: there"
    assert outcome(said, [*comes(100), THERE], 9_000) == HELD
    assert outcome(said, [*comes(100), *leaves(200), THERE, *comes(5_900, 2)], 9_000) == HELD
    assert outcome(said, [*comes(100), *leaves(200), THERE], 9_000) == FAILED
    assert verdict(said, comes(100), 9_000).why == "“there” was not reached"


def test_a_failure_says_what_was_expected_and_shows_what_there_is() -> None:
    (failure,) = verdict("connects, within: 1s", comes(4_000), 5_000).failures
    assert str(failure) == "nobody: expected a client that connects within 1s of the start; found none by then"


@pytest.mark.parametrize(
    ("topics", "late", "expected"),
    [
        ("", 1_000, HELD),
        ("", 1_001, FAILED),
        (", topics: [alerts]", 900, HELD),
        (", topics: [alerts, system]", 900, FAILED),
    ],
)
def test_each_client_subscribes_in_time(topics: str, late: float, expected: str) -> None:
    evidence = [*comes(0), at(late, Subscribed, topic="alerts")]
    assert outcome(f"subscribes, within: 1s{topics}", evidence, 3_000) == expected


def test_who_comes_later_is_given_the_time_from_then_on() -> None:
    said = "subscribes, within: 1s"
    first = comes(0, 1, "alerts", name="a")
    assert outcome(said, [*first, *comes(9_000, 2, "alerts", name="b")], 20_000) == HELD
    found = verdict(said, [*first, *comes(9_000, 2, name="b")], 20_000)
    assert found.outcome == FAILED
    (failure,) = found.failures
    assert (failure.client, failure.connection, failure.found) == ("b", 2, "no subscription")
    assert [each.split("s  ")[1] for each in failure.evidence] == ["[2] began a handshake", "[2] connected"]


def test_that_nobody_has_subscribed_is_not_said_twice() -> None:
    found = verdict("subscribes, within: 1s", comes(0), 2_000)
    assert (found.failed, [each.client for each in found.failures]) == (1, ["the client"])


def test_who_leaves_before_the_time_is_over_is_not_judged_but_somebody_has_to_subscribe() -> None:
    evidence = [*comes(0, 1, name="probe"), *leaves(100)]
    assert outcome("subscribes, within: 1s", [*evidence, *comes(500, 2, "alerts")], 9_000) == HELD
    assert outcome("subscribes, within: 1s", evidence, 9_000) == FAILED


def test_after_a_mark_those_who_are_subscribed_are_in_time_and_the_others_have_to() -> None:
    said = "subscribes, within: 1s, after: there"
    assert outcome(said, [*comes(0, 1, "alerts"), THERE], 9_000) == HELD
    assert outcome(said, [*comes(0), THERE, at(5_500, Subscribed, topic="alerts")], 9_000) == HELD
    assert outcome(said, [*comes(0), THERE], 9_000) == FAILED


@pytest.mark.parametrize(
    ("said", "again", "expected"),
    [
        ("resubscribes, within: 1s", {"alerts": 2_500, "system": 3_000}, HELD),
        ("resubscribes, within: 1s", {"alerts": 2_500, "system": 3_001}, FAILED),
        ("resubscribes, within: 1s, tolerance: 1ms", {"alerts": 2_500, "system": 3_001}, HELD),
        ("resubscribes, within: 1s", {"alerts": 2_500}, FAILED),
        ("resubscribes, within: 1s, topics: [alerts]", {"alerts": 2_500}, HELD),
        ("resubscribes, within: 1s, after: disconnect", {}, NOT_JUDGED),
    ],
)
def test_a_client_that_is_back_subscribes_to_all_that_it_had(said: str, again: dict[str, float], expected: str) -> None:
    evidence = [*comes(0, 1, "alerts", "system"), *sent_away(1_000), *comes(2_000, 2)]
    evidence += [at(ms, Subscribed, 2, topic=topic) for topic, ms in again.items()]
    assert outcome(said, evidence, 9_000) == expected


def test_the_failure_of_who_forgets_a_subscription_names_what_it_has() -> None:
    evidence = [*comes(0, 1, "alerts", "system"), *sent_away(1_000), *comes(2_000, 2, "system")]
    found = verdict("resubscribes, within: 1s", evidence, 9_000)
    assert found.lines[:3] == [
        "failed: resubscribes, within: 1s",
        "  the client (connection 2): expected that it subscribes to system, alerts again within 1s of being connected "
        "again; found only system",
        "         0.000 s  [1] began a handshake",
    ]
    assert found.lines[-1].endswith("[2] subscribed to system")


@pytest.mark.parametrize("end", [leaves(2_500, 2), sent_away(2_500, 2), [at(2_500, Ended, 2, how="reset")]])
def test_a_new_connection_that_ends_before_the_time_is_over_is_not_judged(end: list[Ended]) -> None:
    evidence = [*comes(0, 1, "alerts"), *sent_away(1_000), *comes(2_000, 2), *end]
    assert outcome("resubscribes, within: 1s", evidence, 9_000) == NOT_JUDGED


def test_who_had_no_subscription_has_nothing_to_get_back() -> None:
    assert outcome("resubscribes", [*comes(0), *sent_away(1_000), *comes(2_000, 2)], 99_000) == NOT_JUDGED


def several(*topics: tuple[str, ...]) -> list[Fact]:
    """Two clients without names that are both sent away, and come back with these topics."""
    before = [*comes(0, 1, "alerts"), *comes(0, 2, "system"), *sent_away(1_000, 1), *sent_away(1_000, 2)]
    return before + [fact for number, each in enumerate(topics, 3) for fact in comes(1_100 + number, number, *each)]


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        ((("alerts",), ("system",)), HELD),
        ((("system",), ("alerts",)), HELD),
        ((("system",), ("system",)), FAILED),
        ((("alerts",), ("alerts", "system")), HELD),
        ((("system",), ()), FAILED),
        (((), ("alerts", "system")), FAILED),
        ((("system",),), FAILED),
    ],
)
def test_of_several_without_names_it_does_not_matter_which_is_which(
    topics: tuple[tuple[str, ...], ...], expected: str
) -> None:
    assert outcome("resubscribes, within: 1s", several(*topics), 9_000) == expected
