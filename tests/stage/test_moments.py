"""How instants and spans of stage time may be said."""

from datetime import UTC, datetime, timedelta

import pytest

from pvws.errors import InputError
from pvws.stage.moments import Moment, Span, instant_of, span_micros
from pvws.timestamp import Timestamp

START = "2024-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "moment", [1_704_067_200_000_000, START, datetime(2024, 1, 1, tzinfo=UTC), Timestamp.parse(START)]
)
def test_a_moment_may_be_said_in_many_ways(moment: Moment) -> None:
    assert instant_of(moment) == 1_704_067_200_000_000


@pytest.mark.parametrize("span", [90_000_000, "1m30s", timedelta(seconds=90)])
def test_a_span_may_be_said_in_many_ways(span: Span) -> None:
    assert span_micros(span) == 90_000_000


@pytest.mark.parametrize("moment", ["soon", datetime(2024, 1, 1), -1, 10**30])  # noqa: DTZ001
def test_what_is_no_moment_is_told_under_the_name_that_it_has(moment: Moment) -> None:
    with pytest.raises(InputError, match="to: expected"):
        instant_of(moment)
    with pytest.raises(InputError, match="at: expected"):
        instant_of(moment, "at")


@pytest.mark.parametrize("span", ["a while", -1, timedelta(seconds=-1)])
def test_what_is_no_span_is_told_under_the_name_that_it_has(span: Span) -> None:
    with pytest.raises(InputError, match="by: expected"):
        span_micros(span)
    with pytest.raises(InputError, match="within: expected"):
        span_micros(span, "within")
