"""Our own events in the `upstream` profile, by the rules B1 to B9, on a whole run of a scenario."""

import json
import random
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.schema import DEFAULT_START
from pvws.sim.source import Timed
from pvws.timestamp import Timestamp
from pvws.wire.events import EVENT_TYPES
from pvws.wire.frames import pong_frame
from pvws.wire.profiles import UPSTREAM, Quirks
from pvws.wire.upstream import upstream_frames, upstream_text
from tests.support.frames import messages_in

SCENARIO = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"


def played() -> list[Timed]:
    """Every event of the scenario."""
    scenario = load(SCENARIO.read_text("utf-8"), str(SCENARIO))
    director = Director(scenario, start=DEFAULT_START, seed=scenario.seed, duration=scenario.duration)
    events = []
    while director.peek() is not None:
        events += [each for each in director.take(None, 256) if isinstance(each, Timed)]
    return events


def texts_of(events: list[Timed], quirks: Quirks = UPSTREAM) -> list[bytes]:
    return [upstream_text(event.text, event.sequence, quirks, at=event.at) for event in events]


def frames_of(texts: list[bytes]) -> list[bytes]:
    """Frames of all that a client gets in writes of chance sizes, as a busy server makes them."""
    chance, frames, start = random.Random(7), [], 0
    while start < len(texts):
        end = start + chance.choice((1, 1, 2, 3, 5, 8, 12, 40))
        frames += upstream_frames(texts[start:end], UPSTREAM)
        start = end
    return frames


@pytest.fixture(scope="module")
def events() -> list[Timed]:
    return played()


@pytest.fixture(scope="module")
def texts(events: list[Timed]) -> list[bytes]:
    return texts_of(events)


def test_b1_the_type_is_broadcast_and_the_event_s_own_nowhere(events: list[Timed], texts: list[bytes]) -> None:
    for event, text in zip(events, texts, strict=True):
        message = json.loads(text)
        assert (message["type"], message["topic"]) == ("broadcast", event.topic)
        assert not any(f'"{name}"'.encode() in text for name in EVENT_TYPES)


def test_b2_to_all_it_has_its_type_and_no_topic(events: list[Timed]) -> None:
    for event in events:
        message = json.loads(upstream_text(event.text, event.sequence, UPSTREAM, at=event.at, to_all=True))
        assert list(message) == ["type", "data", "timestamp"]
        assert message["type"] == event.type


def test_b3_the_envelope_has_its_order_and_data_is_sorted(texts: list[bytes]) -> None:
    def is_sorted(value: Any) -> bool:
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        return (not isinstance(value, dict) or list(value) == sorted(value)) and all(map(is_sorted, inner))

    for text in texts:
        message = json.loads(text)
        assert list(message) == ["type", "topic", "data", "timestamp"]
        assert is_sorted(message["data"])


def test_b4_timestamps_have_up_to_nine_decimals_without_trailing_zeros(events: list[Timed], texts: list[bytes]) -> None:
    lengths = set()
    for event, text in zip(events, texts, strict=True):
        message = json.loads(text)
        stamps = [message["timestamp"], *(message["data"][name] for name in ("timestamp",) if name in message["data"])]
        for stamp in stamps:
            match = re.fullmatch(r"2024-01-01T00:00:\d\d(?:\.(\d{0,8}[1-9]))?Z", stamp)
            assert match, stamp
            lengths.add(len(match[1] or ""))
            assert Timestamp.parse(stamp).micros == event.at
            assert int((match[1] or "").ljust(9, "0")) % 1_000 == event.sequence % 1_000
    assert {8, 9} <= lengths


def test_b4_in_another_zone_the_instants_are_the_same(events: list[Timed], texts: list[bytes]) -> None:
    there = msgspec.structs.replace(UPSTREAM, zone="America/New_York")
    for here, text in zip(texts, texts_of(events, there), strict=True):
        stamp = json.loads(text)["timestamp"]
        assert stamp.startswith("2023-12-31T19:00:")
        assert stamp.endswith("-05:00")
        assert Timestamp.parse(stamp) == Timestamp.parse(json.loads(here)["timestamp"])


def test_b5_the_text_is_compact_and_whole_floats_have_no_decimals(texts: list[bytes]) -> None:
    for text in texts:
        outside_strings = re.sub(rb'"(?:[^"\\]|\\.)*"', b'""', text)
        assert not re.search(rb"\s", outside_strings)
        assert not re.search(rb"\.\d*0[,}\]]|[eE]", outside_strings.replace(b"true", b"").replace(b"false", b""))
        assert not any(byte in text for byte in b"<>&\n")
    assert any(b'"threshold":80,' in text for text in texts)


def test_b6_joins_take_them_apart_at_newlines_and_nothing_is_lost(texts: list[bytes]) -> None:
    messages = [b"".join(frame.payload for frame in message) for message in messages_in(b"".join(frames_of(texts)))]
    assert [line for message in messages for line in message.split(b"\n")] == texts
    counts = [message.count(b"\n") + 1 for message in messages]
    assert max(counts) > 30
    assert any(len({json.loads(line)["topic"] for line in message.split(b"\n")}) > 1 for message in messages), (
        "topics mix in a join"
    )


def test_b7_long_messages_are_cut_every_1024_bytes(texts: list[bytes]) -> None:
    cut = 0
    for message in messages_in(b"".join(frames_of(texts))):
        sizes = [len(frame.payload) for frame in message]
        assert all(size == 1024 for size in sizes[:-1])
        assert 0 < sizes[-1] <= 1024
        cut += len(sizes) > 1
    assert cut > 10


def test_b8_pongs_between_all_frames_disturb_no_message(texts: list[bytes]) -> None:
    frames = frames_of(texts)
    between = b"".join(pong_frame(b"x") + frame for frame in frames)
    assert messages_in(between) == messages_in(b"".join(frames))


def test_b9_two_clients_and_two_runs_get_identical_bytes_in_order(events: list[Timed], texts: list[bytes]) -> None:
    assert frames_of(texts) == frames_of(texts_of(played()))
    stamps = [Timestamp.parse(json.loads(text)["timestamp"]) for text in texts]
    assert all(earlier <= later for earlier, later in pairwise(stamps))
