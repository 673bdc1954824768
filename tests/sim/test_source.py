"""The coin of the test-bed, and the protocol of what gives it out."""

import msgspec
import pytest

from pvws.sim.source import Source, Timed


class Clockwork:
    """A source of two steps, one of which gives out nothing."""

    def __init__(self) -> None:
        self.steps = [(1, [Timed(1, 0, "alerts", "made_up", b"{}")]), (2, [])]

    def peek(self) -> int | None:
        return self.steps[0][0] if self.steps else None

    def step(self) -> list[Timed]:
        return self.steps.pop(0)[1]


def test_a_timed_message_carries_any_text_even_of_unknown_type() -> None:
    timed = Timed(at=5, sequence=3, topic="alerts", type="made_up", text=b"not even JSON")
    assert (timed.at, timed.sequence, timed.topic, timed.type, timed.text) == (
        5,
        3,
        "alerts",
        "made_up",
        b"not even JSON",
    )


def test_a_timed_message_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Timed(1, 0, "alerts", "made_up", b"{}").at = 2  # type: ignore[misc]


def test_a_timed_message_goes_through_a_pipe_and_back() -> None:
    timed = Timed(1, 0, "alerts", "made_up", b"\xff{}")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(timed), type=Timed) == timed


def test_a_source_is_stepped_until_it_has_nothing_more_to_show() -> None:
    source: Source = Clockwork()
    given = []
    while (at := source.peek()) is not None:
        given.append((at, source.step()))
    assert given == [(1, [Timed(1, 0, "alerts", "made_up", b"{}")]), (2, [])]
    with pytest.raises(IndexError):
        source.step()
