from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.scenario.faults.stale import earlier
from pvws.timestamp import Timestamp
from tests.scenario.faults.conftest import Passage

EVENT = (
    '{"type":"peer_health_changed","data":{"lastHeartbeat":"2024-01-01T12:00:00.000Z",'
    '"timestamp":"2024-01-01T12:00:00.250Z"},"timestamp":"2024-01-01T12:00:00.500Z"}'
)


def test_both_timestamps_are_older_and_no_other_instant(passage: Callable[..., Passage]) -> None:
    story = passage("stale: 1h")
    story.take(0, EVENT)
    assert story.texts == [EVENT.replace("12:00:00.250", "11:00:00.250").replace("12:00:00.500", "11:00:00.500")]
    assert story.counts == {"aged": 1}


def test_what_has_no_timestamp_stays_as_it_is(passage: Callable[..., Passage]) -> None:
    story = passage("stale: 1h")
    for text in ("no json", '{"timestamp":"yesterday"}', '{"timestamp":7}', '{"data":[]}'):
        story.take(0, text)
    assert story.texts == ["no json", '{"timestamp":"yesterday"}', '{"timestamp":7}', '{"data":[]}']
    assert not story.counts


@pytest.mark.parametrize(
    ("value", "by", "found"),
    [
        ("2024-01-01T00:00:00.100Z", 200_000, "2023-12-31T23:59:59.900Z"),
        ("2024-03-01T00:00:00Z", 86_400_000_000, "2024-02-29T00:00:00Z"),
        ("2024-01-01T01:02:03.123456789+02:00", 1_000_000, "2024-01-01T01:02:02.123456789+02:00"),
        ("0001-01-01T00:00:00.000Z", 86_400_000_000, "0001-01-01T00:00:00.000Z"),
        ("2024-13-01T00:00:00.000Z", 1_000_000, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_an_instant_keeps_its_notation(value: str, by: int, found: str) -> None:
    assert earlier(f'"{value}"'.encode(), by) == f'"{found}"'.encode()


@given(st.integers(10**15, 2 * 10**15), st.integers(0, 10**14))
def test_it_is_as_much_earlier_as_asked_for(micros: int, by: int) -> None:
    micros, by = micros - micros % 1000, by - by % 1000
    assert earlier(f'"{Timestamp(micros).text}"'.encode(), by) == f'"{Timestamp(micros - by).text}"'.encode()
