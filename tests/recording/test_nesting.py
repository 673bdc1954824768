import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.nesting import deeper_than


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        (b"1", 0),
        (b"{}", 1),
        (b'{"a":[1,{}]}', 3),
        (b"[[],[],[]]", 2),
        (b'"[[["', 0),
        (b'["\\"[[",[]]', 2),
        (b'["[[[', 1),
    ],
)
def test_brackets_count_and_those_in_strings_do_not(text: bytes, depth: int) -> None:
    assert not deeper_than(text, depth)
    assert depth == 0 or deeper_than(text, depth - 1)


def test_a_long_text_that_is_flat_is_not_deep() -> None:
    assert not deeper_than(b"[" + b"{}," * 100_000 + b"{}]", 64)
    assert deeper_than(b"[" * 100_000, 64)


@given(st.binary(), st.integers(0, 3))
def test_any_bytes_have_a_depth(text: bytes, levels: int) -> None:
    assert deeper_than(text, levels) in (True, False)
