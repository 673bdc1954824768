import pytest

from pvws.errors import PvwsError
from pvws.testing.load.answers import measure_answers
from pvws.wire.frames import close_frame, text_frame
from tests.testing.load.conftest import Scripted

PONG = text_frame(b'{"type": "pong"}')


def test_each_ping_is_answered_and_timed(scripted: Scripted) -> None:
    scripted.on_text = lambda number, text: PONG
    found = measure_answers(scripted.target, 3, 200.0, 0.2)
    assert (found.clients, found.asked, found.answered, found.others) == (3, 40, 40, 0)
    assert 0 < found.latency_p50 <= found.latency_p99 <= found.latency_worst


def test_other_messages_are_no_answers(scripted: Scripted) -> None:
    scripted.on_text = lambda number, text: text_frame(b'{"type":"error"}') + (PONG if number else b"")
    found = measure_answers(scripted.target, 2, 100.0, 0.1)
    assert (found.asked, found.answered, found.others) == (10, 5, 10)


def test_a_connection_that_is_ended_meanwhile_is_told(scripted: Scripted) -> None:
    scripted.on_text = lambda number, text: close_frame(1008)
    with pytest.raises(PvwsError, match="ended connection 1 while it was measured"):
        measure_answers(scripted.target, 1, 100.0, 0.1)
