import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.retime import Remapper, instant_in, shifted
from pvws.timestamp import Timestamp

A = "a" * 64


@pytest.mark.parametrize(
    ("before", "micros", "after"),
    [
        ("2024-01-01T00:00:00.000Z", 1_000_000, "2024-01-01T00:00:01.000Z"),
        ("2024-01-01T00:00:00.999Z", 1_500, "2024-01-01T00:00:01.000Z"),
        ("2024-01-01T00:00:00Z", 86_400_000_000, "2024-01-02T00:00:00Z"),
        ("2026-11-23T01:54:02.399038105Z", 2, "2026-11-23T01:54:02.399040105Z"),
        ("2026-11-23T01:54:02.39-05:00", -390_000, "2026-11-23T01:54:02.00-05:00"),
        ("2024-12-31T23:59:59.9999999+02:00", 1, "2025-01-01T00:00:00.0000009+02:00"),
        ("2024-01-01t00:00:00z", 1_000_000, "2024-01-01t00:00:01z"),
        ("yesterday", 1_000_000, "yesterday"),
        ("2024-02-31T00:00:00Z", 1_000_000, "2024-02-31T00:00:00Z"),
        ("9999-12-31T23:59:59Z", 1_000_000, "9999-12-31T23:59:59Z"),
    ],
)
def test_an_instant_is_moved_in_its_own_form_and_zone(before: str, micros: int, after: str) -> None:
    text = '{"data":{"timestamp":"%s","note":"%s"},"timestamp" : "%s"}'
    assert shifted((text % (before, before, before)).encode(), micros) == (text % (after, before, after)).encode()


@given(st.datetimes(), st.integers(-(10**15), 10**15))
def test_moved_there_and_back_it_is_what_it_was(moment: object, micros: int) -> None:
    text = b'{"lastHeartbeat":"%sZ"}' % str(moment).replace(" ", "T").encode()
    there = shifted(text, micros)
    assert there == text or shifted(there, -micros) == text


def test_the_instant_in_a_message_is_its_envelopes() -> None:
    text = b'{"data":{"timestamp":"2024-01-01T00:00:00Z"},"timestamp":"2024-01-01T00:00:01.5Z"}'
    assert instant_in(text) == Timestamp.parse("2024-01-01T00:00:01.5Z").micros
    assert instant_in(b'{"timestamp":"soon"}') is None
    assert instant_in(b"{}") is None


def test_ids_become_others_the_same_wherever_they_stand() -> None:
    remapped = Remapper("1")
    text = b'{"key":"%s","node":"peer-1","peers":["%s","peer-1"],"nodes":[],"size":1,"level":"info"}'
    (new,) = {remapped(b'"id":"%s"' % A.encode())[6:-1]}
    assert len(new) == 64
    assert new != A.encode()
    name = remapped(b'"id":"peer-1"')[6:-1]
    assert name.startswith(b"peer-1-")
    assert remapped(text % (A.encode(), A.encode())) == (
        b'{"key":"%s","node":"%s","peers":["%s","%s"],"nodes":[],"size":1,"level":"info"}' % (new, name, new, name)
    )


@pytest.mark.parametrize("address", ["192.168.1.9", "::1", ""])
def test_addresses_stay(address: str) -> None:
    assert Remapper("1")(f'"source":"{address}"'.encode()) == f'"source":"{address}"'.encode()


def test_another_salt_gives_other_ids() -> None:
    text = f'"id":"{A}"'.encode()
    assert Remapper("1")(text) == Remapper("1")(text) != Remapper("2")(text)
