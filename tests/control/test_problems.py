"""Errors put into problem details: the kind, the status, and every mistake."""

import logging

import pytest

from pvws.answers import Mistake, encoded
from pvws.control.problems import KINDS, Refusal, refusal_of, unknown
from pvws.errors import InputError, MessageError, Problem, PvwsError, TooManyError
from pvws.stage.advance import Advance, CantGoBackError, ClockTimeoutError, NeverHappenedError, NotHeldError

ADVANCE = Advance(1_704_067_200_000_001, 7)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InputError(Problem("a.b", "a text", "5")), "invalid"),
        (MessageError("data", "a mapping"), "invalid"),
        (NotHeldError(), "clock-runs"),
        (CantGoBackError("it is gone"), "no-way-back"),
        (ClockTimeoutError(1.0, ADVANCE), "timeout"),
        (NeverHappenedError("it", ADVANCE), "never-happened"),
        (TooManyError("worlds", 256), "too-many"),
        (PvwsError("it can't be done"), "conflict"),
        (Refusal("busy", "later"), "busy"),
    ],
)
def test_an_error_becomes_a_problem_of_its_kind(error: Exception, kind: str) -> None:
    refusal = refusal_of(error)
    assert refusal.kind == kind
    assert refusal.document.type == f"urn:pvws:problem:{kind}"
    assert (refusal.status, refusal.document.title) == KINDS[kind]


def test_a_clock_that_did_not_get_there_says_how_far_it_came() -> None:
    assert refusal_of(ClockTimeoutError(1.0, ADVANCE)).document.came_to == {
        "at": "2024-01-01T00:00:00.000001Z",
        "count": 7,
        "ended": False,
    }


def test_mistakes_keep_their_place_in_a_file() -> None:
    error = InputError(
        Problem("network.peers", "a number", '"x"', file="a.yaml", line=3, column=7, hint="so"), Problem("b", "c")
    )
    document = refusal_of(error).document
    assert document.errors == [Mistake("network.peers", "a number", '"x"', "so", "a.yaml", 3, 7), Mistake("b", "c")]
    assert document.detail == 'a.yaml:3:7: network.peers: expected a number, got "x" (so) (and 1 more)'


def test_a_mistake_of_ours_is_logged_and_no_traceback_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "pvws.control"):
        refusal = refusal_of(ZeroDivisionError("secret detail"))
    assert refusal.status == 500
    assert "secret detail" not in encoded(refusal.document).decode()
    assert "ZeroDivisionError('secret detail')" in caplog.text


def test_what_is_unknown_is_told_with_what_there_is() -> None:
    document = unknown("world", "mian", ["main", "other"], kind="unknown-world").document
    assert document.status == 404
    assert document.detail == 'there is no world "mian"; there are main, other (did you mean "main"?)'
    assert document.errors == [Mistake("world", "one of main, other", '"mian"', 'did you mean "main"?')]
    assert unknown("fault", "f1", []).document.detail == 'there is no fault "f1"; there is no fault at all'
