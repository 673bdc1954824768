"""Requests and answers of HTTP, as bytes and as a rule sees them. Pure; h11 reads."""

import json
from typing import Any

import h11
from msgspec import Struct

from pvws.testing.words import shown_bytes

__all__ = ["Answer", "NoHttpError", "request_text", "take_answer"]


class NoHttpError(Exception):
    """What came is no HTTP."""


class Answer(Struct, frozen=True):
    """An HTTP answer; the headers as they were spelled, in their order."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header whatever its case; several lines are joined by commas (RFC 9110, section 5.3)."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def tokens(self, name: str) -> set[str]:
        """The members of a header that is a list, in lower case."""
        return {token.strip().lower() for token in (self.header(name) or "").split(",") if token.strip()}

    def json(self) -> Any:
        """The body read as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def fields(self) -> dict[str, Any]:
        """The body read as a JSON object; empty where it is none."""
        document = self.json()
        return document if isinstance(document, dict) else {}

    def __str__(self) -> str:
        """The answer on one line."""
        headers = ", ".join(f"{name}: {value}" for name, value in self.headers)
        body = f" with the body {shown_bytes(self.body)}" if self.body else ""
        return f"HTTP {self.status} ({headers}){body}"


def request_text(method: str, target: str, fields: dict[str, str | None], body: bytes = b"") -> bytes:
    """The bytes of a request, unchecked: it may be wrong on purpose. A field whose value is None is left out."""
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in fields.items() if value is not None),
    ]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def take_answer(data: bytearray, method: str, *, ended: bool) -> Answer | None:
    """Take the answer to a request with this method off the data; None, and nothing taken, while it isn't whole.

    Raises NoHttpError.
    """
    if not data:
        return None
    client = h11.Connection(h11.CLIENT)
    # What was really sent may be nothing that h11 would send: it is told of a request whose answer reads the same.
    upgrade = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
    client.send(h11.Request(method=method, target="/", headers=[("Host", "any"), *upgrade]))
    client.send(h11.EndOfMessage())
    try:
        client.receive_data(bytes(data))
        if ended:
            client.receive_data(b"")
        return _read(client, data)
    except h11.RemoteProtocolError as error:
        raise NoHttpError(str(error)) from None


def _read(client: h11.Connection, data: bytearray) -> Answer | None:
    head: h11.Response | h11.InformationalResponse | None = None
    body = bytearray()
    while True:
        event = client.next_event()
        if isinstance(event, h11.InformationalResponse) and event.status_code != 101:
            continue
        if isinstance(event, h11.Response | h11.InformationalResponse):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        if isinstance(event, h11.EndOfMessage) or (head is not None and head.status_code == 101):
            break
        if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            return None
    assert head is not None, "an answer begins with its head"
    rest = client.trailing_data[0]
    del data[: len(data) - len(rest)]
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()]
    return Answer(head.status_code, headers, bytes(body))
