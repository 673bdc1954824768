from typing import Any

import pytest

from pvws.recording.shown import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        ("a", '"a"'),
        ([1, True], "[1, true]"),
        ({"a": 1}, "an object"),
        ([[]], "an array of such"),
        ("x" * 99, f'"{"x" * 59}…'),
    ],
)
def test_a_value_is_shown_so_that_it_is_recognised(value: Any, text: str) -> None:
    assert shown(value) == text
