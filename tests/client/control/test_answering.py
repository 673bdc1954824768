"""What is made of an answer: a value, a refusal with the server's words, or word that no control plane is there."""

import json
from typing import Any

import pytest

from pvws.answers import ClockState, Comparison
from pvws.client.control.address import place_of
from pvws.client.control.answering import unreached, value_of
from pvws.client.control.errors import ControlError, ControlTimeoutError
from pvws.client.control.exchange import Answer, TooLargeError
from pvws.errors import ReachError

PLACE = place_of(":8084")


def problem(status: int, **fields: Any) -> Answer:
    return Answer(status, "application/problem+json", json.dumps(fields).encode())


def test_an_answer_is_read_as_its_kind() -> None:
    assert value_of(Answer(200, "application/json", b'{"equal": true}'), Comparison, PLACE) == Comparison(equal=True)
    assert value_of(Answer(200, "application/json; charset=utf-8", b'{"a": [1]}'), object, PLACE) == {"a": [1]}
    assert value_of(Answer(204, ""), type(None), PLACE) is None


def test_a_refusal_is_told_in_the_servers_words() -> None:
    errors = [{"path": "topic", "expected": "one of …", "found": '"alert"', "hint": "did you mean alerts?", "new": 1}]
    with pytest.raises(ControlError, match="topic: expected") as caught:
        value_of(problem(422, detail="topic: expected one of …", errors=errors, other={}), Comparison, PLACE)
    assert (caught.value.status, caught.value.errors[0].hint) == (422, "did you mean alerts?")


def test_what_did_not_happen_in_time_has_what_came() -> None:
    entry = {"sequence": 3, "at": "2024-01-01T00:00:00Z", "did": "connects", "client": "0" * 32, "number": 1}
    with pytest.raises(ControlTimeoutError) as caught:
        value_of(problem(408, title="It did not happen in time", entries=[entry]), Comparison, PLACE)
    assert [each.sequence for each in caught.value.entries] == [3]
    assert str(caught.value) == "It did not happen in time"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404, "text/plain", b"nothing here"), r"no control plane of pvws \(HTTP 404 Not Found\)"),
        (Answer(426, "text/plain"), r"HTTP 426 Upgrade Required"),
        (Answer(307, "text/html"), r"HTTP 307 Temporary Redirect"),
        (Answer(599, "text/html"), r"HTTP 599\)"),
        (Answer(200, "text/html", b"<html>"), "no control plane of pvws"),
        (Answer(500, "application/problem+json", b"{"), "is not understood"),
        (Answer(200, "application/json", b'{"at": 5}'), r"not understood: .*\$\.at"),
        (Answer(200, "application/json", b"{"), "not understood"),
    ],
)
def test_what_is_none_of_ours_is_said(answer: Answer, words: str) -> None:
    with pytest.raises(ReachError, match=words) as caught:
        value_of(answer, ClockState, PLACE)
    assert caught.value.advice


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "no answer within 10 s"),
        (EOFError(), "ended before the answer was whole"),
        (TooLargeError(), "too large"),
        (ConnectionRefusedError(111, "refused"), "connection refused"),
        (ConnectionResetError(), "was reset before it was answered"),
    ],
)
def test_why_there_was_no_answer_is_said(error: Exception, words: str) -> None:
    assert words in str(unreached(error, PLACE, 10))
