import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.concern import NOBODY, Concern, concern_of


@pytest.mark.parametrize(
    ("data", "topics", "types"),
    [
        (
            '{"type":"file_uploaded","topic":"file_operations","data":{"type":"x"}}',
            ["file_operations"],
            ["file_uploaded"],
        ),
        ('{"data":{},"topic":"t","type":"a","type":"b"}', ["t"], ["b"]),
        ('{"type":"pong","clientId":"x"}', [], ["pong"]),
        ('{"type":"made up","topic":"anything"}', ["anything"], ["made up"]),
        (
            '{"type":"broadcast","topic":"b"}\n{"type":"broadcast","topic":"a"}\n{"type":"broadcast","topic":"b"}',
            ["b", "a"],
            ["broadcast"],
        ),
        ('{"type":"a","topic":"b"}\nbroken\n\n{"type":"c"}', ["b"], ["a", "c"]),
        ('{\n"type":"a",\n"topic":"b"}', ["b"], ["a"]),
    ],
)
def test_a_message_concerns_the_topics_in_it(data: str, topics: list[str], types: list[str]) -> None:
    assert concern_of(data.encode()) == Concern(tuple(topics), tuple(types))


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"type":5}', b"\xff", b"1\n2", b"[" * 10_000, b'{"topic":"\xff"}']
)
def test_what_is_no_message_concerns_nobody(data: bytes) -> None:
    assert concern_of(data) == NOBODY


@given(st.binary())
def test_any_bytes_concern_somebody_or_nobody(data: bytes) -> None:
    assert isinstance(concern_of(data), Concern)
