import pytest

from pvws.terminal.figures import number_text, seconds_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.05, "0.05"),
        (12.34, "12.3"),
        (100.4, "100"),
        (20_123.4, "20,123"),
        (-1234, "-1,234"),
        (1e20, "1e+20"),
    ],
)
def test_numbers_have_three_digits_and_what_stands_before_the_point(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.00585, "5.85 ms"), (0.9, "900 ms"), (1.234, "1.23 s"), (150, "150 s")])
def test_times_below_a_second_are_milliseconds(value: float, text: str) -> None:
    assert seconds_text(value) == text
