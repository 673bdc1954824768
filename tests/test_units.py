"""Quantities as people write them, and what is said about those that are none."""

from collections.abc import Callable

import pytest

from pvws.units import (
    duration,
    duration_notation,
    duration_text,
    factor,
    number_notation,
    percent,
    percentage,
    percentage_notation,
    rate,
    rate_notation,
    size,
    size_notation,
    size_text,
)

SECOND = 1_000_000
HOUR = 3600 * SECOND


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("0", 0),
        ("0s", 0),
        ("30s", 30 * SECOND),
        ("1m30s", 90 * SECOND),
        ("500ms", 500_000),
        ("1.5h", 5400 * SECOND),
        (".5s", 500_000),
        ("1.s", SECOND),
        ("1h2m3.4s", HOUR + 123_400_000),
        ("10us", 10),
        ("10µs", 10),
        ("10μs", 10),
        ("1500ns", 1),
        ("999ns", 0),
        ("1s1s", 2 * SECOND),
        ("876000h", 876_000 * HOUR),
    ],
)
def test_a_duration_is_read_in_gos_notation(text: str, micros: int) -> None:
    assert duration(text) == micros


@pytest.mark.parametrize("text", ["", "1", "s", "fast", "1 s", "30S", "-1s", "1d", "1s ", "1..5s", "1e3s", "٣s", "00"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a duration like "30s", "1m30s" or "500ms"$'):
        duration(text)


@pytest.mark.parametrize("text", ["876000h1us", "999999999999999h"])
def test_a_duration_over_a_century_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a duration of at most 100 years$"):
        duration(text)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0s"),
        (1, "1µs"),
        (999, "999µs"),
        (1_000, "1ms"),
        (2_500, "2.5ms"),
        (999_999, "999.999ms"),
        (SECOND, "1s"),
        (1_000_001, "1.000001s"),
        (62_500_000, "1m2.5s"),
        (60 * SECOND, "1m0s"),
        (HOUR, "1h0m0s"),
        (HOUR + 123_400_000, "1h2m3.4s"),
        (100 * HOUR, "100h0m0s"),
        (-2_500, "-2.5ms"),
    ],
)
def test_a_duration_is_written_as_go_does(micros: int, text: str) -> None:
    assert duration_text(micros) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("1024", 1024),
        ("512 B", 512),
        ("1 KiB", 1024),
        ("1 KB", 1000),
        ("64 GiB", 64 * 2**30),
        ("64GiB", 64 * 2**30),
        ("1.5 MB", 1_500_000),
        ("  2 TiB ", 2**41),
        ("0.3 B", 0),
        ("7.5 PiB", 8_444_249_301_319_680),
        ("9007199254740991", 2**53 - 1),
    ],
)
def test_a_size_is_read_in_binary_and_decimal_units(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "big", "GiB", "-1", "1 XB", "1e3", "1 GiB 2", "64 gib", "1 kB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a size like "64 GiB", "500 MB" or "1024"$'):
        size(text)


@pytest.mark.parametrize("text", ["8 PiB", "9007199254740992", "999999999999999 PB"])
def test_a_size_that_javascript_cannot_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a size below 8 PiB$"):
        size(text)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (150 * 1024 + 512, "150 KiB"),
        (1_572_864, "1.5 MiB"),
        (64 * 2**30, "64 GiB"),
        (2**53 - 1, "8.0 PiB"),
    ],
)
def test_a_size_is_written_for_people(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("text", "per_second"),
    [
        ("2/s", 2),
        ("0.3/s", 0.3),
        (" 2 / sec ", 2),
        ("1/second", 1),
        ("30/min", 0.5),
        ("6/minute", 0.1),
        ("36/h", 0.01),
        ("36/hour", 0.01),
        ("86400/day", 1),
        ("86400/d", 1),
        ("0/s", 0),
        ("1000000/s", 1_000_000),
    ],
)
def test_a_rate_is_read_as_occurrences_a_second(text: str, per_second: float) -> None:
    assert rate(text) == per_second


