import pytest

from pvws.testing.judging import facts
from pvws.testing.judging.facts import Fact, line
from tests.support.evidence import at


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (at(1, facts.Knocked), "began a handshake"),
        (at(1, facts.Refused, status=503, retry_after=2), "was refused with HTTP 503, Retry-After 2"),
        (at(1, facts.GoneAway), "did not wait for the answer to its handshake"),
        (at(1, facts.Opened), "connected"),
        (at(1, facts.Subscribed, topic="alerts"), "subscribed to alerts"),
        (at(1, facts.Subscribed, topic="alerts", to=False), "unsubscribed from alerts"),
        (at(1, facts.Sent, text="{", error="INVALID_MESSAGE", why="no"), "sent { and was answered INVALID_MESSAGE: no"),
        (at(1, facts.Sent, size=2_000), "sent 2,000 bytes"),
        (at(1, facts.ToldError, code="AUTH_FAILED"), "was told AUTH_FAILED"),
        (at(1, facts.ToldError, code="X", retry_after=60), "was told X, retryAfter 60"),
        (at(1, facts.Pinged, payload=b"x"), "was sent a ping with x"),
        (at(1, facts.Ponged), "sent a pong"),
        (at(1, facts.Given, type="no\nvel"), 'was given an event of the unknown type "no\\nvel"'),
        (at(1, facts.Hindered, by="stall"), "the fault stall begins"),
        (at(1, facts.Violated, code=1002, why="bad"), "broke the protocol (1002: bad)"),
        (at(1, facts.Violated, code=1009, larger_than=1024), "sent a message of more than 1,024 bytes"),
        (at(1, facts.ToldToGo, code=1012, reason="restart"), 'was sent a close frame, code 1012 "restart"'),
        (at(1, facts.Closed), "sent a close frame, without a code"),
        (at(1, facts.Ended, how="closed"), "the connection ended"),
        (at(1, facts.Ended, how="eof"), "ended the connection without a close frame"),
        (at(1, facts.Ended, how="reset"), "was gone without a close frame, by a reset"),
        (at(1, facts.Ended, how="cut", why="no pong"), "was cut off: no pong"),
        (at(1, facts.Landmark, name="the crowd comes"), "“the crowd comes”"),
        (at(1, facts.Hidden), "the server takes no connections"),
        (at(1, facts.Hidden, begins=False), "the server takes connections again"),
        (at(1_500, facts.Stood, since=1_000_000), "this process stood still for 0.500 s"),
    ],
)
def test_each_fact_has_words(fact: Fact, words: str) -> None:
    assert str(fact) == words


def test_every_fact_is_tried_above() -> None:
    assert {getattr(facts, name) for name in facts.__all__ if name not in ("Fact", "line")} == set(
        Fact.__subclasses__()
    )


def test_a_line_of_evidence_counts_from_the_beginning() -> None:
    assert line(at(2_345.6, facts.Opened), 1_000_000, "dash [2]") == "     1.346 s  dash [2] connected"
