from pvws.client.errors import AuthenticationError, BufferFullError, ClosedError, LostError
from pvws.errors import PvwsError, ReachError


def test_each_is_caught_with_all_of_ours_and_says_what_happened() -> None:
    errors = {
        LostError("ws://h/ws", 1006, ""): "ws://h/ws: the connection was lost (1006)",
        LostError("ws://h/ws", 1012, "bye\x1b"): "ws://h/ws: the connection was lost (1012 bye�)",
        BufferFullError(8): "8 events were waiting and one more came: they are not taken fast enough",
        ClosedError("ws://h/ws"): "ws://h/ws: the client is closed",
        AuthenticationError("ws://h/ws", "no", "Try."): "ws://h/ws: no\nTry.",
    }
    for error, said in errors.items():
        assert isinstance(error, PvwsError)
        assert str(error) == said


def test_a_refused_token_is_one_way_of_not_reaching_a_server() -> None:
    assert issubclass(AuthenticationError, ReachError)
    assert AuthenticationError.exit_code == 3
    assert LostError.exit_code == 3


def test_they_carry_their_facts() -> None:
    error = LostError("ws://h/ws", 1012, "bye\x1b")
    assert (error.address, error.code, error.reason) == ("ws://h/ws", 1012, "bye\x1b")
    assert ClosedError("ws://h/ws").address == "ws://h/ws"
