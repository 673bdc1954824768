from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.notation.reader import Reader
from pvws.notation.values import node_of, plain_value

leaves = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(values)
def test_a_tree_of_a_value_is_that_value_again(value: Any) -> None:
    assert plain_value(node_of(value, "here")) == value


def test_the_reader_reads_it_and_tells_where_it_comes_from() -> None:
    reader = Reader("nowhere")
    assert reader.read(node_of(["a", 1], "body"), list[str], "names") == ["a", "1"]
    reader.read(node_of({"a": []}, "body"), dict[str, int], "figures")
    assert [str(problem) for problem in reader.problems] == ["body: figures.a: expected a whole number, got a list"]


def test_what_is_no_json_value_is_refused() -> None:
    with pytest.raises(TypeError, match="set is no JSON value"):
        node_of({"a": {1, 2}}, "body")
