"""HAR files of Chrome's developer tools, Playwright and mitmproxy, all of them made by the programs themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws import __version__
from pvws.errors import InputError
from pvws.recording.format import Close, Entry, Gap, Header, Mark, Message, Open, Ping
from pvws.recording.har import read_har, write_har
from pvws.timestamp import Timestamp
from tests.recording.entries import recordings
from tests.recording.fuzz import damaged, read_or_refused

FOLDER = Path(__file__).parent / "data" / "har"
BINARY = b"\x00\x01\x02\xfe\xff"


def har(*messages: dict[str, Any], **entry: Any) -> bytes:
    """A HAR of one connection."""
    whole = {
        "startedDateTime": "2024-01-01T00:00:00Z",
        "request": {"url": "ws://h/ws"},
        "response": {"status": 101},
        "_webSocketMessages": list(messages),
    } | entry
    return json.dumps({"log": {"entries": [{"request": {}}, whole]}}, indent=1).encode()


def message(**fields: Any) -> dict[str, Any]:
    return {"type": "receive", "time": 1_704_067_201.5, "opcode": 1, "data": "x"} | fields


def problems(source: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_har(source, "x.har")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "by", "recorded", "first", "last", "count"),
    [
        ("devtools.har", "WebInspector 537.36", "2026-11-23T01:33:29.823Z", 947, 97_703, 9),
        ("pw.har", "Playwright 1.65.1", "2026-11-23T01:31:11.244Z", 97_369, 254_280, 9),
        ("mitm.har", "mitmproxy 11.0.2", "2026-11-23T01:35:07.224045Z", 4_345, 104_250, 7),
        ("pw_min.har", "Playwright 1.65.1", "2026-11-23T01:54:11.326Z", 0, 0, 9),
    ],
)
def test_the_messages_of_each_program_are_read_with_their_times(
    name: str, by: str, recorded: str, first: int, last: int, count: int
) -> None:
    header, entries = read_har((FOLDER / name).read_bytes(), name)
    assert header.by == by
    assert header.recorded == Timestamp.parse(recorded)
    assert header.url == "ws://127.0.0.1:19003/ws?tok=1"
    opened, *messages = entries
    assert isinstance(opened, Open)
    assert (opened.t, opened.status, opened.subprotocol) == (0, 101, "demo.v1")
    assert ("Sec-WebSocket-Version", "13") in opened.request
    assert (messages[0].t, messages[-1].t, len(messages)) == (first, last, count)
    sent = [each.data for each in messages if isinstance(each, Message) and each.dir == "send"]
    assert sent[:2] == [b'{"op":"subscribe"}', BINARY]
    assert [each.opcode for each in messages if isinstance(each, Message) and each.data == BINARY] == ["binary"] * 2


def test_an_error_that_the_browser_noted_is_a_gap() -> None:
    *_, last = read_har((FOLDER / "devtools_err.har").read_bytes())[1]
    assert last == Gap(208_449, "Invalid frame header", 1)


def test_times_that_nobody_knows_are_said_not_to_be_known() -> None:
    header, entries = read_har((FOLDER / "pw_min.har").read_bytes())
    assert header.note == "converted from a HAR; the times of its messages are not known"
    assert {entry.t for entry in entries} == {0}


@pytest.mark.parametrize("name", ["devtools.har", "devtools_err.har", "pw.har", "mitm.har", "pw_min.har"])
def test_what_was_imported_is_exported_and_imported_the_same(name: str) -> None:
    header, entries = read_har((FOLDER / name).read_bytes())
    exported, without_place = write_har(header, entries)
    assert without_place == 0
    assert read_har(exported)[1] == entries


def test_an_export_has_the_documented_fields() -> None:
    header = Header(recorded=Timestamp.parse("2024-01-01T00:00:00.000250Z"), url="ws://h/ws?a=1&b=", note="made up")
    entries: list[Entry] = [
        Open(0, url="ws://h/ws?a=1&b=", request=(("Host", "h"),)),
        Message(1_500_000, "recv", b"x"),
        Message(2_000_000, "send", BINARY, opcode="binary"),
    ]
    log = json.loads(write_har(header, entries)[0])["log"]
    # HAR 1.2: log.version, creator and entries; of an entry what follows.
    assert (log["version"], log["creator"]) == ("1.2", {"name": "pvws", "version": __version__})
    (entry,) = log["entries"]
    assert entry["startedDateTime"] == "2024-01-01T00:00:00.000250Z"
    assert entry["time"] == 2_000
    assert entry["timings"] == {"send": 0, "wait": 0, "receive": 2_000}
    assert entry["cache"] == {}
    assert entry["request"] == {
        "method": "GET",
        "url": "ws://h/ws?a=1&b=",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Host", "value": "h"}],
        "queryString": [{"name": "a", "value": "1"}, {"name": "b", "value": ""}],
        "headersSize": -1,
        "bodySize": 0,
    }
    assert entry["response"]["status"] == 101
    assert entry["response"].keys() == {
        "status",
        "statusText",
        "httpVersion",
        "cookies",
        "headers",
        "content",
        "redirectURL",
        "headersSize",
        "bodySize",
    }
    assert entry["_resourceType"] == "websocket"
    assert entry["_webSocketMessages"] == [
        {"type": "receive", "time": 1_704_067_201.500_25, "opcode": 1, "data": "x"},
        {"type": "send", "time": 1_704_067_202.000_25, "opcode": 2, "data": "AAEC/v8="},
    ]


def test_what_has_no_place_in_a_har_is_counted() -> None:
    entries: list[Entry] = [
        Ping(0, "recv"),
        Message(1, "recv", b"\xff"),
        Mark(2, "m"),
        Gap(3, "x", messages=1),
        Close(4, "recv"),
    ]
    exported, without_place = write_har(Header(), entries)
    assert without_place == 4
    assert read_har(exported)[1][1] == Message(1 - 1, "recv", b"\xff", opcode="binary"), (
        "not UTF-8: as it is, but binary"
    )


def test_a_url_that_is_none_has_no_query() -> None:
    exported, _ = write_har(Header(), [Open(0, url="ws://[::1/ws?a=b"), Message(1, "recv", b"x")])
    request = json.loads(exported)["log"]["entries"][0]["request"]
    assert (request["url"], request["queryString"]) == ("ws://[::1/ws?a=b", [])


def test_several_connections_are_told_apart_and_brought_into_order() -> None:
    log = json.loads(har(message(time=1_704_067_203)))["log"]
    log["entries"] += json.loads(har(message(time=1_704_067_202)))["log"]["entries"]
    entries = read_har(json.dumps({"log": log}).encode())[1]
    assert [(entry.t, entry.conn) for entry in entries if isinstance(entry, Message)] == [
        (2_000_000, 2),
        (3_000_000, 1),
    ]


@pytest.mark.parametrize(
    ("url", "read"), [("http://h/ws", "ws://h/ws"), ("HTTPS://h", "wss://h"), ("wss://h", "wss://h")]
)
def test_a_url_is_one_of_websockets(url: str, read: str) -> None:
    assert read_har(har(message(), request={"url": url}))[0].url == read


def test_a_message_that_is_earlier_than_the_one_before_comes_with_it() -> None:
    entries = read_har(har(message(time=1_704_067_205), message(time=1_704_067_204)))[1]
    assert [entry.t for entry in entries] == [0, 5_000_000, 5_000_000]


def test_everything_wrong_is_told_with_its_path_and_line() -> None:
    source = har(message(type="up"), message(time="then"), message(opcode=7), message(data=None), message(opcode=2))
    assert problems(source) == [
        'x.har:17: log.entries[1]._webSocketMessages[0].type: expected one of send, receive, error, got "up"',
        'x.har:24: log.entries[1]._webSocketMessages[1].time: expected a number, got "then"',
        "x.har:31: log.entries[1]._webSocketMessages[2].opcode: expected a whole number from -1 to 2, got 7",
        "x.har:38: log.entries[1]._webSocketMessages[3].data: expected a string, got nothing",
        'x.har:44: log.entries[1]._webSocketMessages[4].data: expected a string in base64, got "x"',
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"", "x.har:1: expected one JSON text, got none at character 1 (expecting value)"),
        (b'{\n"log": {,}}', "x.har:2: expected one JSON text, got none at character 9 (expecting property name"),
        (b'{\n"log": "\xff"}', "x.har:2: expected one JSON text, got bytes that are not UTF-8 at 10"),
        (b"[" * 100_000, "x.har:1: expected one JSON text, got nesting without end"),
        (b'{"log": NaN}', "x.har:1: expected one JSON text, got a number that JSON does not have"),
        (b"[]", "x.har:1: expected an object, got an array"),
        (b"{}", "x.har:1: log: expected an object, got nothing"),
        (b'{"log": {}}', "x.har:1: log.entries: expected an array, got nothing"),
        (
            b'{"log": {"entries": []}}',
            "log.entries: expected an entry with _webSocketMessages, got none (Firefox writes",
        ),
        (har(message(data="\ud800")), "expected a string of whole Unicode characters, got half of one"),
        (har(message(time=1e300)), "time: expected seconds or milliseconds since 1970, got 1e+300"),
        (har(message(time=1), message(time=1e10)), "expected something that lasts at most"),
        (har(startedDateTime="soon"), "startedDateTime: expected an RFC 3339 time"),
        (har(response={"status": "ok"}), 'response.status: expected a number, got "ok"'),
        (har(request=5), "request: expected an object, got 5"),
    ],
)
def test_what_is_no_har_is_told(source: bytes, problem: str) -> None:
    assert problem in problems(source)[0]


def test_after_twenty_problems_it_gives_up() -> None:
    assert len(problems(har(*[message(type=0)] * 50))) == 20


@given(recordings)
def test_of_any_recording_the_messages_come_back(entries: list[Entry]) -> None:
    header = Header(recorded=Timestamp.parse("2024-01-01T00:00:00Z"))
    kept = [
        entry
        for entry in entries
        if isinstance(entry, Message)
        and (entry.opcode == "binary" or entry.data.decode(errors="ignore").encode() == entry.data)
    ]
    if not kept:
        return
    _, read = read_har(write_har(header, kept)[0])
    first = min(entry.t for entry in kept)
    by_connection = sorted(
        kept, key=lambda entry: (list(dict.fromkeys(e.conn for e in kept)).index(entry.conn), entry.t)
    )
    found = sorted((e for e in read if isinstance(e, Message)), key=lambda entry: (entry.conn, entry.t))
    assert [(e.t, e.dir, e.data, e.opcode) for e in found] == [
        (e.t - first, e.dir, e.data, e.opcode) for e in by_connection
    ]


SMALL = har(message(), message(type="send", opcode=2, data="AA=="), message(type="error", opcode=-1))


@given(st.binary() | damaged(SMALL) | damaged((FOLDER / "mitm.har").read_bytes()))
def test_any_file_is_read_or_refused_with_file_and_line(source: bytes) -> None:
    read_or_refused(read_har, source)


def test_a_har_cut_anywhere_is_refused_with_file_and_line() -> None:
    for length in range(len(SMALL)):
        read_or_refused(read_har, SMALL[:length])
