import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.scenario.faults.members import members, set_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
read_first = json.JSONDecoder().raw_decode
OBJECTS = st.dictionaries(st.text(max_size=4), JSON, max_size=4)


def all_members(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """What a plain walk finds: each member's path and value."""
    found: list[tuple[tuple[str | int, ...], Any]] = []
    if isinstance(value, dict):
        for key, each in value.items():
            found.append(((*path, key), each))
            found += all_members(each, (*path, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            found += all_members(each, (*path, place))
    return found


@given(OBJECTS, st.sampled_from([(",", ":"), (" , ", " : "), (", ", ": ")]), st.booleans())
def test_they_are_those_of_the_value_and_stand_where_they_stand(
    value: dict[str, Any], separators: tuple[str, str], ascii_only: bool
) -> None:
    text = json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    found = members(text)
    assert found is not None
    assert [each.path for each in found] == [path for path, _ in all_members(value)]
    for each, (path, inner) in zip(found, all_members(value), strict=True):
        assert json.loads(text[each.value : each.end]) == inner
        assert read_first(text[each.start :].decode("utf-8", "surrogatepass"))[0] == path[-1]


@pytest.mark.parametrize("text", [b"", b"[1]", b"7", b"no json", b'{"a":1', b"\xff", b"[" * 100_000])
def test_what_is_no_object_has_none(text: bytes) -> None:
    assert members(text) is None


def test_a_value_is_set_and_all_else_is_as_it_was() -> None:
    text = b'{ "a" : 1.50, "b":[{"c":"}"}] }'
    found = {each.path: each for each in members(text) or ()}
    assert set_value(text, found["b", 0, "c"], b"null") == b'{ "a" : 1.50, "b":[{"c":null}] }'
    assert set_value(text, found[("a",)], b"2") == b'{ "a" : 2, "b":[{"c":"}"}] }'
