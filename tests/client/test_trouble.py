import errno
import socket
import ssl

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus, InvalidUpgrade
from websockets.http11 import Response

from pvws.client.trouble import trouble_of

URL = "ws://localhost:8083/ws"


def answered(status: int, **headers: str) -> InvalidStatus:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return InvalidStatus(Response(status, "\x1b[31m", Headers(fields)))


def test_a_refusal_is_told_with_its_status_and_is_definite() -> None:
    trouble = trouble_of(answered(401), URL)
    assert trouble.what == "the server answered HTTP 401 Unauthorized instead of a WebSocket"
    assert trouble.definite


def test_a_wrong_path_is_answered_with_the_right_one() -> None:
    assert "try ws://localhost:8083/ws" in trouble_of(answered(404), "ws://localhost:8083/").advice
    assert "Another program answers there. Check the port" in trouble_of(answered(404), URL).advice


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("wss://other/ws?token=x", "wss://other/ws?token=…"),
        ("/elsewhere", "ws://localhost:8083/elsewhere"),
        ("ws://h/\x9b31m", "ws://h/�31m"),
        ("ws://[h", "another address"),
        ("", "another address"),
        ("ws://h/" + "w" * 9000, "ws://h/" + "w" * 193),
    ],
)
def test_a_server_that_points_elsewhere_is_quoted_with_care(location: str, shown: str) -> None:
    trouble = trouble_of(answered(302, Location=location), URL)
    assert trouble.advice == f"It points to {shown}, which is not followed: give that address, if it is right."
    assert trouble.definite


@pytest.mark.parametrize(("status", "refused"), [(401, True), (403, True), (404, False), (503, False)])
def test_a_token_that_is_refused_is_told_from_other_troubles(status: int, refused: bool) -> None:
    assert trouble_of(answered(status), URL).refused is refused


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:01:40 -0000", 90.0),
        ("9" * 400, 86_400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_when_to_come_back_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    assert trouble_of(answered(503, Retry_After=header), URL, now=10.0).retry_after_s == seconds


def test_of_several_answers_when_to_come_back_the_first_counts() -> None:
    error = answered(503, Retry_After="7")
    error.response.headers["Retry-After"] = "9"
    assert trouble_of(error, URL).retry_after_s == 7.0


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_server_that_is_not_ready_may_be_ready_later(status: int) -> None:
    assert not trouble_of(answered(status), URL).definite


def test_a_status_nobody_knows_is_told_by_its_number() -> None:
    assert "HTTP 499 instead" in trouble_of(answered(499), URL).what


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), "connection refused"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] the same"), "connection refused"),
        (OSError("Multiple exceptions: [Errno 111] one, [Errno 113] another"), "the connection failed"),
        (ConnectionResetError(), "the connection was reset before it was answered"),
        (TimeoutError("timed out during opening handshake"), "no answer in time"),
        (socket.gaierror(-2, "Name or service not known"), "the host's name can't be looked up: Name or service not"),
        (InvalidMessage("did not receive a valid HTTP response"), "the connection was closed before it was answered"),
        (RuntimeError("surprise"), "the connection failed (RuntimeError)"),
    ],
)
def test_what_may_pass_is_told_in_words_and_is_not_definite(error: Exception, what: str) -> None:
    trouble = trouble_of(error, URL)
    assert trouble.what.startswith(what)
    assert not trouble.definite


@pytest.mark.parametrize(
    "error",
    [ssl.SSLError(1, "[SSL] wrong version"), InvalidUpgrade("Upgrade", "\x1b"), InvalidHandshake(), ValueError()],
)
def test_what_will_not_pass_is_definite(error: Exception) -> None:
    trouble = trouble_of(error, URL)
    assert trouble.definite
    assert trouble.what.isprintable()
