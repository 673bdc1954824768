import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.terminal.charts import bar, sparkline


def test_a_sparkline_is_as_high_as_each_value_is_of_the_highest() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▂▃▄▅▆▇██"
    assert sparkline([0, 8, 0.001], 3) == " █▁"


def test_only_the_last_values_are_shown_on_the_right() -> None:
    assert sparkline([9, 9, 1, 1], 2) == "██"
    assert sparkline([1], 4) == "   █"
    assert sparkline([], 3) == "   "
    assert sparkline([1], 0) == ""


@given(st.lists(st.floats(0, 1e12), max_size=50), st.integers(0, 40))
def test_a_sparkline_is_as_wide_as_it_is_told(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) == width


@pytest.mark.parametrize(
    ("share", "filled"), [(0, ""), (1, "████"), (0.5, "██"), (0.03125, "▏"), (-1, ""), (7, "████"), (0.97, "███▉")]
)
def test_a_bar_is_filled_to_an_eighth_of_a_letter(share: float, filled: str) -> None:
    assert bar(share, 4) == (filled, " " * (4 - len(filled)))
