"""Timestamps, for every instant there is and for any text."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pvws.timestamp import Timestamp

instants = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)

FIRST = datetime(2, 1, 1)  # noqa: DTZ001 - Hypothesis asks for naive bounds
LAST = datetime(9998, 1, 1)  # noqa: DTZ001


@given(instants)
def test_parse_gives_back_the_instant_of_a_text_to_the_millisecond(micros: int) -> None:
    assert Timestamp.parse(Timestamp(micros).text).micros == micros - micros % 1000


@given(instants)
def test_text_never_changes_by_being_read(micros: int) -> None:
    text = Timestamp(micros).text
    assert len(text) == 24
    assert Timestamp.parse(text).text == text


@given(instants, instants)
def test_texts_sort_as_their_instants_do(one: int, other: int) -> None:
    assert (Timestamp(one) <= Timestamp(other)) is (one <= other)
    if Timestamp(one).text < Timestamp(other).text:
        assert one < other


@given(st.datetimes(FIRST, LAST, timezones=st.timezones() | st.just(UTC)))
def test_it_is_the_instant_of_any_aware_datetime(moment: datetime) -> None:
    timestamp = Timestamp.of(moment)
    assert timestamp.as_datetime() == moment.astimezone(UTC)
    assert Timestamp.parse(moment.astimezone(UTC).isoformat()) == timestamp


@given(
    st.text()
    | st.from_regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", fullmatch=True)
    | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fullmatch=True)
)
def test_any_text_is_read_or_refused_with_what_was_expected(text: str) -> None:
    try:
        timestamp = Timestamp.parse(text)
    except ValueError as error:
        assert str(error).startswith(("an ", "a "))
    else:
        assert Timestamp.parse(timestamp.text).micros == timestamp.micros - timestamp.micros % 1000
