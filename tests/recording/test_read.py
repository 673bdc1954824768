"""What a recording is read to, however its bytes are cut, and what is said of one that is wrong."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError, Problem
from pvws.files.recordings import open_recording
from pvws.limits import RECORDING_LINE_BYTES_MAX
from pvws.recording import versions
from pvws.recording.format import ENTRY_KINDS, Close, Entry, Gap, Header, Mark, Message, Open, Ping, Pong
from pvws.recording.lines import Lines
from pvws.recording.read import BrokenStreamError, CutShortError, Recording, read_recording
from pvws.recording.write import entry_line, header_line
from pvws.timestamp import Timestamp
from tests.recording import entries as drawn

HEADER = b'{"format":"pvws-recording","version":1}\n'
LINE = b'{"t":0.500000,"dir":"recv","message":{"a":1}}\n'


def file_of(header: Header, entries: list[Entry], *, conns: bool = False) -> bytes:
    return header_line(header) + b"".join(entry_line(entry, conns=conns) for entry in entries)


def problems(source: bytes) -> list[str]:
    found: list[Problem] = []
    list(Recording([source], "x.jsonl", trouble=found.append))
    return [str(problem) for problem in found]


@given(drawn.whole_headers, drawn.recordings, st.booleans())
def test_whatever_is_written_comes_back_the_same(header: Header, entries: list[Entry], conns: bool) -> None:
    assert read_recording(file_of(header, entries, conns=conns)) == (header, entries)


@given(drawn.recordings)
def test_it_does_not_matter_how_the_bytes_are_cut(entries: list[Entry]) -> None:
    source = file_of(Header(), entries)
    byte_by_byte = Recording([source[at : at + 1] for at in range(len(source))])
    assert list(byte_by_byte) == entries
    assert not byte_by_byte.cut_short


@given(drawn.recordings.filter(bool), st.data())
def test_a_recording_cut_anywhere_is_read_up_to_its_last_whole_line(entries: list[Entry], data: st.DataObject) -> None:
    source = file_of(Header(), entries)
    length = data.draw(st.integers(source.index(b"\n") + 1, len(source)))
    whole = source[:length].count(b"\n") - 1
    recording = Recording([source[:length]])
    read = list(recording)
    assert read in (entries[:whole], entries[: whole + 1])
    assert recording.cut_short is (len(read) == whole and not source[:length].endswith(b"\n"))


def test_entries_come_lazily_and_the_line_is_known() -> None:
    def blocks() -> list[bytes]:
        return [HEADER + b"\n", LINE, LINE + b"\r\n" + LINE]

    taken = []

    def given_out() -> object:
        for block in blocks():
            taken.append(block)
            yield block

    recording = Recording(given_out())  # type: ignore[arg-type]
    assert recording.header == Header()
    assert len(taken) == 1
    seen = [(recording.line, len(taken)) for _ in recording]
    assert seen == [(3, 2), (4, 3), (6, 3)]
    assert list(recording) == [], "it is read once, as a file is"


def test_messages_are_cut_out_of_their_lines_and_never_encoded_again() -> None:
    odd = b'{"a" : 1.0e0,"a":1,\t"z":"\\u0041\\/","big":123456789012345678901234567890}'
    source = HEADER + b'{"dir":"recv", "message": %b , "t":1}\n' % odd
    assert read_recording(source)[1] == [Message(1_000_000, "recv", odd)]


@pytest.mark.parametrize("written", [b"1.204518", b"1.2045180", b"1.2045178", b"12045.18e-4"])
def test_times_are_whole_microseconds(written: bytes) -> None:
    (entry,) = read_recording(HEADER + LINE.replace(b"0.500000", written))[1]
    assert entry.t == 1_204_518


def test_every_microsecond_of_thirty_years_comes_back() -> None:
    for t in (0, 1, 999_999, 86_400_000_001, 10**15 - 1, 10**15):
        assert read_recording(HEADER + entry_line(Mark(t, "x")))[1] == [Mark(t, "x")]
        assert read_recording(HEADER + entry_line(Message(t, "recv", b"1")))[1] == [Message(t, "recv", b"1")]


def test_unknown_keys_are_nothing_and_keys_have_no_order() -> None:
    source = b'{"new":{},"version":1,"format":"pvws-recording","by":"x"}\n' + (
        b'{"open":{"url":"ws://h","more":1},"new":[1],"t":0}\n{"message":1,"new":null,"dir":"send","t":0}\n'
    )
    assert read_recording(source) == (Header(by="x"), [Open(0, url="ws://h"), Message(0, "send", b"1")])


def test_a_bom_and_blank_lines_before_the_header_are_nothing() -> None:
    assert read_recording(b"\n  \n" + HEADER)[0] == Header()
    assert read_recording(b"\xef\xbb\xbf" + HEADER + LINE)[1] != []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"", "x.jsonl:1: expected a header line, got nothing"),
        (b"\n\n", "x.jsonl:2: expected a header line, got nothing"),
        (b'{"format":"pv', "x.jsonl:1: expected a header line, got a line that is cut short"),
        (b"[]\n", "x.jsonl:1: expected one JSON object, got something else"),
        (LINE, 'x.jsonl:1: format: expected "pvws-recording", got nothing'),
        (HEADER.replace(b"1", b"2"), "x.jsonl:1: version: expected a version that this pvws knows, at most 1, got 2"),
        (
            HEADER.replace(b"1", b"true"),
            "x.jsonl:1: version: expected a version that this pvws knows, at most 1, got true",
        ),
        (b'{"format":"raw-ws-capture","version":1}\n', '"pvws-recording", got "raw-ws-capture"'),
    ],
)
def test_a_header_that_is_none_is_told_at_once(source: bytes, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        Recording([source], "x.jsonl", trouble=lambda problem: None)
    (found,) = caught.value.problems
    assert str(found).endswith(problem)


def test_everything_wrong_with_a_header_is_told() -> None:
    header = b'{"format":"pvws-recording","version":1,"url":4,"recorded":"then","topics":["a",1],"seed":0.5}\n'
    with pytest.raises(InputError) as caught:
        Recording([header], "x.jsonl")
    assert [str(problem) for problem in caught.value.problems] == [
        "x.jsonl:1: url: expected a string, got 4",
        'x.jsonl:1: topics: expected an array of strings, got ["a", 1]',
        'x.jsonl:1: recorded: expected an RFC 3339 time such as 2024-01-01T00:00:00.000Z, got "then"',
        "x.jsonl:1: seed: expected a whole number from -9223372036854775808 to 18446744073709551616, got 0.5",
    ]


def test_the_first_problem_ends_the_reading_unless_somebody_wants_them_all() -> None:
    source = HEADER + LINE + b"{}\n" + LINE + b"nothing\n" + LINE
    reading = iter(Recording([source], "x.jsonl"))
    assert next(reading) == Message(500_000, "recv", b'{"a":1}')
    with pytest.raises(InputError, match=r"^x\.jsonl:3: t: expected seconds from 0 to 1000000000, got nothing"):
        next(reading)
    found: list[Problem] = []
    assert len(list(Recording([source], "x.jsonl", trouble=found.append))) == 3
    assert [problem.line for problem in found] == [3, 3, 5]


def test_time_does_not_run_backwards() -> None:
    source = HEADER + LINE + LINE.replace(b"0.5", b"0.4") + b'{"t":0.1,"mark":{"name":"m"}}\n' + LINE
    assert problems(source) == [
        "x.jsonl:3: t: expected a time that is not before that of the line before, 0.500000, got 0.400000",
        "x.jsonl:4: t: expected a time that is not before that of the line before, 0.400000, got 0.100000",
    ]


def test_bytes_that_are_not_utf8_are_told_of_their_line_alone() -> None:
    assert problems(HEADER + LINE + LINE.replace(b"{", b'{"x":"\xff",', 1) + LINE) == [
        "x.jsonl:3: expected one JSON object, got bytes that are not UTF-8 at 6"
    ]


def test_fragments_that_do_not_add_up_are_told_among_lines_as_usual() -> None:
    wrong = LINE.replace(b"}\n", b',"fragments":[3,3]}\n')
    right = LINE.replace(b"}\n", b',"fragments":[3,4]}\n')
    (problem,) = problems(HEADER + LINE + wrong + right)
    assert problem == "x.jsonl:3: fragments: expected sizes that add up to the 7 bytes of the message, got 6"
    assert read_recording(HEADER + right)[1] == [Message(500_000, "recv", b'{"a":1}', fragments=(3, 4))]


def test_of_two_kinds_in_a_line_null_is_one() -> None:
    for more in (b'"text":null', b'"text":"x"', b'"ping":{}'):
        (problem,) = problems(HEADER + LINE.replace(b"}\n", b",%b}\n" % more))
        assert problem.startswith("x.jsonl:2: expected one of message, text, base64, ping,")


def test_a_line_without_end_is_refused() -> None:
    block = b"x" * (RECORDING_LINE_BYTES_MAX // 4)
    found: list[Problem] = []
    assert list(Recording([HEADER, *[block] * 6], "x.jsonl", trouble=found.append)) == []
    assert [str(problem) for problem in found] == [
        "x.jsonl:2: expected a line of at most 67,108,864 bytes, got a longer one"
    ]


def test_a_stream_that_ends_early_is_cut_short_and_a_broken_one_is_told() -> None:
    def blocks(error: Exception) -> object:
        yield HEADER + LINE + LINE[:9]
        raise error

    recording = Recording(blocks(CutShortError()), "x.gz")  # type: ignore[arg-type]
    assert len(list(recording)) == 1
    assert recording.cut_short
    with pytest.raises(InputError, match=r"^x\.gz:3: expected data in gzip, got other bytes$"):
        list(Recording(blocks(BrokenStreamError("data in gzip")), "x.gz"))  # type: ignore[arg-type]


def test_lines_of_older_versions_are_read_by_their_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(fields: versions.Fields) -> versions.Fields:
        return {"dir" if name == "direction" else name: value for name, value in fields.items()}

    monkeypatch.setitem(versions.STEPS, 0, step)
    source = (
        HEADER.replace(b"1", b"0")
        + b'{"t":1,"direction":"recv","message":{"a" : 1}}\n{"t":1,"direction":5,"text":""}\n'
    )
    found: list[Problem] = []
    recording = Recording([source], "old.jsonl", trouble=found.append)
    assert list(recording) == [Message(1_000_000, "recv", b'{"a" : 1}')]
    assert [str(problem) for problem in found] == ["old.jsonl:3: dir: expected one of send, recv, got 5"]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
keys = st.sampled_from([*ENTRY_KINDS, "t", "dir", "conn", "opcode", "fragments", "format", "version"])
values = (
    st.sampled_from(["send", "recv", "text", "AA==", 1, 0.5, "pvws-recording", {"code": 1000}, {"name": "m"}])
    | scalars
    | st.lists(scalars, max_size=2)
    | st.dictionaries(st.sampled_from(["text", "reason", "code", "seconds", "url", "status", "request"]), scalars)
)
lines = st.dictionaries(keys, values).map(lambda fields: json.dumps(fields).encode()) | st.binary(max_size=20).map(
    lambda line: line.replace(b"\n", b"")
)


@given(st.binary() | st.lists(lines).map(b"\n".join) | st.lists(lines).map(lambda body: HEADER + b"\n".join(body)))
def test_any_file_is_read_or_refused_with_file_and_line_whole_and_byte_by_byte(source: bytes) -> None:
    outcomes = []
    for blocks in ([source], [source[at : at + 1] for at in range(len(source))]):
        found: list[Problem] = []
        try:
            recording = Recording(blocks, "x.jsonl", trouble=found.append)
            outcome: object = (list(recording), recording.cut_short, recording.line)
        except InputError as error:
            outcome = str(error)
            found += error.problems
        assert all(str(problem).startswith("x.jsonl:") and problem.line for problem in found)
        outcomes.append((outcome, [str(problem) for problem in found]))
    assert outcomes[0] == outcomes[1]


def test_usual_lines_are_not_read_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("this is what makes reading slow")

    monkeypatch.setattr(Lines, "entry", refused)
    usual = [
        Message(1, "recv", b'{"a":1}'),
        Message(2, "send", b'{"a":1}\n{}', 3),
        Message(3, "recv", "é".encode(), fragments=(1, 1)),
    ] * 1_000
    usual.sort(key=lambda entry: entry.t)
    assert read_recording(file_of(Header(), list(usual)))[1] == usual


def test_a_line_that_is_not_as_usual_slows_down_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    read_by_key, entry = [], Lines.entry

    def counted(lines: Lines, line: bytes, number: int) -> tuple[Entry | None, list[Problem]]:
        read_by_key.append(number)
        return entry(lines, line, number)

    monkeypatch.setattr(Lines, "entry", counted)
    entries: list[Entry] = [*[Message(1, "recv", b"{}")] * 10, Ping(2, "recv"), *[Message(3, "recv", b"x")] * 10]
    assert read_recording(file_of(Header(), entries))[1] == entries
    assert read_by_key == [12]


def test_a_file_of_version_1_is_read_for_ever() -> None:
    # When the format moves on, files and entries stay here as they are.
    for name in ("version-1.pvrec.jsonl", "version-1.pvrec.jsonl.gz", "version-1.pvrec.jsonl.zst"):
        with open_recording(str(Path(__file__).parent / "data" / name)) as recording:
            assert recording.header == Header(
                recorded=Timestamp.parse("2026-11-28T12:00:00.000001Z"),
                by="pvws 0.2.0",
                url="ws://localhost:8083/ws",
                server="a server",
                profile="documented",
                topics=("alerts", "system"),
                scenario="storm",
                seed=7,
                start=Timestamp.parse("2024-01-01T00:00:00Z"),
                redacted=("tokens", "data.key"),
                note="a note",
            )
            assert list(recording) == VERSION_1


VERSION_1: list[Entry] = [
    Open(0, 1, "ws://localhost:8083/ws", 101, "127.0.0.1:5", "v1", (("Host", "h"),), (("Server", "s"),)),
    Open(1, 2, "ws://localhost:8083/ws", 401),
    Message(250_000, "send", b'{"type":"subscribe","topic":"alerts"}'),
    Message(1_000_000, "recv", b'{ "type" : "x", "a" : 1.0, "a":2 }', fragments=(10, 24)),
    Message(1_000_000, "recv", b'{"a":1}\n{"b":2}'),
    Message(1_000_000, "recv", b"\x00\xff", 1, "binary"),
    Message(1_000_000, "recv", b"\xff"),
    Ping(2_000_000, "recv"),
    Ping(2_000_000, "recv", b"hi"),
    Pong(2_000_001, "send", b"\xff"),
    Mark(3_000_000, "it fills"),
    Gap(4_000_000, "the disk was full", 1, 2, 300, 1_500_000),
    Gap(4_000_000, "nobody knows"),
    Close(5_000_000, "recv", 1001, "going away"),
    Close(5_000_000, "send"),
    Close(6_000_000, "recv", 1006),
]


def test_the_bytes_of_version_1_are_read_for_ever() -> None:
    # The bytes of version 1 as it was published; when the format moves on, this test stays.
    source = (
        b'{"format":"pvws-recording","version":1,"recorded":"2026-11-28T12:00:00.000000Z"}\n'
        b'{"t":0.000000,"conn":1,"open":{"url":"ws://localhost:8083/ws"}}\n'
        b'{"t":0.250000,"conn":1,"dir":"recv","message":{"type":"pong"}}\n'
        b'{"t":1.000000,"conn":1,"dir":"recv","close":{"code":1001,"reason":"going away"}}\n'
    )
    header, entries = read_recording(source)
    assert header == Header(recorded=Timestamp.parse("2026-11-28T12:00:00Z"))
    assert entries == [
        Open(0, url="ws://localhost:8083/ws"),
        Message(250_000, "recv", b'{"type":"pong"}'),
        Close(1_000_000, "recv", 1001, "going away"),
    ]


def test_of_times_that_fall_the_line_is_told_and_not_every_one_behind_it() -> None:
    times = [1, 9, 2, 3, 4, 9, 10, 1]
    source = b'{"format":"pvws-recording","version":1}\n' + b"".join(
        b'{"t":%d,"mark":{"name":"m"}}\n' % t for t in times
    )
    told: list[Problem] = []
    given = [entry.t // 1_000_000 for entry in Recording([source], "x", trouble=told.append)]
    assert given == [1, 9, 9, 10], "what is given is in order all the same"
    assert [str(problem) for problem in told] == [
        "x:4: t: expected a time that is not before that of the line before, 9.000000, got 2.000000",
        "x:9: t: expected a time that is not before that of the line before, 10.000000, got 1.000000",
    ]
