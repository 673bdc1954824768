"""Instants on the wire, against the standard library's."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest

from pvws.timestamp import Timestamp

NEW_YEAR = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
FORM = "an RFC 3339 time such as 2024-01-01T00:00:00.000Z"
REALITY = "a date and a time of day that exist, in the years 1 to 9999"


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (NEW_YEAR, "2024-01-01T00:00:00.000Z"),
        (NEW_YEAR + 999, "2024-01-01T00:00:00.000Z"),
        (NEW_YEAR + 1_999, "2024-01-01T00:00:00.001Z"),
        (NEW_YEAR - 1, "2023-12-31T23:59:59.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_text_is_utc_with_three_decimals_rounded_down(micros: int, text: str) -> None:
    assert Timestamp(micros).text == str(Timestamp(micros)) == text


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2024-01-01T00:00:00Z", NEW_YEAR),
        ("2024-01-01T00:00:00.000Z", NEW_YEAR),
        ("2024-01-01t00:00:00z", NEW_YEAR),
        ("2024-01-01 00:00:00Z", NEW_YEAR),
        ("2024-01-01T00:00:00.5Z", NEW_YEAR + 500_000),
        ("2024-01-01T00:00:00.123Z", NEW_YEAR + 123_000),
        ("2024-01-01T00:00:00.123456Z", NEW_YEAR + 123_456),
        ("2024-01-01T00:00:00.1234569Z", NEW_YEAR + 123_456),
        ("2024-01-01T00:00:00.123456789012345678901234567890Z", NEW_YEAR + 123_456),
        ("2024-01-01T00:00:00+00:00", NEW_YEAR),
        ("2024-01-01T00:00:00-00:00", NEW_YEAR),
        ("2024-01-01T05:30:00+05:30", NEW_YEAR),
        ("2023-12-31T19:00:00.25-05:00", NEW_YEAR + 250_000),
        ("2023-12-31T23:59:60Z", NEW_YEAR),
        ("2023-12-31T23:59:60.500Z", NEW_YEAR),
        ("2023-12-31T23:59:60.5Z", NEW_YEAR),
        ("2024-02-29T12:00:00.000Z", NEW_YEAR + 59 * 86_400_000_000 + 43_200_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ],
)
def test_any_rfc_3339_form_is_read(text: str, micros: int) -> None:
    assert Timestamp.parse(text).micros == micros


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00,5Z",
        "2024-01-01T00:00:00+0530",
        "2024-1-1T00:00:00Z",
        "20240101T000000Z",
        " 2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z\n",
        "2024-01-01T00:00:00.00²Z",
        "٢٠٢٤-01-01T00:00:00.000Z",
        "2024-01-01T00:00:00 .000Z",
        "2024-01-01_00:00:00.000Z",
    ],
)
def test_another_form_is_refused_with_the_right_one(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{FORM}$"):
        Timestamp.parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-13-01T00:00:00.000Z", REALITY),
        ("2023-02-29T00:00:00Z", REALITY),
        ("2024-01-01T24:00:00Z", REALITY),
        ("2024-01-01T00:60:00Z", REALITY),
        ("2024-01-01T00:00:61.000Z", REALITY),
        ("0000-01-01T00:00:00Z", REALITY),
        ("2024-01-01T00:00:00+24:00", "a zone offset between -23:59 and +23:59"),
        ("2024-01-01T00:00:00+00:60", "a zone offset between -23:59 and +23:59"),
        ("0001-01-01T00:00:00+01:00", "an instant in the years 1 to 9999"),
        ("9999-12-31T23:59:59-00:01", "an instant in the years 1 to 9999"),
        ("9999-12-31T23:59:60Z", "an instant in the years 1 to 9999"),
        ("9999-12-31T23:59:60.000Z", "an instant in the years 1 to 9999"),
    ],
)
def test_an_instant_that_does_not_exist_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ValueError) as caught:
        Timestamp.parse(text)
    assert str(caught.value).startswith(expected)


def test_it_agrees_with_datetime_in_both_directions() -> None:
    chance = Random(7)
    for _ in range(500):
        micros = chance.randrange(-62_135_596_800_000_000, 253_402_300_800_000_000)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
        timestamp = Timestamp(micros)
        assert timestamp.as_datetime() == moment
        assert Timestamp.of(moment) == timestamp
        assert Timestamp.parse(moment.isoformat()) == timestamp
        assert datetime.fromisoformat(timestamp.text) == moment.replace(
            microsecond=moment.microsecond - moment.microsecond % 1000
        )
        zone = timezone(timedelta(minutes=chance.randrange(-1439, 1440)))
        if 2 < moment.year < 9998:
            assert Timestamp.parse(moment.astimezone(zone).isoformat()) == timestamp


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(TypeError):
        Timestamp.of(datetime(2024, 1, 1))  # noqa: DTZ001 - what this test is about


def test_equality_order_and_hash_are_those_of_the_instant() -> None:
    early, late = Timestamp(1), Timestamp(2)
    assert early < late
    assert early <= late
    assert late > early
    assert not late <= early
    assert early == Timestamp.parse("1970-01-01T00:00:00.000001Z")
    assert early != late
    assert early != 1
    assert len({early, Timestamp(1), late}) == 2
    assert early.text == Timestamp(0).text, "microseconds are kept, though the text has no room for them"
    assert max(early, late) is late


def test_repr_shows_the_microseconds() -> None:
    assert repr(Timestamp(1_500)) == "Timestamp(1500)"
