from pvws.cli.ear import ears
from pvws.proxy.recorded import Stenographer
from pvws.recording.format import Close, Entry, Message, Open

UPGRADE = b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def test_each_connection_has_an_ear_and_a_number_of_its_own() -> None:
    written: list[Entry] = []
    make = ears("ws://a/ws", Stenographer(written.append, lambda: 5))
    for error in (None, ConnectionResetError()):
        ear = make()
        ear.sent(UPGRADE)
        ear.received(SWITCH + b"\x81\x02hi")
        ear.ended(error)
    request = (("host", "a"), ("upgrade", "websocket"), ("connection", "Upgrade"))
    response = (("upgrade", "websocket"), ("connection", "Upgrade"))
    assert written == [
        Open(5, 1, "ws://a/ws", request=request, response=response),
        Message(5, "recv", b"hi", 1),
        Close(5, "recv", 1006, "the stream ended", 1),
        Open(5, 2, "ws://a/ws", request=request, response=response),
        Message(5, "recv", b"hi", 2),
        Close(5, "recv", 1006, "the connection was reset", 2),
    ]
