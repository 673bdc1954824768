"""Plain HTTP on the WebSocket port: requests out of bytes and answers into bytes, by h11."""

from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import h11
from msgspec import Struct

from pvws.limits import HTTP_HEAD_BYTES_MAX

__all__ = ["HttpReader", "Request", "Response"]


class Request(Struct, frozen=True):
    """A request's head. `path` is decoded and has no query; header names are in lower case."""

    method: str
    target: str
    version: str
    headers: list[tuple[str, str]]

    @property
    def path(self) -> str:
        """The target's path, decoded; `*` for a request about the server as a whole."""
        if self.target.startswith(("http://", "https://")):  # RFC 9112, section 3.2.2: also servers take this form
            return unquote(urlsplit(self.target).path)
        return unquote(self.target.partition("?")[0])

    def query(self, name: str) -> str | None:
        """The value of a query parameter, decoded; the first one if there are several."""
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True).get(name, [None])[0]

    def header(self, name: str) -> str | None:
        """The value of a header, by its lower-case name; the first one if there are several."""
        return next((value for key, value in self.headers if key == name), None)


class Response(Struct, frozen=True):
    """An answer. Content-Length and Date are added, and `Connection: close` where the connection ends with it.

    Without a `content_type` there is no content, and neither header of it (RFC 9110, section 8.6, for 204).
    """

    status: int
    body: bytes
    content_type: str | None = "text/plain; charset=utf-8"
    headers: list[tuple[str, str]] = []


class HttpReader:
    """Reads one request after the other from a connection that is kept alive.

    Order of calls: `feed` with bytes; then `next` until it gives None, and `answer` after each request.
    """

    __slots__ = ("_connection", "_head", "must_close")

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HTTP_HEAD_BYTES_MAX)
        self._head: h11.Request | None = None
        self.must_close = False
        """Whether the connection is to be closed once the last answer is written."""

    def feed(self, data: bytes) -> None:
        """Take bytes that came from the connection."""
        self._connection.receive_data(data)

    def next(self) -> Request | Response | None:
        """The next request, once its body has come (it is not kept); None when no whole one is there.

        What is no HTTP request gives the Response that says so; the connection must be closed behind it, and nothing
        that still comes is a request.
        """
        if self.must_close:
            return None
        try:
            while True:
                event = self._connection.next_event()
                if isinstance(event, h11.Request):
                    self._head = event
                elif isinstance(event, h11.EndOfMessage):
                    return self._request()
                elif not isinstance(event, h11.Data):
                    return None
        except h11.RemoteProtocolError as error:
            return Response(error.error_status_hint, f"{error}\n".encode(), headers=[("Connection", "close")])
        except ValueError as error:  # of a target that is no URL
            return Response(400, f"{error}\n".encode(), headers=[("Connection", "close")])

    def answer(self, response: Response, date: str) -> bytes:
        """The bytes of the answer to the last request; `date` as HTTP writes it."""
        headers = [("Date", date), *response.headers]
        if response.content_type is not None:
            headers += [("Content-Type", response.content_type), ("Content-Length", str(len(response.body)))]
        # A header may echo what the client sent, which is any byte (RFC 9110, section 5.5).
        encoded = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
        head = h11.Response(status_code=response.status, headers=encoded, reason=_phrase(response.status))
        text = self._connection.send(head)
        if response.content_type is not None and (self._head is None or self._head.method != b"HEAD"):
            text += self._connection.send(h11.Data(data=response.body))
        text += self._connection.send(h11.EndOfMessage())
        self.must_close = self._connection.our_state is not h11.DONE or self._connection.their_state is not h11.DONE
        if not self.must_close:
            self._connection.start_next_cycle()
            self._head = None
        return text

    @property
    def waits_to_go_on(self) -> bool:
        """Whether the client keeps its request's body back until it is told to go on (RFC 9110, section 10.1.1)."""
        return self._connection.they_are_waiting_for_100_continue

    def go_on(self) -> bytes:
        """The bytes that tell it so."""
        return self._connection.send(h11.InformationalResponse(status_code=100, headers=[]))

    def rest(self) -> bytes:
        """What has come behind the last request: the first frames, when it was an upgrade."""
        return bytes(self._connection.trailing_data[0])

    def _request(self) -> Request:
        head = self._head
        assert head is not None, "a message ends after it has begun"
        urlsplit(head.target.decode("latin-1"))  # raises ValueError, here where it can be answered
        return Request(
            head.method.decode("ascii"),
            head.target.decode("latin-1"),
            f"HTTP/{head.http_version.decode('ascii')}",
            [(name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers],
        )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""  # RFC 9112, section 4: it may be empty, and a status may be anybody's own
