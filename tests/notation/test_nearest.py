"""What was probably meant: words whatever their capitals, and quantities with the wrong unit."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws import units
from pvws.notation.nearest import (
    nearest,
    nearest_duration,
    nearest_factor,
    nearest_percentage,
    nearest_rate,
    nearest_size,
    suggestion,
)

WORDS = ("uploads", "deletes", "Leave", "storage_usage")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("uplods", "uploads"),
        ("upload", "uploads"),
        ("UPLOADS", "uploads"),
        ("Upload", "uploads"),
        ("leave", "Leave"),
        ("LEAV", "Leave"),
        ("storage-usage", "storage_usage"),
        ("storageUsage", "storage_usage"),
        ("xyz", None),
        ("", None),
        ("uploads" * 20, None),
        (7, None),
        (None, None),
        ({}, None),
    ],
)
def test_the_nearest_word_is_a_hint_if_one_is_near(word: object, meant: str | None) -> None:
    assert nearest(word, WORDS) == (meant and f'did you mean "{meant}"?')


def test_of_words_that_differ_in_capitals_alone_the_first_is_meant() -> None:
    assert nearest("ALERT", ("alert", "Alert")) == 'did you mean "alert"?'
    assert nearest("alerts", ()) is None


@pytest.mark.parametrize(
    ("near", "text", "meant"),
    [
        (nearest_duration, "30 s", "30s"),
        (nearest_duration, "30 sec", "30s"),
        (nearest_duration, "30seconds", "30s"),
        (nearest_duration, "1H30M", "1h30m"),
        (nearest_duration, "1h 30m", "1h30m"),
        (nearest_duration, "5 min", "5m"),
        (nearest_duration, "500 msec", "500ms"),
        (nearest_duration, "2 days", "48h"),
        (nearest_duration, "1.5d", "36h"),
        (nearest_duration, "100000 days", None),
        (nearest_duration, "30", None),
        (nearest_duration, "30s", None),
        (nearest_duration, "soon", None),
        (nearest_duration, "-5 s", None),
        (nearest_size, "64gib", "64 GiB"),
        (nearest_size, "64 gb", "64 GB"),
        (nearest_size, "64G", "64 GiB"),
        (nearest_size, "12 bytes", "12 B"),
        (nearest_size, "1 kb", "1 KB"),
        (nearest_size, "9999999 tb", None),
        (nearest_size, "big", None),
        (nearest_rate, "2", None),
        (nearest_rate, "10 per minute", "10/min"),
        (nearest_rate, "10/m", "10/min"),
        (nearest_rate, "2/S", "2/s"),
        (nearest_rate, "3 a day", "3/d"),
        (nearest_rate, "50 Hz", "50/s"),
        (nearest_rate, "2/ms", None),
        (nearest_rate, "2/week", None),
        (nearest_rate, "fast", None),
        (nearest_percentage, "92", None),
        (nearest_percentage, "92 percent", "92%"),
        (nearest_percentage, "0.92", "92%"),
        (nearest_percentage, "1.0", "100%"),
        (nearest_percentage, "1", None),
        (nearest_percentage, "120", None),
        (nearest_percentage, "half", None),
        (nearest_factor, "2x", "2"),
        (nearest_factor, "3 times", "3"),
        (nearest_factor, "150%", "1.5"),
        (nearest_factor, "0x", None),
        (nearest_factor, "double", None),
    ],
)
def test_a_quantity_that_is_nearly_right_has_a_right_one_near(
    near: Callable[[str], str | None], text: str, meant: str | None
) -> None:
    assert near(text) == meant


@pytest.mark.parametrize(
    ("near", "read"),
    [
        (nearest_duration, units.duration),
        (nearest_size, units.size),
        (nearest_rate, units.rate),
        (nearest_percentage, units.percentage),
        (nearest_factor, units.factor),
    ],
)
@given(
    st.text() | st.from_regex(r"[\d.]{0,20} ?(ns|sec|MIN|days|%|percent| per s|/m|[kmgtp]i?b?|x|Hz)?", fullmatch=True)
)
def test_what_is_near_can_always_be_read(
    near: Callable[[str], str | None], read: Callable[[str], object], text: str
) -> None:
    found = near(text)
    if found is not None:
        read(found)
        assert found != text


def test_a_very_long_text_is_near_to_nothing() -> None:
    assert nearest_duration("9" * 1_000_000) is None


def test_a_suggestion_is_a_question() -> None:
    assert suggestion("30s") == 'did you mean "30s"?'
