import pytest

from pvws.proxy.exchange import HEAD_BYTES_MAX, Requests, Responses, Wish
from pvws.proxy.route import Route

UPGRADE = b"GET /ws HTTP/1.1\r\nHost: near\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
PLAIN = b"GET /ws/health HTTP/1.1\r\nHost: near\r\n\r\n"
POST = b"POST /ws HTTP/1.1\r\nHost: near\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST /ws HTTP/1.1\r\nHost: near\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def far(data: bytes) -> bytes:
    return data.replace(b"Host: near", b"Host: far:1")


def requests() -> Requests:
    return Requests(Route("ws://far:1/ws"))


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_every_head_is_rewritten_and_every_body_passes_however_they_are_cut(size: int) -> None:
    taken, sent = requests(), PLAIN + POST + CHUNKED + PLAIN + UPGRADE + b"\x81\x80frames"
    assert b"".join(taken.feed(piece) for piece in pieces(sent, size)) == far(sent)
    assert [wish.method for wish in taken.heads] == ["GET", "POST", "POST", "GET", "GET"]
    assert taken.awaiting
    assert taken.early == b"\x81\x80frames"


def test_a_body_passes_as_it_comes() -> None:
    taken = requests()
    assert taken.feed(POST[:-3]) == far(POST[:-3])
    assert taken.feed(POST[-3:]) == POST[-3:]


def test_a_head_is_held_back_until_it_is_whole() -> None:
    taken = requests()
    assert taken.feed(PLAIN[:-1]) == b""
    assert taken.feed(PLAIN[-1:]) == far(PLAIN)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00 hello of TLS\r\n\r\n",
        b"GET\r\n\r\n",
        PLAIN[:-2] + b"X: " + b"x" * HEAD_BYTES_MAX,
        b"POST /ws HTTP/1.1\r\nHost: near\r\nContent-Length: many\r\n\r\n",
    ],
    ids=["TLS", "nonsense", "too long a head", "a wrong length"],
)
def test_what_is_no_http_passes_as_it_is(sent: bytes) -> None:
    taken = requests()
    assert taken.feed(sent) + taken.feed(b"more") == sent + b"more"
    assert taken.unreadable


def test_a_broken_body_passes_as_it_is() -> None:
    taken, sent = requests(), CHUNKED.replace(b"5\r\n", b"x\r\n")
    assert taken.feed(sent) + taken.feed(b"more") == far(sent) + b"more"
    assert taken.unreadable


def test_behind_a_refused_handshake_requests_go_on() -> None:
    taken = requests()
    taken.feed(UPGRADE)
    taken.go_on()
    assert taken.feed(PLAIN) == far(PLAIN)


def wish(method: str = "GET", *, upgrade: bool = False) -> Wish:
    return Wish(method, "/ws", [("upgrade", "websocket"), ("connection", "Upgrade")] if upgrade else [])


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_answers_end_where_their_requests_say(size: int) -> None:
    taken = Responses()
    for each in (wish(), wish("HEAD"), wish("POST"), wish(upgrade=True)):
        taken.expect(each)
    answers = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    )
    for piece in pieces(answers, size):
        taken.feed(piece)
    assert [answer.status for answer in taken.heads] == [200, 200, 404, 101]
    assert taken.switched == b""
    assert not taken.unreadable


def test_frames_behind_a_101_are_kept() -> None:
    taken = Responses()
    taken.expect(wish(upgrade=True))
    taken.feed(b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x00")
    assert taken.switched == b"\x81\x00"


@pytest.mark.parametrize("sent", [b"HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n", b"what?"])
def test_an_answer_to_nothing_is_not_read(sent: bytes) -> None:
    taken = Responses()
    taken.feed(sent)
    assert taken.unreadable
    assert not taken.heads


def test_an_answer_that_is_no_http_is_not_read() -> None:
    taken = Responses()
    taken.expect(wish())
    taken.feed(b"what?\r\n\r\n")
    assert taken.unreadable
