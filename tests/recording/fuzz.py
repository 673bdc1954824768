"""Files of other programs, right but for some damage: what their readers are fuzzed with."""

from collections.abc import Callable

from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.recording.format import Entry, Header
from pvws.recording.read import read_recording
from pvws.recording.write import entry_line, header_line

Read = Callable[[bytes, str], tuple[Header, list[Entry]]]

_SCALARS = ["null", "true", "-1", "1e999", "5", '""', '"x"', "[]", "{}", '"\\ud800"', "1795397609.8", "NaN", '"2024"']


@st.composite
def damaged(draw: st.DrawFn, source: bytes) -> bytes:
    """The file with something cut off, cut out, put in, or another value in the place of one."""
    at = draw(st.integers(0, len(source)))
    match draw(st.sampled_from(["cut off", "cut out", "put in", "other value", "other byte"])):
        case "cut off":
            return source[:at]
        case "cut out":
            return source[:at] + source[at + draw(st.integers(1, 200)) :]
        case "put in":
            return source[:at] + draw(st.binary(max_size=5)) + source[at:]
        case "other byte":
            return source[:at] + draw(st.binary(min_size=1, max_size=1)) + source[at + 1 :]
        case _:
            start = source.find(b":", at) + 1
            end = min(place for place in (source.find(mark, start) for mark in (b",", b"}", b"]", b"\n")) if place >= 0)
            return source[:start] + draw(st.sampled_from(_SCALARS)).encode() + source[max(start, end) :]


def read_or_refused(read: Read, source: bytes) -> None:
    """Read it: a recording that can be written, or our error with file and line."""
    try:
        header, entries = read(source, "x")
    except InputError as error:
        assert all(str(problem).startswith("x:") and problem.line for problem in error.problems), str(error)
        return
    written = header_line(header) + b"".join(entry_line(entry) for entry in entries)
    assert read_recording(written) == (header, entries)
