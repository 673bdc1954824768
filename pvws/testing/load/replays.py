"""How fast a recording is read and replayed, without a server; beside it, what reading and writing its lines as JSON
takes, which is the least that a tool must do that parses them.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from pvws.files.recordings import RecordingWriter, open_recording, opened_blocks
from pvws.recording.format import Entry, Header, Message
from pvws.recording.quick import Quick
from pvws.recording.replayer import Choice, Replayer, Track
from pvws.scenario.director import Director
from pvws.scenario.schema import DEFAULT_START
from pvws.server.loops import loop_factory
from pvws.sim.source import Timed
from pvws.stage.shipped import find_scenario
from pvws.stage.stage import Stage

__all__ = ["Replayed", "made_recording", "measure_replay"]

_EVENTS = 50_000  # of the recording that is made for the occasion: 20 MB, of all types that are frequent


class Replayed(Struct, frozen=True):
    """What a recording of `messages` in `size` bytes costs: CPU time in seconds for a whole round of each.

    `replay_s` is to read it and to have all its messages published by a stage at speed max to a hub without
    subscribers; `json_s` is `json.loads` and `json.dumps` of each line. Both are the quickest of `rounds`, by turns.
    """

    recording: str
    messages: int
    size: int
    rounds: int
    replay_s: float
    json_s: float

    @property
    def messages_a_second(self) -> float:
        """Messages a second of CPU time."""
        return self.messages / self.replay_s if self.replay_s else 0.0

    @property
    def times_json(self) -> float:
        """How many times as fast as the JSON module it is."""
        return self.json_s / self.replay_s if self.replay_s else 0.0


def measure_replay(path: str, seconds: float, tell: Callable[[int, float], None] = lambda n, s: None) -> Replayed:
    """Replay a recording, and read its lines as JSON, by turns for so long, but once at least.

    `tell` hears of the messages and the seconds so far. Raises InputError for what is no recording.
    """
    size = sum(len(block) for block in _blocks(path))
    replays, jsons = list[float](), list[float]()
    messages, began = 0, time.monotonic()
    while not replays or time.monotonic() - began < seconds:
        cpu = time.process_time()
        messages = _replay(path)
        replays.append(time.process_time() - cpu)
        cpu = time.process_time()
        _read_as_json(path)
        jsons.append(time.process_time() - cpu)
        tell(messages * len(replays), time.monotonic() - began)
    return Replayed(path, messages, size, len(replays), min(replays), min(jsons))


@contextmanager
def made_recording(events: int = _EVENTS) -> Iterator[str]:
    """The path of a recording of the scenario `firehose`, which is gone when this is left."""
    scenario = find_scenario("firehose")
    director = Director(scenario, start=DEFAULT_START, seed=scenario.seed, duration=scenario.duration)
    handle, path = tempfile.mkstemp(suffix=".pvrec.jsonl")
    os.close(handle)
    try:
        with RecordingWriter(path, Header(profile="documented", scenario="firehose")) as writer:
            while writer.entries < events:
                for event in director.take(None, 256):
                    if isinstance(event, Timed):
                        writer.write(Message(event.at - DEFAULT_START, "recv", event.text))
        yield path
    finally:
        Path(path).unlink()


def _replay(path: str) -> int:
    """Read and replay it, as `pvws replay` does; how many messages were published."""

    async def play() -> int:
        track = Track(lambda: _entries(path), parts=lambda quick: _parts(path, quick))
        with open_recording(path) as recording:
            exact = recording.header.profile == "upstream"
        replayer = Replayer([track], DEFAULT_START, Choice(exact=exact))
        stage = Stage(replayer, start=DEFAULT_START, speed=None)
        await stage.play()
        return sum(stage.hub.published.values())

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(play())


def _read_as_json(path: str) -> None:
    for block in _blocks(path):
        for line in block.split(b"\n"):
            if line:
                json.dumps(json.loads(line))


def _entries(path: str) -> Iterator[Entry]:
    with open_recording(path) as recording:
        yield from recording


def _parts(path: str, quick: Quick) -> Iterator[list[Timed] | Iterator[Entry]]:
    with open_recording(path) as recording:
        yield from recording.parts(quick)


def _blocks(path: str) -> Iterator[bytes]:
    """The bytes of the file, decompressed, in whole lines."""
    rest = b""
    with opened_blocks(path) as blocks:
        for block in blocks:
            whole, newline, behind = block.rpartition(b"\n")
            if newline:
                yield rest + whole + newline
                rest = behind
            else:
                rest += block
    if rest:
        yield rest
