"""Go's values, against what Go 1.27.3 printed and took."""

import json
import math
import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.timestamp import Timestamp
from pvws.wire.golang import go_json, go_timestamp, is_go_time, zone_named

SECOND = 1_704_067_200  # 2024-01-01T00:00:00Z

NO_MORE_SECONDS = 100_000_000_000_000  # 1973: since then every zone's offset is whole minutes, which a text can hold

texts = st.text()  # without lone surrogates
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (80.0, "80"),
        (0.0, "0"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (-1.5, "-1.5"),
        (1e-5, "0.00001"),
        (1e-6, "0.000001"),
        (9.999999e-7, "9.999999e-7"),
        (1e-7, "1e-7"),
        (1.5e-10, "1.5e-10"),
        (-2.5e-100, "-2.5e-100"),
        (5e-324, "5e-324"),
        (1e16, "10000000000000000"),
        (123456789012345680.0, "123456789012345680"),
        (1e20, "100000000000000000000"),
        (999999999999999868928.0, "999999999999999900000"),
        (1e21, "1e+21"),
        (-1.25e21, "-1.25e+21"),
        (1e100, "1e+100"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
    ],
)
def test_a_float_is_printed_as_go_prints_it(value: float, printed: str) -> None:
    assert go_json(value) == printed.encode()


@pytest.mark.parametrize("value", [0, 80, -1, 2**53, 12345678901234567890, 10**30])
def test_an_integer_keeps_all_its_digits(value: int) -> None:
    assert go_json(value) == str(value).encode()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("plain", '"plain"'),
        ('"\\/', r'"\"\\/"'),
        ("\b\f\n\r\t", r'"\b\f\n\r\t"'),
        ("\x00\x01\x0b\x1f", r'"\u0000\u0001\u000b\u001f"'),
        ("<a href='x'>&amp;", r'''"\u003ca href='x'\u003e\u0026amp;"'''),
        ("\u2027\u2028\u2029\u202a", '"\u2027\\u2028\\u2029\u202a"'),
        ("\x7f\x80é\ufffd😀", '"\x7f\x80é\ufffd😀"'),
        ("a\ud800b", '"a\ufffdb"'),
    ],
)
def test_a_string_is_escaped_as_go_escapes_it(text: str, printed: str) -> None:
    assert go_json(text) == printed.encode()


def test_a_json_text_is_compact_and_its_keys_are_sorted_by_their_bytes() -> None:
    value = {"b": [None, True, False], "a": {}, "B": [], "é": 1, "": {"z": 1, "y": 2}, "😀": 0, "\uffff": 0}
    printed = '{"":{"y":2,"z":1},"B":[],"a":{},"b":[null,true,false],"é":1,"\uffff":0,"😀":0}'
    assert go_json(value) == printed.encode()


def test_half_a_pair_is_sorted_as_what_go_makes_of_it() -> None:
    assert go_json({"\ud800a": 1, "\ufffd": 2, "\ue000": 3}) == '{"\ue000":3,"\ufffd":2,"\ufffda":1}'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1, {"a": math.inf}]])
def test_what_json_has_no_number_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a number that JSON has"):
        go_json(value)


@given(values)
def test_whatever_is_written_reads_back_the_same(value: object) -> None:
    text = go_json(value)
    assert json.loads(text, parse_int=float) == value
    assert not re.search(rb"[<>&\n]|\xe2\x80[\xa8\xa9]", text)


@pytest.mark.parametrize(
    ("micros", "nanos", "zone", "printed"),
    [
        (0, 0, "UTC", "2024-01-01T00:00:00Z"),
        (0, 7, "UTC", "2024-01-01T00:00:00.000000007Z"),
        (123_456, 789, "UTC", "2024-01-01T00:00:00.123456789Z"),
        (123_456, 780, "UTC", "2024-01-01T00:00:00.12345678Z"),
        (123_456, 0, "UTC", "2024-01-01T00:00:00.123456Z"),
        (123_000, 0, "UTC", "2024-01-01T00:00:00.123Z"),
        (500_000, 0, "UTC", "2024-01-01T00:00:00.5Z"),
        (999_999, 999, "UTC", "2024-01-01T00:00:00.999999999Z"),
        (0, 1, "America/New_York", "2023-12-31T19:00:00.000000001-05:00"),
        (0, 0, "Asia/Kolkata", "2024-01-01T05:30:00+05:30"),
        (0, 0, "America/St_Johns", "2023-12-31T20:30:00-03:30"),
        (0, 0, "Europe/London", "2024-01-01T00:00:00Z"),
        (182 * 86_400_000_000, 0, "Europe/London", "2024-07-01T01:00:00+01:00"),
        (-SECOND * 1_000_000 - 1, 0, "UTC", "1969-12-31T23:59:59.999999Z"),
        (-126 * 365 * 86_400_000_000, 0, "America/New_York", "1898-01-30T19:00:00-05:00"),
        (-226 * 365 * 86_400_000_000, 0, "America/New_York", "1798-02-23T19:03:58-04:56"),
    ],
)
def test_an_instant_is_printed_as_go_prints_it(micros: int, nanos: int, zone: str, printed: str) -> None:
    assert go_timestamp(SECOND * 1_000_000 + micros, nanos, zone_named(zone)) == printed


@given(
    st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999),
    st.integers(0, 999),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Africa/Monrovia"]),
)
def test_every_instant_reads_back_and_go_would_take_it(micros: int, nanos: int, zone: str) -> None:
    text = go_timestamp(micros, nanos, zone_named(zone))
    assert is_go_time(text)
    assert not re.search(r"\.\d*0\D", text), "trailing zeros are cut"
    if micros > NO_MORE_SECONDS or zone == "UTC":
        assert Timestamp.parse(text).micros == micros


def test_utc_needs_no_zone_database_and_others_are_looked_up_once() -> None:
    assert zone_named("UTC") is UTC
    assert zone_named("Europe/Berlin") == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "a\0b", "é" * 300]
)
def test_a_name_of_no_zone_is_refused_with_what_was_expected(name: str) -> None:
    with pytest.raises(ValueError, match=r'^an IANA time zone such as "Europe/Berlin"$'):
        zone_named(name)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:00:00Z",
        "2024-02-29T23:59:59.123456789123+02:00",
        "0000-02-29T00:00:00Z",
        "2024-01-01T00:00:00.5-23:59",
        # Looser than RFC 3339, and so is Go:
        "2024-01-01T1:00:00Z",
        "2024-01-01T01:00:00,5Z",
        "2024-01-01T01:00:00+24:60",
    ],
)
def test_a_time_that_go_takes(text: str) -> None:
    assert is_go_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1704067200",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z",
        "2024-01-01t00:00:00Z",
        "2024-01-01T00:00:00z",
        "2024-01-01T00:00:00+0200",
        "2024-01-01T00:00:60Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-01-1T00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T01:00:00+25:00",
        "2024-01-01T01:00:00-24:61",
        "10000-01-01T00:00:00Z",
        "+024-01-01T00:00:00Z",
        "２024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z\n",
    ],
)
def test_a_time_that_go_does_not_take(text: str) -> None:
    assert not is_go_time(text)


@given(st.text(st.sampled_from("0123456789-T:.,Z+"), max_size=30))
def test_any_text_is_judged(text: str) -> None:
    assert is_go_time(text) in (True, False)
