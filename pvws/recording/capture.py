"""Between recordings and `raw-ws-capture`, of which recordings/upstream/ has two of the real server."""

import json
from collections.abc import Iterable
from typing import Any

from pvws.errors import InputError, Problem
from pvws.limits import CONTROL_BYTES_MAX
from pvws.recording.format import Close, Direction, Entry, Header, Message, Ping, Pong
from pvws.recording.raw_capture import CapturedMessage, read_raw_capture

__all__ = ["read_capture", "write_capture"]


def read_capture(source: bytes, file: str | None = None) -> tuple[Header, list[Entry]]:
    """The recording in a raw capture. Raises InputError with every problem, each with file and line.

    Times that run backwards, by which writers of several threads can be told, are brought into order.
    """
    capture = read_raw_capture(source, file)
    captured = capture.header
    note = f"converted from raw-ws-capture{'; it was cut short' if capture.cut_short else ''}. {captured.note}"
    header = Header(
        recorded=captured.captured_at,
        url=_clean(captured.url),
        server=_clean(captured.server),
        scenario=_clean(captured.scenario),
        note=_clean(note.removesuffix(". ")),
    )
    messages = sorted(capture.messages, key=lambda message: message.at)
    problems = [
        Problem("data", f"a payload of at most {CONTROL_BYTES_MAX} bytes", file=file, line=message.line)
        for message in messages
        if message.opcode in ("ping", "pong") and len(_bytes(message)) > CONTROL_BYTES_MAX
    ]
    if problems:
        raise InputError(*problems)
    return header, [_entry(message) for message in messages]


def _entry(message: CapturedMessage) -> Entry:
    direction: Direction = "send" if message.dir == "out" else "recv"
    data = _bytes(message)
    match message.opcode:
        case "text" | "binary":
            return Message(message.at, direction, data, 1, message.opcode, message.fragments)
        case "ping":
            return Ping(message.at, direction, data)
        case "pong":
            return Pong(message.at, direction, data)
        case "close":
            code, reason = message.close
            return Close(message.at, direction, code, _clean(reason))


def _bytes(message: CapturedMessage) -> bytes:
    # Half a surrogate pair can't have come over the wire; it is kept as the three bytes that it would have had.
    return message.data.encode("utf-8", "surrogatepass")


def write_capture(header: Header, entries: Iterable[Entry]) -> tuple[bytes, int]:
    """A raw capture of a recording, and how many of its entries have no place in one.

    Those are opens, marks and gaps, what is of another connection than the first, and what is not UTF-8.
    """
    fields: dict[str, Any] = {"format": "raw-ws-capture", "version": 1}
    known = {"url": header.url, "server": header.server, "scenario": header.scenario, "note": header.note}
    fields |= {name: value for name, value in known.items() if value}
    if header.recorded is not None:
        fields["captured_at"] = header.recorded.exact
    lines = [json.dumps(fields, ensure_ascii=False)]
    without_place = 0
    for entry in entries:
        line = _line(entry)
        if line is None:
            without_place += 1
        else:
            lines.append(line)
    return ("\n".join(lines) + "\n").encode(), without_place


def _line(entry: Entry) -> str | None:
    match entry:
        case Message():
            opcode, data = str(entry.opcode), entry.data
        case Ping() | Pong():
            opcode, data = type(entry).__name__.lower(), entry.data
        case Close():
            code = "" if entry.code is None else f"{entry.code} {entry.reason}".rstrip(" ")
            opcode, data = "close", code.encode()
        case _:
            return None
    if entry.conn != 1:
        return None
    try:
        text = json.dumps(data.decode())
    except UnicodeDecodeError:
        return None
    direction = "out" if entry.dir == "send" else "in"
    line = f'{{"t": {entry.t // 1_000_000}.{entry.t % 1_000_000:06d}, "dir": "{direction}", "opcode": "{opcode}"'
    fragments = entry.fragments if isinstance(entry, Message) else None
    frames = "" if fragments is None else f', "fragments": {list(fragments)}'
    return f'{line}, "data": {text}{frames}}}'


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
