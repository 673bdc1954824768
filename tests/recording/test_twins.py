from pvws.recording.format import Message
from pvws.recording.twins import Twins


def kept(*came: tuple[int, int, bytes]) -> list[tuple[int, bytes]]:
    twins = Twins()
    return [(conn, data) for t, conn, data in came if not twins.is_one(Message(t, "recv", data, conn))]


def test_what_several_connections_received_is_there_once() -> None:
    assert kept((0, 1, b"a"), (1, 2, b"a"), (2, 3, b"a"), (3, 2, b"b"), (4, 1, b"b")) == [(1, b"a"), (2, b"b")]


def test_the_same_again_is_there_as_often_as_any_connection_received_it() -> None:
    assert kept((0, 1, b"a"), (1, 1, b"a"), (2, 2, b"a"), (3, 2, b"a"), (4, 2, b"a")) == [
        (1, b"a"),
        (1, b"a"),
        (2, b"a"),
    ]


def test_much_later_it_is_something_new_and_nothing_is_kept_for_ever() -> None:
    twins = Twins()
    assert not twins.is_one(Message(0, "recv", b"a", 1))
    assert not twins.is_one(Message(10_000_001, "recv", b"a", 2))
    assert not twins.is_one(Message(30_000_000, "recv", b"b", 2))
    assert list(twins._counts) == [b"b"]
