import pytest

from pvws.testing.answer import Answer, NoHttpError, request_text, take_answer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Spelled-So: a\r\nx-spelled-so: b\r\n\r\n{}"


def test_an_answer_is_taken_off_and_what_follows_is_left() -> None:
    data = bytearray(OK + b"HTTP/1.1 404")
    answer = take_answer(data, "GET", ended=False)
    assert answer == Answer(200, [("Content-Length", "2"), ("X-Spelled-So", "a"), ("x-spelled-so", "b")], b"{}")
    assert data == b"HTTP/1.1 404"


def test_an_answer_that_is_not_whole_is_left_where_it_is() -> None:
    for end in range(len(OK)):
        data = bytearray(OK[:end])
        assert take_answer(data, "GET", ended=False) is None
        assert data == OK[:end]


def test_an_answer_to_head_has_no_body() -> None:
    data = bytearray(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP")
    answer = take_answer(data, "HEAD", ended=False)
    assert answer is not None
    assert (answer.body, data) == (b"", b"HTTP")


def test_behind_a_101_come_frames() -> None:
    data = bytearray(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x00")
    answer = take_answer(data, "GET", ended=False)
    assert answer is not None
    assert (answer.status, data) == (101, b"\x81\x00")


def test_a_body_may_end_with_the_connection_or_come_in_chunks() -> None:
    ending = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    assert take_answer(bytearray(ending), "GET", ended=False) is None
    found = take_answer(bytearray(ending), "GET", ended=True)
    assert found is not None
    assert found.body == b"all of it"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    found = take_answer(bytearray(chunked), "GET", ended=False)
    assert found is not None
    assert found.body == b"ab"


def test_an_interim_answer_is_passed_over() -> None:
    found = take_answer(bytearray(b"HTTP/1.1 100 Continue\r\n\r\n" + OK), "GET", ended=False)
    assert found is not None
    assert found.status == 200


@pytest.mark.parametrize("data", [b"\x81\x02{}\r\n\r\n", b"junk\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_told(data: bytes) -> None:
    with pytest.raises(NoHttpError):
        take_answer(bytearray(data), "GET", ended=False)


def test_headers_are_found_whatever_their_case_and_read_as_lists() -> None:
    answer = Answer(200, [("ALLOW", "GET, head"), ("allow", "Options")])
    assert answer.header("Allow") == "GET, head, Options"
    assert answer.tokens("Allow") == {"get", "head", "options"}
    assert answer.header("Vary") is None
    assert answer.tokens("Vary") == set()


def test_a_body_is_read_as_json_if_it_is_some() -> None:
    assert Answer(200, [], b'{"a":1}').fields == {"a": 1}
    assert Answer(200, [], b"[1]").json() == [1]
    assert Answer(200, [], b"[1]").fields == {}
    assert Answer(200, [], b"[" * 100_000).json() is None


def test_an_answer_is_told_on_one_line() -> None:
    assert str(Answer(404, [("A", "b")], b"gone\n")) == "HTTP 404 (A: b) with the body gone\\n"


def test_a_request_is_written_as_it_is_asked_for() -> None:
    text = request_text("GET", "/ws", {"Host": "h", "Upgrade": None}, b"body")
    assert text == b"GET /ws HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
