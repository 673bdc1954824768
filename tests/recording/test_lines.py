import pytest

from pvws.recording.format import Close, Entry, Gap, Message, Open, Ping, Pong
from pvws.recording.lines import Lines


def problems(line: str) -> list[str]:
    entry, found = Lines("x").entry(line.encode(), 7)
    assert (entry is None) is bool(found)
    assert all(problem.file == "x" and problem.line == 7 for problem in found)
    return [str(problem).removeprefix("x:7: ") for problem in found]


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ('{"t":1,"dir":"send","text":"é"}', Message(1_000_000, "send", "é".encode())),
        ('{"t":1,"dir":"send","base64":"AP8="}', Message(1_000_000, "send", b"\x00\xff", opcode="binary")),
        ('{"t":1,"dir":"send","opcode":"text","base64":"AP8="}', Message(1_000_000, "send", b"\x00\xff")),
        ('{"t":1,"dir":"recv","message":1,"fragments":null}', Message(1_000_000, "recv", b"1")),
        ('{"t":1,"dir":"recv","ping":{}}', Ping(1_000_000, "recv")),
        ('{"t":1,"dir":"recv","pong":{"text":"a"},"conn":3}', Pong(1_000_000, "recv", b"a", 3)),
        ('{"t":1,"dir":"recv","close":{}}', Close(1_000_000, "recv")),
        ('{"t":1,"open":{"request":[["a","b"]]}}', Open(1_000_000, request=(("a", "b"),))),
        ('{"t":1,"gap":{"reason":"x","seconds":0.5}}', Gap(1_000_000, "x", micros=500_000)),
    ],
)
def test_each_kind_of_line_is_an_entry(line: str, entry: Entry) -> None:
    assert Lines().entry(line.encode(), 1) == (entry, [])


def test_everything_wrong_with_a_line_is_told() -> None:
    assert problems('{"t":-1,"dir":"up","conn":0,"base64":"A","fragments":[1.5]}') == [
        "t: expected seconds from 0 to 1000000000, got -1",
        "conn: expected a whole number from 1 to 9007199254740991, got 0",
        'dir: expected one of send, recv, got "up"',
        'base64: expected a string in base64, got "A"',
        "fragments: expected an array of frame sizes in bytes, got [1.5]",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "expected one JSON object, got none (input data was truncated)"),
        ("[]", "expected one JSON object, got something else"),
        ('{"t":1', "expected one JSON object, got none (input data was truncated)"),
        ("[" * 100_000, "expected one JSON object, got something else"),
        ('{"t":' + "[" * 1_000_000, "expected one JSON object, got nesting without end"),
        ('{"t":1}', "expected one of message, text, base64, ping, pong, open, close, mark, gap, got none of them"),
        (
            '{"t":1,"dir":"recv","text":"","ping":{}}',
            "expected one of message, text, base64, ping, pong, open, close, mark, gap, got text and ping",
        ),
        ('{"t":true,"dir":"recv","text":""}', "t: expected seconds from 0 to 1000000000, got true"),
        ('{"t":1e10,"dir":"recv","text":""}', "t: expected seconds from 0 to 1000000000, got 10000000000.0"),
        ('{"t":1e999,"dir":"recv","text":""}', "t: expected seconds from 0 to 1000000000, got what can't be read"),
        ('{"t":1,"dir":"recv","text":{}}', "text: expected a string, got an object"),
        ('{"t":1,"dir":"recv","text":null}', "text: expected a string, got null"),
        ('{"t":1,"text":""}', "dir: expected one of send, recv, got nothing"),
        ('{"t":1,"dir":"recv","base64":"AA==","opcode":1}', "opcode: expected text or binary, got 1"),
        (
            '{"t":1,"dir":"recv","text":"é","fragments":[1]}',
            "fragments: expected sizes that add up to the 2 bytes of the message, got 1",
        ),
        (
            '{"format":"pvws-recording","version":1}',
            "expected an entry, got another header (a recording has one; replay takes several files)",
        ),
        ('{"t":1,"dir":"recv","ping":5}', "ping: expected an object with text, base64, got 5"),
        (
            '{"t":1,"dir":"recv","ping":{"text":"' + "x" * 126 + '"}}',
            "ping: expected a payload of at most 125 bytes, got 126",
        ),
        (
            '{"t":1,"dir":"recv","close":{"code":70000}}',
            "close.code: expected a whole number from 0 to 65535, got 70000",
        ),
        ('{"t":1,"dir":"recv","close":{"reason":[[]]}}', "close.reason: expected a string, got an array of such"),
        ('{"t":1,"open":{"status":"x"}}', 'open.status: expected a whole number from 100 to 599, got "x"'),
        (
            '{"t":1,"open":{"request":{"a":"b"}}}',
            "open.request: expected an array of pairs of strings, name and value, got an object",
        ),
        ('{"t":1,"mark":{}}', "mark.name: expected a string, got nothing"),
        ('{"t":1,"gap":"x"}', 'gap: expected an object with reason, messages, bytes, seconds, got "x"'),
        ('{"t":1,"gap":{"reason":5}}', "gap.reason: expected a string, got 5"),
        ('{"t":1,"mark":{"name":"' + "x" * 80 + '"},"t":"' + "y" * 80 + '"}', f'got "{"y" * 59}…'),
    ],
)
def test_a_wrong_line_is_told_with_what_is_there(line: str, problem: str) -> None:
    (found,) = problems(line)
    assert found.endswith(problem)
