"""The coin of the test-bed, and the protocol of what gives it out."""

from typing import Any, get_args

import msgspec
import pytest

from pvws.sim.source import ClientInput, Cue, CueKind, Deed, Source, Timed


class Clockwork:
    """A source of some messages and a cue; when a client does something, one message more is due then."""

    def __init__(self) -> None:
        self.due: list[Timed | Cue] = [
            Timed(1, 0, "alerts", "made_up", b"{}"),
            Timed(2, 1, "alerts", "made_up", b"{}"),
            Cue(2, "mark", "half"),
            Timed(3, 2, "alerts", "made_up", b"{}"),
        ]

    def peek(self) -> int | None:
        return self.due[0].at if self.due else None

    def take(self, until: int | None, limit: int) -> list[Timed | Cue]:
        taken: list[Timed | Cue] = []
        while self.due and len(taken) < limit and (until is None or self.due[0].at <= until):
            taken.append(self.due.pop(0))
            if isinstance(taken[-1], Cue):
                break
        return taken

    def tell(self, deed: ClientInput) -> ClientInput | None:
        self.due.append(Timed(deed.at, 3, "alerts", deed.did, b"{}"))
        return deed


def test_a_timed_message_carries_any_text_even_of_unknown_type() -> None:
    timed = Timed(at=5, sequence=3, topic="alerts", type="made_up", text=b"not even JSON")
    assert (timed.at, timed.sequence, timed.topic, timed.type) == (5, 3, "alerts", "made_up")
    assert timed.text == b"not even JSON"


@pytest.mark.parametrize("coin", [Timed(1, 0, "alerts", "x", b"{}"), Cue(1, "mark"), ClientInput(1, 1, "connects")])
def test_what_goes_through_hands_can_not_be_changed_on_the_way(coin: Any) -> None:
    with pytest.raises(AttributeError):
        coin.at = 2


@pytest.mark.parametrize(
    "coin",
    [
        Timed(1, 0, "alerts", "made_up", b"\xff{}"),
        Cue(1, "disconnect", share=0.5, seed=3, code=1012, reason="restart"),
        ClientInput(1, 2, "subscribes", topic="alerts"),
    ],
)
def test_it_goes_through_a_pipe_and_back(coin: Any) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(coin), type=type(coin)) == coin


@pytest.mark.parametrize("kind", get_args(CueKind))
def test_a_cue_without_figures_concerns_all_and_closes_normally(kind: CueKind) -> None:
    cue = Cue(7, kind)
    assert (cue.name, cue.micros, cue.share, cue.code, cue.reason) == ("", 0, 1.0, 1000, "")


@pytest.mark.parametrize("deed", get_args(Deed))
def test_what_a_client_does_is_a_line_of_json(deed: Deed) -> None:
    line = msgspec.json.encode(ClientInput(5, 1, deed))
    assert msgspec.json.decode(line, type=ClientInput) == ClientInput(5, 1, deed)


def test_a_client_that_does_something_unknown_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"at":5,"client":1,"did":"dances"}', type=ClientInput)


def test_a_source_is_asked_until_it_has_nothing_more_to_show() -> None:
    source: Source = Clockwork()
    taken = []
    while source.peek() is not None:
        taken.append([each.at for each in source.take(None, 10)])
    assert taken == [[1, 2, 2], [3]], "a cue is the last in its list"
    assert source.take(None, 10) == []


def test_a_source_gives_out_no_more_than_is_asked_for() -> None:
    source: Source = Clockwork()
    assert source.take(0, 10) == []
    assert len(source.take(2, 1)) == 1
    assert source.peek() == 2


def test_a_source_is_told_what_clients_do_and_says_when_that_takes_effect() -> None:
    source: Source = Clockwork()
    assert source.tell(ClientInput(9, 1, "connects")) == ClientInput(9, 1, "connects")
    taken = source.take(None, 10) + source.take(None, 10)
    assert isinstance(taken[-1], Timed)
    assert (taken[-1].at, taken[-1].type) == (9, "connects")
