import pytest
from hypothesis import given

from pvws.errors import InputError
from pvws.recording.document import PROBLEMS_MAX, Document
from pvws.timestamp import Timestamp
from tests.recording.entries import json_texts

SOURCE = b"""
{
 "text": "x", "number": 1.5, "whole": 3, "null": null,
 "at": "2024-01-01T00:00:00Z",
 "inner": {"a": "1", "b": "2"},
 "items": [1,
  {"name": true}],
 "half": "\\ud800", "bytes": "AA=="
}"""


def test_values_are_what_they_are_asked_for_as() -> None:
    document = Document(SOURCE)
    root = document.root.as_object()
    assert (root.text("text"), root.number("number"), root.whole("whole", 0, 5)) == ("x", 1.5, 3)
    assert (root.text("none", "d"), root.number("none", 2), root.whole("none", 0, 9, 4)) == ("d", 2, 4)
    assert (root.bytes_of("text"), root.base64("bytes")) == (b"x", b"\x00")
    assert root.instant("at") == Timestamp.parse("2024-01-01T00:00:00Z")
    assert root.instant("none") is None
    assert root.pairs("inner") == (("a", "1"), ("b", "2"))
    assert root.pairs("none") == ()
    assert [each.value for each in root.items("items")] == [1, {"name": True}]
    assert root.word("text", ("x", "y")) == root.word("none", ("x",), "x") == "x"
    assert (root.has("null"), root.has("text"), "null" in root, "none" in root) == (False, True, True, False)
    assert root.text("half") == "?"
    document.check()


def test_what_is_wrong_is_told_with_its_path_and_line() -> None:
    document = Document(SOURCE, "x.json", 10)
    root = document.root.as_object()
    root.text("number")
    root.object("inner").number("c")
    next(iter(root.items("items"))).as_object()
    list(root.items("items"))[1].text("name")
    root.bytes_of("half")
    root.instant("text")
    with pytest.raises(InputError) as caught:
        document.check()
    assert [str(problem) for problem in caught.value.problems] == [
        "x.json:12: number: expected a string, got 1.5",
        "x.json:14: inner.c: expected a number, got nothing",
        "x.json:15: items[0]: expected an object, got 1",
        "x.json:16: items[1].name: expected a string, got true",
        "x.json:17: half: expected a string of whole Unicode characters, got half of one",
        'x.json:12: text: expected an RFC 3339 time such as 2024-01-01T00:00:00.000Z, got "x"',
    ]


def test_too_many_problems_end_it() -> None:
    root = Document(b"{}").root
    with pytest.raises(InputError) as caught:
        for _ in range(100):
            root.text("x")
    assert len(caught.value.problems) == PROBLEMS_MAX


@given(json_texts)
def test_every_json_text_is_a_document(text: bytes) -> None:
    document = Document(text)
    document.root.as_object() if text.lstrip().startswith(b"{") else list(document.root.elements())
    document.check()
