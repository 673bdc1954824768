from typing import Any

import pytest

from pvws.testing.judging.facts import Ended, Fact, Hindered, Landmark, Sent, Stood, ToldError, Violated
from tests.support.evidence import FAILED, HELD, NOT_JUDGED, at, comes, leaves, outcome, refused, verdict

HERE = comes(0)


def sent(ms: float, client: int = 1, **fields: Any) -> Fact:
    return at(ms, Sent, client, **({"type": "ping", "size": 15, "text": '{"type":"ping"}'} | fields))


def burst(count: int, first: float, step: float) -> list[Fact]:
    return [sent(first + number * step) for number in range(count)]


@pytest.mark.parametrize(
    ("said", "messages", "expected"),
    [
        ("never_sends, more_than: 10/s", burst(10, 0, 1), HELD),
        ("never_sends, more_than: 10/s", burst(11, 0, 1), FAILED),
        ("never_sends, more_than: 10/s", burst(11, 0, 99.999), FAILED),
        ("never_sends, more_than: 10/s", burst(11, 0, 100), HELD),
        ("never_sends, more_than: 30/min", burst(2, 0, 1_999), FAILED),
        ("never_sends, more_than: 30/min", burst(2, 0, 2_000), HELD),
        ("never_sends, larger_than: 100", [sent(0, size=100)], HELD),
        ("never_sends, larger_than: 100", [sent(0, size=101)], FAILED),
        ("never_sends, larger_than: 1 MiB", [at(1, Violated, code=1009, larger_than=1_048_576)], FAILED),
        ("never_sends, larger_than: 2 MiB", [at(1, Violated, code=1009, larger_than=1_048_576)], HELD),
        ("never_sends, more_than: 10/s, after: there", burst(11, 0, 1), NOT_JUDGED),
    ],
)
def test_nobody_sends_too_much(said: str, messages: list[Fact], expected: str) -> None:
    assert outcome(said, [*HERE, *messages], 9_000) == expected


def test_where_nobody_has_come_nothing_can_be_said() -> None:
    assert outcome("never_sends, more_than: 10/s", [], 9_000) == NOT_JUDGED


def test_each_burst_is_told_once() -> None:
    found = verdict("never_sends, more_than: 10/s", [*HERE, *burst(20, 0, 1), *burst(11, 5_000, 1)], 9_000)
    assert [each.found for each in found.failures] == ["11 within 0.010 s", "11 within 0.010 s"]


def test_what_piled_up_while_this_process_stood_still_was_not_sent_at_once() -> None:
    standing = at(2_000, Stood, 0, since=1_000_000)
    assert outcome("never_sends, more_than: 10/s", [*HERE, *burst(6, 900, 1), standing, *burst(6, 1_800, 1)], 9_000)
    evidence = [*HERE, *burst(6, 900, 1), at(1_890, Stood, 0, since=906_000), *burst(5, 1_890, 1)]
    assert outcome("never_sends, more_than: 10/s", evidence, 9_000) == HELD


def test_what_piled_up_in_a_stall_was_not_sent_at_once() -> None:
    stall = [at(20, Hindered, by="stall"), at(30, Hindered, by="stall", begins=False)]
    assert outcome("never_sends, more_than: 10/s", [*HERE, *burst(6, 0, 1), *stall, *burst(6, 30, 1)], 9_000) == HELD


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], NOT_JUDGED),
        ([sent(1)], HELD),
        ([sent(1), sent(2, type="", text="{", error="INVALID_MESSAGE", why="not JSON")], FAILED),
        ([sent(1), sent(2, type="", text="{")], FAILED),
        ([sent(1), at(2, Violated, code=1002, why="incorrect masking")], FAILED),
        ([sent(1), at(2, ToldError, code="RATE_LIMIT_EXCEEDED", retry_after=1), sent(1_002, type="")], HELD),
        ([sent(1), at(2, ToldError, code="RATE_LIMIT_EXCEEDED", retry_after=1), sent(1_003, type="")], FAILED),
        ([sent(1, error="AUTH_FAILED")], HELD),
    ],
)
def test_every_message_is_one_of_the_contract(messages: list[Fact], expected: str) -> None:
    assert outcome("sends_valid_messages", [*HERE, *messages], 9_000) == expected


def test_the_failure_quotes_the_message_and_what_is_wrong_with_it() -> None:
    wrong = sent(2, type="", text='{"topic":1}', error="INVALID_MESSAGE", why="type: expected one of subscribe")
    (failure,) = verdict("sends_valid_messages", [*HERE, wrong], 9_000).failures
    assert failure.found == '{"topic":1} (type: expected one of subscribe)'


def test_before_the_mark_messages_may_be_anything() -> None:
    wrong, mark = sent(2, type="", error="INVALID_MESSAGE"), at(3, Landmark, 0, name="there")
    said = "sends_valid_messages, after: there"
    assert outcome(said, [*HERE, wrong, mark, sent(4)], 9_000) == HELD
    assert outcome(said, [*HERE, mark, wrong], 9_000) == FAILED


TOLD = at(1_000, ToldError, code="RATE_LIMIT_EXCEEDED", retry_after=2)


@pytest.mark.parametrize(
    ("said", "then", "until", "expected"),
    [
        ("honours_retry_after", [], 2_999, NOT_JUDGED),
        ("honours_retry_after", [], 3_000, HELD),
        ("honours_retry_after", [sent(1_250)], 9_000, HELD),
        ("honours_retry_after", [sent(1_250.001)], 9_000, FAILED),
        ("honours_retry_after", [sent(2_999.999)], 9_000, FAILED),
        ("honours_retry_after", [sent(3_000)], 9_000, HELD),
        ("honours_retry_after, tolerance: 100ms", [sent(2_900)], 9_000, HELD),
        ("honours_retry_after, tolerance: 100ms", [sent(2_899)], 9_000, FAILED),
        ("honours_retry_after", [at(1_500, Ended, how="closed")], 9_000, NOT_JUDGED),
        ("honours_retry_after", [at(3_500, Ended, how="closed")], 9_000, HELD),
        ("honours_retry_after", [at(1_600, Stood, 0, since=1_100_000), sent(1_700)], 9_000, HELD),
    ],
)
def test_who_was_told_to_wait_is_silent_until_then(said: str, then: list[Fact], until: float, expected: str) -> None:
    assert outcome(said, [*HERE, TOLD, *then], until) == expected


@pytest.mark.parametrize(
    ("again", "until", "expected"), [(2_000, 9_000, HELD), (1_999, 9_000, FAILED), (9_000, 1_999, NOT_JUDGED)]
)
def test_who_was_refused_with_retry_after_tries_no_earlier(again: float, until: float, expected: str) -> None:
    evidence = [*refused(0, 1, 503, retry_after=2), *comes(again, 2)]
    assert outcome("honours_retry_after", evidence, until) == expected


def test_other_clients_may_speak_meanwhile() -> None:
    evidence = [*HERE, *comes(10, 2), TOLD, sent(2_000, 2), *leaves(3_500)]
    assert outcome("honours_retry_after", evidence, 9_000) == HELD
