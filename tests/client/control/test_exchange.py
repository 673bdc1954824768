"""Requests and answers as bytes, without a socket: what is sent, and what is made of what comes, however it is cut."""

import json

import h11
import pytest

from pvws.client.control import exchange as module
from pvws.client.control.exchange import Answer, Exchange, Request, TooLargeError
from tests.support.canned import answer


def drive(exchange: Exchange, request: Request, *pieces: bytes) -> tuple[bytes, Answer]:
    """What is sent, and the answer that is made of pieces."""
    steps, sent, left = exchange.ask(request), b"", iter(pieces)
    try:
        wanted = next(steps)
        while True:
            if wanted is None:
                wanted = steps.send(next(left))
            else:
                sent += wanted
                wanted = steps.send(b"")
    except StopIteration as done:
        return sent, done.value


def one(token: str | None = None, base: str = "") -> Exchange:
    return Exchange("localhost:8084", base, token)


GET = Request(method="GET", path="/v1/state")


def test_a_request_says_host_and_what_it_takes() -> None:
    sent, got = drive(one(), GET, answer("{}"))
    head = sent.decode().split("\r\n")
    assert head[0] == "GET /v1/state HTTP/1.1"
    assert "Host: localhost:8084" in head
    assert not any(line.startswith(("Authorization", "Content-")) for line in head)
    assert got == Answer(200, "application/json", b"{}")


def test_a_token_is_presented_and_a_base_goes_before() -> None:
    sent, _ = drive(one("hush", "/beds"), GET, answer("{}"))
    assert b"GET /beds/v1/state " in sent
    assert b"Authorization: Bearer hush" in sent


def test_a_query_leaves_out_what_is_not_given_and_quotes_the_rest() -> None:
    query: dict[str, object] = {"world": None, "where": "type == 'ä & b'", "after": 0}
    sent, _ = drive(one(), Request(method="GET", path="/v1/journal", query=query), answer("{}"))
    assert sent.startswith(b"GET /v1/journal?where=type%20%3D%3D%20%27%C3%A4%20%26%20b%27&after=0 HTTP/1.1")


def test_a_body_is_json_in_utf_8() -> None:
    sent, _ = drive(one(), Request(method="POST", path="/v1/emit", body={"data": "größe 漢"}), answer("{}"))
    head, _, body = sent.partition(b"\r\n\r\n")
    assert json.loads(body) == {"data": "größe 漢"}
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Content-Type: application/json" in head


def test_a_request_without_a_body_says_so() -> None:
    sent, _ = drive(one(), Request(method="DELETE", path="/v1/faults"), answer("", "204 No Content"))
    assert b"Content-Length: 0\r\n" in sent


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_answer_is_the_same_however_it_is_cut(size: int) -> None:
    whole = answer('{"name": "größe"}')
    got = drive(one(), GET, *(whole[at : at + size] for at in range(0, len(whole), size)))[1]
    assert got.body.decode() == '{"name": "größe"}'


def test_a_chunked_answer_is_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert drive(one(), GET, head + b"2\r\n{}\r\n", b"1\r\n \r\n0\r\n\r\n")[1].body == b"{} "


def test_a_connection_serves_one_request_after_the_other() -> None:
    exchange = one()
    assert not exchange.reusable
    for _ in range(3):
        assert drive(exchange, GET, answer("{}"))[1].body == b"{}"
        assert exchange.reusable


def test_a_connection_that_the_server_closes_is_not_used_again() -> None:
    exchange = one()
    drive(exchange, GET, answer("{}", more="Connection: close\r\n"))
    assert not exchange.reusable


def test_a_stream_is_given_back_with_its_head_and_goes_on() -> None:
    exchange = one()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
    assert drive(exchange, GET, head)[1] == Answer(200, "text/event-stream; charset=utf-8")
    steps = exchange.more()
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send(b"data: 1\n\n")
    assert done.value.value == b"data: 1\n\n"
    steps = exchange.more()
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send(b"")
    assert done.value.value is None


def test_an_end_before_the_answer_and_within_it_are_errors() -> None:
    with pytest.raises(EOFError):
        drive(one(), GET, b"")
    with pytest.raises(h11.RemoteProtocolError):
        drive(one(), GET, answer("{}")[:-1], b"")


def test_what_is_no_http_is_an_error() -> None:
    with pytest.raises(h11.RemoteProtocolError):
        drive(one(), GET, b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def test_an_answer_without_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_BYTES_MAX", 100)
    with pytest.raises(TooLargeError):
        drive(one(), GET, answer("x" * 101))
