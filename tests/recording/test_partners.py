import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.partners import partners


def things(**connections: str) -> list[tuple[str, str]]:
    return [(name, thing) for name, contents in connections.items() for thing in contents]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (things(a="xyz", b="uvw"), things(a="xyz", b="uvw"), {"a": "a", "b": "b"}),
        (things(a="xyz", b="uvw"), things(a="uvw", b="xyz"), {"a": "b", "b": "a"}),
        (things(a="xyz", b="xyz"), things(a="xyz", b="xy"), {"a": "a", "b": "b"}),
        (things(a="xyz", b="xy"), things(a="xy", b="xyz"), {"a": "a", "b": "b"}),
        (things(a="xyz", b="uvw", c="rst"), things(a="uvw", b="rst"), {"a": "b", "b": "c"}),
        (things(a="xyz"), things(a="uvw"), {"a": "a"}),
        (things(a="xyz"), things(a="uvw", b="x"), {"b": "a"}),
        (things(), things(a="x"), {}),
    ],
)
def test_connections_are_each_other_s_by_name_or_by_what_they_share(
    first: list[tuple[str, str]], second: list[tuple[str, str]], expected: dict[str, str]
) -> None:
    assert partners(first, second) == expected


pairs = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")))


@given(pairs, pairs)
def test_nobody_has_two_partners(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> None:
    found = partners(first, second)
    assert len(set(found.values())) == len(found)
    assert set(found) <= {name for name, _ in second}
    assert set(found.values()) <= {name for name, _ in first}
