"""Golden: what the real server sent comes out of our encoder as the same bytes, cut into the same frames."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from pvws.recording.raw_capture import CapturedMessage, RawCapture, read_raw_capture
from pvws.timestamp import Timestamp
from pvws.wire.client_reader import ClientReader
from pvws.wire.golang import go_json, go_timestamp, is_go_time, zone_named
from pvws.wire.messages import ClientMessage, Ping, Pong, Subscribe, Unsubscribe
from pvws.wire.profiles import UPSTREAM
from pvws.wire.upstream import upstream_frames, upstream_reply, upstream_text
from tests.support.frames import messages_in, payloads_in

RECORDINGS = Path(__file__).parents[2] / "recordings" / "upstream"
NAMES = ("normal", "bursts")


class Stream(NamedTuple):
    """A recording, and what the harness broadcast while it was made."""

    capture: RawCapture
    truth: dict[str, Any]

    @property
    def received(self) -> list[CapturedMessage]:
        """The text messages that the server sent."""
        return [each for each in self.capture.messages if (each.dir, each.opcode) == ("in", "text")]

    @property
    def said(self) -> list[CapturedMessage]:
        """The text messages that the client sent."""
        return [each for each in self.capture.messages if (each.dir, each.opcode) == ("out", "text")]

    @property
    def lines(self) -> list[bytes]:
        """The JSON texts that the server sent, joined or not."""
        return [line.encode() for message in self.received for line in message.data.split("\n")]

    def expected(self) -> list[dict[str, Any]]:
        """What was broadcast while the client was subscribed to its topic, in order."""
        (off,) = (each.at for each in self.said if "unsubscribe" in each.data)
        (on,) = (each.at for each in self.said if each.at > off and "subscribe" in each.data)
        return [
            event for event in self.truth["events"] if event["topic"] != "alerts" or not off < self.micros(event) < on
        ]

    def micros(self, event: dict[str, Any]) -> int:
        """When the harness broadcast an event, on the recording's clock."""
        return round((event["at"] + self.truth["base_s"]) * 1_000_000)


@pytest.fixture(scope="module", params=NAMES)
def stream(request: pytest.FixtureRequest) -> Stream:
    source = (RECORDINGS / f"{request.param}.jsonl").read_bytes()
    truth = json.loads((RECORDINGS / f"{request.param}.truth.json").read_bytes())
    return Stream(read_raw_capture(source), truth)


def test_the_recordings_are_those_that_were_described() -> None:
    capture = {name: read_raw_capture((RECORDINGS / f"{name}.jsonl").read_bytes()) for name in NAMES}
    received = {
        name: [each for each in capture[name].messages if (each.dir, each.opcode) == ("in", "text")] for name in NAMES
    }
    assert (len(received["normal"]), len(received["bursts"])) == (67, 51)
    assert not any(message.fragments or "\n" in message.data for message in received["normal"])
    joins = [message.data.count("\n") + 1 for message in received["bursts"]]
    assert (max(joins), sum(joins)) == (120, 767)
    assert sum(message.fragments is not None for message in received["bursts"]) == 28


def test_each_recorded_message_comes_out_as_the_same_bytes_in_the_same_frames(stream: Stream) -> None:
    for number, message in enumerate(stream.received):
        texts = [upstream_text(line.encode(), number, UPSTREAM) for line in message.data.split("\n")]
        frames = upstream_frames(texts, UPSTREAM)
        payloads = payloads_in(frames)
        data = message.data.encode()
        assert b"".join(payloads) == data, message.line
        assert tuple(map(len, payloads)) == (message.fragments or (len(data),)), message.line
        assert len(messages_in(b"".join(frames))) == 1


def test_each_recorded_event_comes_out_of_its_documented_form(stream: Stream) -> None:
    """The type is given back from what the harness broadcast, and the keys stand as they came, not sorted."""
    events = [line for line in stream.lines if line.startswith(b'{"type":"broadcast"')]
    assert len(events) == len(stream.expected())
    for line, truth in zip(events, stream.expected(), strict=True):
        event = json.loads(line)
        data = dict(sorted(event["data"].items(), key=lambda item: item[0][::-1]))
        documented = msgspec.json.encode(
            {"timestamp": event["timestamp"], "data": data} | {"topic": event["topic"], "type": truth["type"]}
        )
        assert event["topic"] == truth["topic"]
        assert upstream_text(documented, 0, UPSTREAM) == line


def test_each_recorded_text_is_json_as_we_write_it(stream: Stream) -> None:
    for line in stream.lines:
        event = json.loads(line)
        assert list(event) == [name for name in ("type", "topic", "data", "timestamp", "clientId") if name in event]
        if "data" in event:
            assert b'"data":%b,"timestamp"' % go_json(event["data"]) in line


def test_each_recorded_timestamp_is_printed_as_we_print_it(stream: Stream) -> None:
    for line in stream.lines:
        text = json.loads(line)["timestamp"]
        assert is_go_time(text)
        assert go_timestamp(*instant(text), zone_named("UTC")) == text


def instant(text: str) -> tuple[int, int]:
    """Microseconds since the epoch, and the three digits below them, of a timestamp in UTC."""
    nanos = int(text.removesuffix("Z").partition(".")[2].ljust(9, "0"))
    return Timestamp.parse(text).micros, nanos % 1_000


def test_each_recorded_pong_comes_out_of_ours(stream: Stream) -> None:
    pongs = [line for line in stream.lines if b'"pong"' in line]
    assert len(pongs) == 2
    for line in pongs:
        pong = json.loads(line)
        micros, below = instant(pong["timestamp"])
        assert upstream_reply(Pong(Timestamp(micros), pong["clientId"]), below, UPSTREAM) == line


def test_what_the_client_said_is_heard_as_the_real_server_heard_it(stream: Stream) -> None:
    reader = ClientReader(UPSTREAM)
    heard: list[ClientMessage | None] = [reader.read(message.data) for message in stream.said]
    topics = ("file_operations", "peer_network", "system", "alerts")
    assert heard == [
        *(Subscribe(topic) for topic in topics),
        Ping(),
        Ping(),
        Unsubscribe("alerts"),
        Subscribe("alerts"),
    ]


def test_the_joins_are_legal(stream: Stream) -> None:
    """B6: a write takes what is queued, at most 257, in order; joined by newlines, with none at the end."""
    expected = iter(stream.expected())
    for message in stream.received:
        lines = message.data.split("\n")
        assert all(lines), "no newline at the end, and no empty line"
        assert len(lines) <= 1 + 256
        if '"pong"' in message.data:
            assert len(lines) == 1
            continue
        joined = [next(expected) for _ in lines]
        assert [json.loads(line)["topic"] for line in lines] == [event["topic"] for event in joined]
        times = [stream.micros(event) for event in joined]
        assert times == sorted(times)
        assert times[-1] < message.at, "nothing is sent before it happened"
        assert times[-1] - times[0] < 50_000, "what is 50 ms apart comes apart"
    assert next(expected, None) is None, "nothing that was broadcast is missing"
