import pytest

from pvws.limits import HTTP_HEAD_BYTES_MAX
from pvws.server.http import HttpReader, Request, Response

DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


def read(data: bytes) -> Request | Response | None:
    reader = HttpReader()
    reader.feed(data)
    return reader.next()


def test_a_request_is_there_once_its_head_is_whole() -> None:
    reader = HttpReader()
    for byte in b"GET /ws/health?x=1 HTTP/1.1\r\nHost: here\r\nX-Y: z\r\n\r":
        reader.feed(bytes([byte]))
        assert reader.next() is None
    reader.feed(b"\n")
    request = reader.next()
    assert isinstance(request, Request)
    assert (request.method, request.path, request.version) == ("GET", "/ws/health", "HTTP/1.1")
    assert (request.header("x-y"), request.header("absent")) == ("z", None)


@pytest.mark.parametrize(
    ("target", "path"),
    [("/ws", "/ws"), ("/%77s", "/ws"), ("http://here:1/ws/status?a=b", "/ws/status"), ("*", "*"), ("//ws", "//ws")],
)
def test_a_path_is_decoded_and_has_no_query(target: str, path: str) -> None:
    assert Request("GET", target, "HTTP/1.1", []).path == path


def test_a_body_is_read_and_forgotten_and_the_connection_kept_alive() -> None:
    reader = HttpReader()
    reader.feed(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n123")
    assert reader.next() is None
    reader.feed(b"45GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
    for path in ("/a", "/b"):
        request = reader.next()
        assert isinstance(request, Request)
        assert request.path == path
        answer = reader.answer(Response(200, b"hello"), DATE)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b"\r\nContent-Length: 5\r\n\r\nhello")
        assert not reader.must_close
    assert reader.next() is None


def test_the_answer_to_head_has_the_length_and_no_body() -> None:
    reader = HttpReader()
    reader.feed(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
    reader.next()
    assert reader.answer(Response(200, b"hello"), DATE).endswith(b"Content-Length: 5\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"x" * HTTP_HEAD_BYTES_MAX + b" HTTP/1.1\r\n", 431),
    ],
    ids=["a TLS hello", "no Host", "an endless head"],
)
def test_what_is_no_request_is_answered_and_the_connection_closed(data: bytes, status: int) -> None:
    reader = HttpReader()
    reader.feed(data)
    response = reader.next()
    assert isinstance(response, Response)
    assert response.status == status
    assert b"Connection: close" in reader.answer(response, DATE)
    assert reader.must_close


def test_an_http_1_0_client_gets_its_answer_and_the_end() -> None:
    reader = HttpReader()
    reader.feed(b"GET / HTTP/1.0\r\n\r\n")
    assert isinstance(reader.next(), Request)
    reader.answer(Response(200, b""), DATE)
    assert reader.must_close


def test_what_stands_behind_an_upgrade_is_kept() -> None:
    reader = HttpReader()
    reader.feed(b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x80\0\0\0\0")
    assert isinstance(reader.next(), Request)
    assert reader.rest() == b"\x81\x80\0\0\0\0"
