from pvws.errors import PvwsError
from pvws.testing.verdict import BrokenError, Outcome, UnjudgedError, Verdict


def test_there_are_three_outcomes() -> None:
    assert list(Outcome) == ["held", "failed", "not judged"]


def test_a_broken_rule_carries_its_facts() -> None:
    error = BrokenError("ping", "pong", "nothing")
    assert (error.sent, error.expected, error.received) == ("ping", "pong", "nothing")
    assert str(error) == "sent ping: expected pong, received nothing"
    assert isinstance(error, PvwsError)
    assert isinstance(UnjudgedError("why"), PvwsError)


def test_a_verdict_says_no_more_than_it_has_to() -> None:
    assert Verdict("a.b", Outcome.HELD) == Verdict("a.b", Outcome.HELD, "", "", "", "")
