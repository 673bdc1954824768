"""The reader of recordings of the real server: what it gives, and that it complains of everything wrong at once."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.recording.raw_capture import CapturedMessage, CaptureHeader, RawCapture, read_raw_capture
from pvws.timestamp import Timestamp

RECORDINGS = Path(__file__).parents[2] / "recordings" / "upstream"
HEADER = '{"format":"raw-ws-capture","version":1}\n'
LINE = '{"t":0.5,"dir":"in","opcode":"text","data":"x"}\n'


def problems(source: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_raw_capture(source, "x.jsonl")
    return [str(problem) for problem in caught.value.problems]


def test_a_recording_of_the_real_server_is_read() -> None:
    source = (RECORDINGS / "normal.jsonl").read_bytes()
    capture = read_raw_capture(source)
    assert capture.header == CaptureHeader(
        version=1,
        url="ws://127.0.0.1:18100/ws",
        captured_at=Timestamp.parse("2026-11-23T01:54:02.198Z"),
        server="PeerVault 51a68c2 websocket hub+handler, gorilla/websocket 1.5.3, Go 1.27.3",
        scenario="normal",
        note=capture.header.note,
    )
    assert capture.header.note.startswith("One line per WebSocket message; ")
    first = CapturedMessage(2, 50_974, "out", "text", '{"type":"subscribe","data":"file_operations"}')
    assert (len(capture.messages), capture.messages[0]) == (79, first)
    assert not capture.cut_short
    assert read_raw_capture(source.decode()) == capture


def test_fragments_and_closes_are_read() -> None:
    messages = read_raw_capture((RECORDINGS / "bursts.jsonl").read_bytes()).messages
    assert messages[7].fragments == (1024, 1024, 365)
    assert (messages[6].fragments, messages[6].close) == (None, (None, ""))
    assert [(message.dir, message.close) for message in messages[-2:]] == [("out", (1000, "done")), ("in", (1000, ""))]


@pytest.mark.parametrize(
    ("data", "close"), [("", (None, "")), ("1000", (1000, "")), ("4000 two\\nwords", (4000, "two\nwords"))]
)
def test_a_close_has_a_code_and_a_reason_or_only_a_code_or_nothing(data: str, close: tuple[int | None, str]) -> None:
    capture = read_raw_capture(f'{HEADER}{{"t":1,"dir":"in","opcode":"close","data":"{data}"}}')
    assert capture.messages[0].close == close


def test_of_the_header_only_the_format_has_to_be_said() -> None:
    assert read_raw_capture(HEADER) == RawCapture(CaptureHeader(1), ())
    assert read_raw_capture(HEADER.rstrip()) == RawCapture(CaptureHeader(1), ())


def test_times_are_whole_microseconds() -> None:
    for written in ("20.801109", "20.8011094", "2.0801109e1"):
        (message,) = read_raw_capture(HEADER + LINE.replace("0.5", written)).messages
        assert message.at == 20_801_109


def test_blank_lines_and_unknown_keys_are_nothing_and_lines_are_counted_all_the_same() -> None:
    capture = read_raw_capture(f"\n{HEADER}\r\n" + LINE.replace("{", '{"more":[],') + "\n")
    assert [message.line for message in capture.messages] == [4]


def test_a_last_line_that_was_cut_short_is_left_out_and_told() -> None:
    whole = read_raw_capture(HEADER + LINE + LINE.rstrip())
    assert (len(whole.messages), whole.cut_short) == (2, False)
    for length in range(1, len(LINE) - 1):
        cut = read_raw_capture(HEADER + LINE + LINE[:length])
        assert (len(cut.messages), cut.cut_short) == (1, True)


def test_a_file_that_was_cut_within_a_character_is_read() -> None:
    source = (HEADER + LINE + LINE.replace("x", "é")).encode()
    cut = read_raw_capture(source[: source.index("é".encode()) + 1])
    assert (len(cut.messages), cut.cut_short) == (1, True)


def test_a_line_with_an_end_is_not_cut_short_but_wrong() -> None:
    (found,) = problems(HEADER + LINE[:20] + "\n" + LINE)
    assert found.startswith("x.jsonl:2: expected one JSON object, got none at character 20 (")


def test_every_problem_of_a_line_is_told() -> None:
    assert problems(HEADER + '{"t":-1,"dir":"up","opcode":5}\n') == [
        "x.jsonl:2: t: expected seconds since the recording began, 0 to 1000000000, got -1",
        'x.jsonl:2: dir: expected one of in, out, got "up"',
        "x.jsonl:2: opcode: expected one of text, binary, ping, pong, close, got 5",
        "x.jsonl:2: data: expected a string, got nothing",
    ]


def test_every_line_with_a_problem_is_told() -> None:
    source = HEADER + LINE.replace("0.5", "true") + LINE + LINE.replace('"in"', "null") + "[]\n"
    assert problems(source.encode()) == [
        "x.jsonl:2: t: expected seconds since the recording began, 0 to 1000000000, got true",
        "x.jsonl:4: dir: expected one of in, out, got null",
        "x.jsonl:5: expected one JSON object, got []",
    ]


def test_after_twenty_wrong_lines_it_gives_up() -> None:
    assert len(problems(HEADER + "1\n" * 1_000)) == 20


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{NaN}", "expected one JSON object, got none at character 1"),
        ('{"t":NaN}', "expected one JSON object, got a number that JSON does not have"),
        ('{"t":' + "1" * 5_000 + "}", "expected one JSON object, got a number that JSON does not have"),
        ("[" * 100_000, "expected one JSON object, got nesting without end"),
        ('"' + "x" * 100 + '"', f'expected one JSON object, got "{"x" * 59}…'),
        ("null", "expected one JSON object, got null"),
        (LINE.replace("0.5", "1e999"), "t: expected seconds since the recording began, 0 to 1000000000, got Infinity"),
        (LINE.replace("0.5", '"0.5"'), 't: expected seconds since the recording began, 0 to 1000000000, got "0.5"'),
        (LINE.replace('"x"', "{}"), "data: expected a string, got an object"),
        (LINE.replace('"x"', "[[]]"), "data: expected a string, got an array of such"),
        (LINE.replace("text", "close"), 'data: expected "CODE REASON", "CODE" or "" of a close frame, got "x"'),
        (
            LINE.replace("text", "close").replace("x", "70000"),
            'data: expected "CODE REASON", "CODE" or "" of a close frame, got "70000"',
        ),
    ],
)
def test_a_wrong_line_is_told_with_what_is_there(line: str, problem: str) -> None:
    (found,) = problems(f"{HEADER}{line.rstrip()}\n")
    assert found.startswith(f"x.jsonl:2: {problem}")


def test_bytes_that_are_not_utf8_are_told() -> None:
    (found,) = problems(HEADER.encode() + b'{"t":"\xff"}\n')
    assert found == "x.jsonl:2: expected one JSON object, got bytes that are not UTF-8 at 6"


@pytest.mark.parametrize(
    ("opcode", "fragments", "problem"),
    [
        ("text", "5", "expected a list of frame sizes in bytes, got 5"),
        ("text", "[]", "expected a list of frame sizes in bytes, got []"),
        ("text", "[1,-1]", "expected a list of frame sizes in bytes, got [1, -1]"),
        ("text", "[true]", "expected a list of frame sizes in bytes, got [true]"),
        ("text", "[0.5,0.5]", "expected a list of frame sizes in bytes, got [0.5, 0.5]"),
        ("text", "[1,1]", "expected sizes that add up to the 1 bytes of data, got 2"),
        ("ping", "[1,0]", "expected none, since a ping frame comes whole, got [1, 0]"),
    ],
)
def test_fragments_are_checked_against_the_data(opcode: str, fragments: str, problem: str) -> None:
    line = LINE.replace("text", opcode).replace("}", f',"fragments":{fragments}}}')
    assert problems(HEADER + line) == [f"x.jsonl:2: fragments: {problem}"]


def test_fragments_that_add_up_are_kept() -> None:
    line = LINE.replace("}", ',"fragments":[1,1,0]}').replace('"x"', '"é"')
    assert read_raw_capture(HEADER + line).messages[0].fragments == (1, 1, 0)
    assert read_raw_capture(HEADER + line.replace("text", "binary")).messages[0].fragments == (1, 1, 0)
    null = LINE.replace("}", ',"fragments":null}')
    assert read_raw_capture(HEADER + null).messages[0].fragments is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ["x.jsonl:1: expected a header line, got nothing"]),
        ("{", ["x.jsonl:1: expected a header line, got a line that is cut short"]),
        ("[]", ["x.jsonl:1: expected one JSON object, got []"]),
        ("{}\nmore\nlines\n", ['x.jsonl:1: format: expected "raw-ws-capture", got nothing']),
        ('{"format":"har"}', ['x.jsonl:1: format: expected "raw-ws-capture", got "har"']),
        ('{"format":"raw-ws-capture"}', ["x.jsonl:1: version: expected 1, got nothing"]),
        ('{"format":"raw-ws-capture","version":true}', ["x.jsonl:1: version: expected 1, got true"]),
        (
            '{"format":"raw-ws-capture","version":2,"url":4,"captured_at":"then"}\n',
            [
                "x.jsonl:1: version: expected 1, got 2",
                "x.jsonl:1: url: expected a string, got 4",
                'x.jsonl:1: captured_at: expected an RFC 3339 time such as 2024-01-01T00:00:00.000Z, got "then"',
            ],
        ),
    ],
)
def test_a_wrong_header_is_told_and_nothing_behind_it_is_read(source: str, expected: list[str]) -> None:
    assert problems(source) == expected


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
keys = st.sampled_from(["t", "dir", "opcode", "data", "fragments", "format", "version"])
words = st.sampled_from(["in", "out", "text", "close", "ping", "1000 x", "raw-ws-capture", 1, 0.5])
objects = st.dictionaries(keys, words | scalars | st.lists(scalars, max_size=3) | st.just({}))
lines = objects.map(json.dumps) | st.text(max_size=20) | st.just(LINE.rstrip())


@given(
    st.text()
    | st.binary()
    | st.lists(lines).map("\n".join)
    | st.lists(lines).map(lambda body: HEADER + "\n".join(body))
)
def test_any_file_is_read_or_refused_with_its_problems(source: str | bytes) -> None:
    try:
        capture = read_raw_capture(source, "x.jsonl")
    except InputError as error:
        assert all(str(problem).startswith("x.jsonl:") and problem.line for problem in error.problems)
    else:
        assert capture.header.version == 1


@given(st.data())
def test_a_recording_cut_anywhere_is_read_up_to_its_last_whole_line(data: st.DataObject) -> None:
    source = (RECORDINGS / "bursts.jsonl").read_bytes()
    length = data.draw(st.integers(source.index(b"\n"), len(source)))
    capture = read_raw_capture(source[:length])
    whole = read_raw_capture(source).messages
    lines = source[:length].count(b"\n")
    assert capture.messages in (whole[: max(0, lines - 1)], whole[:lines])
    assert capture.cut_short is (len(capture.messages) < lines and not source[:length].endswith(b"\n"))