@pytest.mark.parametrize("text", ["", "2", "fast", "/s", "2/", "2/week", "2 per s", "-1/s", "2/S"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a rate like "2/s", "0.5/s" or "10/min"$'):
        rate(text)


def test_a_rate_over_a_million_a_second_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a rate of at most 1000000/s$"):
        rate("1000000.1/s")


@pytest.mark.parametrize(
    ("text", "share"), [("0%", 0), ("92%", 0.92), ("92 %", 0.92), ("12.5%", 0.125), ("100%", 1), (" 5% ", 0.05)]
)
def test_a_percentage_is_read_as_a_share(text: str, share: float) -> None:
    assert percentage(text) == share


@pytest.mark.parametrize("text", ["", "92", "%", "101%", "100.1%", "-1%", "0.5", "half"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a percentage between "0%" and "100%"$'):
        percentage(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0%", 0), ("80%", 80), ("80", 80), ("80 %", 80), ("12.5", 12.5), (".5", 0.5), ("100%", 100), (" 5 ", 5)],
)
def test_a_percentage_is_read_as_a_number_with_or_without_its_sign(text: str, number: float) -> None:
    assert percent(text) == number


@pytest.mark.parametrize("text", ["", "%", "101%", "100.1", "-1", "1e1", "80%%", "half"])
def test_what_is_no_percentage_from_0_to_100_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a percentage from 0 to 100 like "80%" or "80"$'):
        percent(text)


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2), ("0.5", 0.5), (".000000001", 1e-9), (" 3 ", 3), ("1000000", 1_000_000)]
)
def test_a_factor_is_read_as_a_number(text: str, number: float) -> None:
    assert factor(text) == number


@pytest.mark.parametrize("text", ["", "0", "0.0", "-1", "2x", "150%", "1e3", "inf", "nan"])
def test_what_is_no_factor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^a factor above 0 like "2" or "0.5"$'):
        factor(text)


def test_a_factor_over_a_million_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a factor of at most 1000000$"):
        factor("1000000.1")


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0s"),
        (1, "1us"),
        (1_500, "1.5ms"),
        (500_000, "500ms"),
        (SECOND, "1s"),
        (1_500_000, "1.5s"),
        (90 * SECOND, "1m30s"),
        (600 * SECOND, "10m"),
        (HOUR, "1h"),
        (HOUR + 1, "1h0.000001s"),
        (25 * HOUR + 60 * SECOND, "25h1m"),
    ],
)
def test_a_duration_is_written_as_one_would(micros: int, text: str) -> None:
    assert duration_notation(micros) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1000, "1 KB"),
        (1024, "1 KiB"),
        (1001, "1001 B"),
        (500_000_000, "500 MB"),
        (64 * 2**30, "64 GiB"),
        (2**53 - 1, "9007199254740991 B"),
    ],
)
def test_a_size_is_written_to_the_byte(count: int, text: str) -> None:
    assert size_notation(count) == text


@pytest.mark.parametrize(
    ("per_second", "text"),
    [
        (0.0, "0/s"),
        (2.0, "2/s"),
        (0.3, "0.3/s"),
        (1 / 6, "10/min"),
        (1 / 60, "1/min"),
        (20 / 3600, "20/h"),
        (1 / 86_400, "1/d"),
        (1 / 7, "0.142857143/s"),
        (1e6, "1000000/s"),
    ],
)
def test_a_rate_is_written_in_the_first_unit_that_does(per_second: float, text: str) -> None:
    assert rate_notation(per_second) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.92, "92%"), (0.07, "7%"), (0.125, "12.5%"), (1.0, "100%"), (1 / 3, "33.333333333%")],
)
def test_a_share_is_written_as_a_percentage(share: float, text: str) -> None:
    assert percentage_notation(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (80.0, "80"), (0.5, "0.5"), (1e6, "1000000"), (1e-9, "0.000000001")]
)
def test_a_number_is_written_without_exponents(value: float, text: str) -> None:
    assert number_notation(value) == text


@pytest.mark.parametrize("read", [duration, size, rate, percentage, percent, factor])
def test_very_long_numbers_are_refused_at_once(read: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match=r"^a "):
        read("9" * 1_000_000)
