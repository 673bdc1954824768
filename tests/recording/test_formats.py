from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.recording.format import Header, Message
from pvws.recording.formats import (
    READABLE,
    WRITABLE,
    FormatName,
    format_of_name,
    read_content,
    recognised,
    write_content,
)

DATA = Path(__file__).parent / "data"
UPSTREAM = Path(__file__).parents[2] / "recordings" / "upstream"
MESSAGES = [Message(0, "recv", b"{}"), Message(5, "send", b"x")]

FILES: list[tuple[FormatName, Path]] = [
    *(("har", path) for path in sorted((DATA / "har").glob("*.har"))),
    ("mockd", DATA / "mockd.json"),
    ("mockforge", DATA / "mockforge.jsonl"),
    ("raw-ws-capture", UPSTREAM / "normal.jsonl"),
    ("recording", UPSTREAM.parent / "peervault-normal.pvrec.jsonl"),
]


@pytest.mark.parametrize(("form", "path"), FILES, ids=lambda each: getattr(each, "name", each))
def test_a_file_is_recognised_by_its_content(form: FormatName, path: Path) -> None:
    source = path.read_bytes()
    assert recognised(source) == recognised(b"\xef\xbb\xbf\n" + source) == form
    content = read_content(source, str(path))
    assert content.form == form
    assert content.entries


@pytest.mark.parametrize(
    ("source", "form"),
    [
        (b"", None),
        (b"hello", None),
        (b"{}", None),
        (b'{"format":"pvws-recording', "recording"),
        (b'[{"tags":["a"],"protocol":"websocket"}]', "mockd"),
        (b'[\n {"websocket": {}}]', "mockd"),
        (b'{"log": {}}', "har"),
        (b'{"ts":0,"dir":"out","text":"x"}', "mockforge"),
    ],
)
def test_little_is_enough_to_recognise_a_format(source: bytes, form: str | None) -> None:
    assert recognised(source) == form


def test_what_is_no_format_is_told() -> None:
    with pytest.raises(InputError, match=r"^x:1: expected one of the formats recording, har, .*, got .*$"):
        read_content(b"hello", "x")
    with pytest.raises(InputError, match=r"got nothing$"):
        read_content(b" \n", "x")


def test_a_recording_that_was_cut_short_is_said_to_be() -> None:
    source, _ = write_content("recording", Header(), MESSAGES)
    assert not read_content(source).cut_short
    assert read_content(source[:-5]).cut_short


@pytest.mark.parametrize("form", WRITABLE)
def test_what_is_written_in_a_format_is_read_in_it(form: FormatName) -> None:
    source, without_place = write_content(form, Header(), MESSAGES)
    assert without_place == 0
    assert [entry for entry in read_content(source).entries if isinstance(entry, Message)] == MESSAGES


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.har", "har"),
        ("A.HAR.gz", "har"),
        ("a.pvrec.jsonl.zst", "recording"),
        ("a.jsonl", "recording"),
        ("a.txt", None),
    ],
)
def test_a_name_says_what_a_file_should_be(name: str, form: str | None) -> None:
    assert format_of_name(name) == form


@given(st.binary(), st.sampled_from([None, *READABLE]))
def test_any_file_is_read_or_refused_with_file_and_line(source: bytes, form: FormatName | None) -> None:
    try:
        read_content(source, "x", form)
    except InputError as error:
        assert all(str(problem).startswith("x:") and problem.line for problem in error.problems)
