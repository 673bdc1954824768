"""The crowd on real sockets, against a server that does right or wrong on purpose."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from pvws.errors import ReachError
from pvws.testing.load.crowd import _FENCE, Crowd
from pvws.testing.load.reckoning import Reckoning
from pvws.testing.target import Target
from pvws.wire.frames import close_frame, ping_frame, text_frame
from pvws.wire.topics import Topic
from tests.testing.load.conftest import Scripted

CLIENTS = 4
FRAMES = [text_frame(b"event %d" % number) for number in range(100)]
STREAM = b"".join(FRAMES)


@pytest.fixture
def crowd(scripted: Scripted) -> Iterator[Crowd]:
    with closing(Crowd(scripted.target, CLIENTS)) as crowd:
        crowd.open()
        crowd.subscribe([Topic.ALERTS], quiet=True)
        yield crowd


def received(crowd: Crowd, size: int) -> Callable[[], bool]:
    return lambda: crowd.bytes_received >= size


def test_everybody_gets_everything(scripted: Scripted, crowd: Crowd) -> None:
    for number in range(CLIENTS):
        scripted.publish(number, STREAM)
    crowd.listen(received(crowd, CLIENTS * len(STREAM)))
    assert crowd.messages() == CLIENTS * len(FRAMES) == crowd.estimate()
    assert crowd.finish(complete=True) == Reckoning(reach=CLIENTS)
    assert (len(crowd), crowd.gone) == (CLIENTS, 0)


def test_pings_of_the_server_are_answered_and_disturb_nothing(scripted: Scripted, crowd: Crowd) -> None:
    for number in range(CLIENTS):
        scripted.publish(number, ping_frame() + STREAM + ping_frame() * number)
    crowd.listen(received(crowd, CLIENTS * len(STREAM)))
    assert crowd.finish(complete=True) == Reckoning(reach=CLIENTS)


@pytest.mark.parametrize(
    ("stream", "found"),
    [
        (b"".join(FRAMES[:50] + FRAMES[51:]), Reckoning(reach=CLIENTS - 1, lost=1)),
        (b"".join(FRAMES[:-1]), Reckoning(reach=CLIENTS - 1, lost=1)),
        (STREAM + FRAMES[7], Reckoning(reach=CLIENTS - 1, repeated=1)),
        (b"".join([FRAMES[1], FRAMES[0], *FRAMES[2:]]), Reckoning(reach=CLIENTS - 1, disordered=1)),
        (STREAM + text_frame(b"?"), Reckoning(reach=CLIENTS - 1, strange=1)),
    ],
    ids=["lost", "lost at the end", "repeated", "disordered", "strange"],
)
def test_what_goes_wrong_on_one_connection_is_seen(
    scripted: Scripted, crowd: Crowd, stream: bytes, found: Reckoning
) -> None:
    for number in range(CLIENTS):
        scripted.publish(number, stream if number == 2 else STREAM)
    crowd.listen(received(crowd, (CLIENTS - 1) * len(STREAM)))
    assert crowd.finish(complete=True) == found


def test_each_message_is_observed_once_on_each_connection(scripted: Scripted, crowd: Crowd) -> None:
    seen: list[tuple[int, int]] = []
    for number in range(CLIENTS):
        scripted.publish(number, STREAM)
    crowd.listen(received(crowd, CLIENTS * len(STREAM)), lambda first, end, at: seen.append((first, end)))
    assert sum(end - first for first, end in seen) == CLIENTS * len(FRAMES)
    assert [first for first, _ in seen].count(0) == CLIENTS


def test_a_connection_that_the_server_ends_is_gone_and_has_lost_the_rest(scripted: Scripted, crowd: Crowd) -> None:
    scripted.publish(0, STREAM)
    scripted.publish(1, STREAM)
    scripted.publish(2, b"".join(FRAMES[:40]) + close_frame(1013))
    scripted.publish(3, b"".join(FRAMES[:40]))
    scripted.close(3)
    crowd.listen(lambda: crowd.gone == 2)
    assert crowd.finish(complete=True) == Reckoning(reach=2, lost=120)


def test_without_the_leader_nothing_can_be_told(scripted: Scripted, crowd: Crowd) -> None:
    scripted.close(0)
    with pytest.raises(ReachError, match="it has ended the first connection"):
        crowd.listen(lambda: False)


def test_who_comes_in_the_middle_of_a_stream_is_to_get_what_comes_from_then_on(scripted: Scripted) -> None:
    def subscribed(number: int, text: bytes) -> bytes:
        assert text == b'{"type":"subscribe","topic":"alerts","data":"alerts"}'
        for earlier in range(number):
            scripted.publish(earlier, FRAMES[number])
        return FRAMES[number]

    scripted.on_text = subscribed
    with closing(Crowd(scripted.target, CLIENTS)) as crowd:
        crowd.open()
        crowd.subscribe([Topic.ALERTS], quiet=False)
        for number in range(CLIENTS):
            scripted.publish(number, b"".join(FRAMES[CLIENTS:]))
        crowd.listen(received(crowd, CLIENTS * len(b"".join(FRAMES[CLIENTS:]))))
        assert crowd.finish(complete=False) == Reckoning(reach=CLIENTS)
        assert len(crowd.leader.messages) == len(FRAMES)


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with (
        closing(Crowd(Target(f"ws://127.0.0.1:{port}/ws"), 1)) as crowd,
        pytest.raises(ReachError, match="connection refused"),
    ):
        crowd.open()


def test_a_server_that_refuses_is_told_with_its_answer(scripted: Scripted) -> None:
    scripted.status = 401
    with (
        closing(Crowd(scripted.target, 1)) as crowd,
        pytest.raises(ReachError, match="it answered HTTP 401 instead of a WebSocket"),
    ):
        crowd.open()


@pytest.mark.parametrize("behind", [b"", bytes([0x8A, len(_FENCE)]) + _FENCE], ids=["alone", "with the pong"])
def test_a_server_that_turns_somebody_away_is_told_with_who_it_was(scripted: Scripted, behind: bytes) -> None:
    scripted.on_text = lambda number, text: close_frame(1013) + behind if number == 2 else b""
    with closing(Crowd(scripted.target, CLIENTS)) as crowd:
        crowd.open()
        with pytest.raises(ReachError, match=f"client 3 of {CLIENTS} was turned away"):
            crowd.subscribe([Topic.ALERTS], quiet=True)


def test_a_server_that_does_not_compress_is_told_when_it_is_to(scripted: Scripted) -> None:
    with (
        closing(Crowd(scripted.target, 1, compress=True)) as crowd,
        pytest.raises(ReachError, match="it does not compress each message by itself"),
    ):
        crowd.open()
