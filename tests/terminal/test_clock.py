from datetime import UTC, timedelta, timezone

import pytest

from pvws.terminal.clock import since, time_of_day
from pvws.timestamp import Timestamp

NOON = Timestamp.parse("2024-01-01T12:00:03.417Z").micros


def test_a_time_of_day_is_that_of_the_zone_to_the_millisecond() -> None:
    assert time_of_day(NOON, UTC) == "12:00:03.417"
    assert time_of_day(NOON, timezone(timedelta(hours=5, minutes=30))) == "17:30:03.417"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00.001Z", "9999-12-31T23:59:59.999Z"])
@pytest.mark.parametrize("hours", [-12, 0, 12])
def test_every_instant_has_a_time_of_day_in_every_zone(text: str, hours: int) -> None:
    assert len(time_of_day(Timestamp.parse(text).micros, timezone(timedelta(hours=hours)))) == 12


@pytest.mark.parametrize(
    ("micros", "told"), [(0, "+0.000"), (12_345_678, "+12.345"), (-1_500_000, "-1.500"), (86_400_000_000, "+86400.000")]
)
def test_a_time_that_has_passed_is_told_in_seconds(micros: int, told: str) -> None:
    assert since(micros) == told.rjust(12)
