"""From a header and entries to the lines of a recording. Pure: who opens the file is on another floor."""

from base64 import b64encode
from typing import Any, assert_never

import msgspec
from msgspec import Raw

from pvws.limits import MESSAGE_DEPTH_MAX
from pvws.recording.format import FORMAT, VERSION, Close, Entry, Gap, Header, Headers, Mark, Message, Open, Ping, Pong
from pvws.recording.nesting import deeper_than
from pvws.timestamp import Timestamp

__all__ = ["entry_line", "header_line", "is_spliced"]

_encode = msgspec.json.Encoder().encode
_check = msgspec.json.Decoder(Raw).decode
_BLANKS = b" \t\r\n"
_DIRECTIONS = {"send": b"send", "recv": b"recv"}


def header_line(header: Header) -> bytes:
    """The first line of a recording, with its newline. What is missing is left out."""
    fields: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    for name, value in msgspec.structs.asdict(header).items():
        if value not in ("", None, ()):
            # Not the contract's milliseconds: what happened at t is `recorded` + t, to the microsecond.
            fields[name] = value.exact if isinstance(value, Timestamp) else value
    return _encode(fields) + b"\n"


def entry_line(entry: Entry, *, conns: bool = False) -> bytes:
    """The line of an entry, with its newline. With `conns` also connection 1 is named, as where there are several.

    A text that is one JSON value without line breaks is spliced in as it is; the reader cuts the same bytes out.
    """
    t = entry.t
    head = b'{"t":%d.%06d' % (t // 1_000_000, t % 1_000_000)
    match entry:
        case Message():
            return b'%b%b,"dir":"%b"%b}\n' % (head, _conn(entry.conn, conns), _DIRECTIONS[entry.dir], _message(entry))
        case Ping():
            return b'%b%b,"ping":%b}\n' % (head, _place(entry, conns), _payload(entry.data))
        case Pong():
            return b'%b%b,"pong":%b}\n' % (head, _place(entry, conns), _payload(entry.data))
        case Close():
            fields = _present(code=entry.code, reason=entry.reason or None)
            return b'%b%b,"close":%b}\n' % (head, _place(entry, conns), _encode(fields))
        case Open():
            return b'%b%b,"open":%b}\n' % (head, _conn(entry.conn, conns), _open(entry))
        case Mark():
            return b'%b,"mark":%b}\n' % (head, _encode({"name": entry.name}))
        case Gap():
            seconds = None if entry.micros is None else Raw(b"%d.%06d" % divmod(entry.micros, 1_000_000))
            fields = _present(reason=entry.reason, messages=entry.messages, bytes=entry.bytes, seconds=seconds)
            place = b"" if entry.conn is None else b',"conn":%d' % entry.conn
            return b'%b%b,"gap":%b}\n' % (head, place, _encode(fields))
        case _:
            assert_never(entry)


def is_spliced(data: bytes) -> bool:
    """Whether a text stands in its line as it is: one JSON value in UTF-8, no deeper than a message of the contract,
    without blanks around it and line breaks in it.
    """
    if not data or data[0] in _BLANKS or data[-1] in _BLANKS or b"\n" in data or b"\r" in data:
        return False
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
    if deeper_than(data, MESSAGE_DEPTH_MAX):
        return False
    try:
        _check(data)
    except msgspec.DecodeError:
        return False
    return True


def _place(entry: Ping | Pong | Close, conns: bool) -> bytes:
    return b'%b,"dir":"%b"' % (_conn(entry.conn, conns), _DIRECTIONS[entry.dir])


def _conn(conn: int, conns: bool) -> bytes:
    return b',"conn":%d' % conn if conns or conn != 1 else b""


def _message(message: Message) -> bytes:
    data = message.data
    # Before the message, which may be long: who looks at a line sees them.
    fragments = b"" if message.fragments is None else b',"fragments":' + _encode(message.fragments)
    if message.opcode == "binary":
        return b'%b,"base64":"%b"' % (fragments, b64encode(data))
    if is_spliced(data):
        return b'%b,"message":%b' % (fragments, data)
    try:
        return b'%b,"text":%b' % (fragments, _encode(data.decode()))
    except UnicodeDecodeError:  # a text frame that isn't UTF-8, as the real server's clients may send
        return b'%b,"opcode":"text","base64":"%b"' % (fragments, b64encode(data))


def _payload(data: bytes) -> bytes:
    if not data:
        return b"{}"
    try:
        return _encode({"text": data.decode()})
    except UnicodeDecodeError:
        return b'{"base64":"%b"}' % b64encode(data)


def _open(entry: Open) -> bytes:
    return _encode(
        _present(
            url=entry.url or None,
            status=None if entry.status == 101 else entry.status,
            address=entry.address or None,
            subprotocol=entry.subprotocol or None,
            request=_fields(entry.request),
            response=_fields(entry.response),
        )
    )


def _fields(headers: Headers) -> list[tuple[str, str]] | None:
    return list(headers) or None


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
