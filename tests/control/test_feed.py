"""What happens on a stage, told to one reader: bounded, with honest gaps, and nobody listens when nobody reads."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from pvws.control import feed as feed_module
from pvws.control.feed import Choice, Feed
from pvws.limits import FEED_HELD_MAX
from pvws.scenario.faults.spec import read_fault
from pvws.sim.source import Timed
from pvws.stage.stage import Stage
from tests.support.staged import START, STORY, director, story

Told = tuple[str, Any]


@pytest_asyncio.fixture(autouse=True)
async def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader is told at once."""
    monkeypatch.setattr(feed_module, "_PERIOD_S", 0.001)


def parsed(text: bytes) -> list[Told]:
    """Kind and data of every block."""
    found = []
    for block in text.decode().split("\n\n"):
        lines = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
        if "data" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


class Reader:
    """Reads a feed."""

    def __init__(self, chunks: AsyncGenerator[bytes, None]) -> None:
        self._chunks = chunks
        self._told: list[Told] = []

    async def next(self, kind: str) -> Any:
        """What is told next of a kind; what comes before is passed over."""
        while True:
            while self._told:
                found, data = self._told.pop(0)
                if found == kind:
                    return data
            self._told += parsed(await anext(self._chunks))


@asynccontextmanager
async def reading(stage: Stage, choice: Choice = Choice(), **options: Any) -> AsyncIterator[Reader]:  # noqa: B008
    chunks = Feed(stage, choice, **options).chunks()
    assert await anext(chunks) == b"retry: 1000\n\n"
    try:
        yield Reader(chunks)
    finally:
        await chunks.aclose()


def timed(sequence: int, topic: str = "alerts", kind: str = "made") -> Timed:
    text = json.dumps({"type": kind, "topic": topic, "data": {"n": sequence}}).encode()
    return Timed(START + sequence, sequence, topic, kind, text)


def publish(stage: Stage, *events: Timed) -> None:
    stage._publish(events)


async def test_it_listens_only_while_somebody_reads() -> None:
    stage = story()
    before = len(stage._observers)
    async with reading(stage):
        assert len(stage._observers) == before + 1
    assert len(stage._observers) == before


async def test_events_come_together_in_one_block_with_their_texts() -> None:
    stage = story()
    async with reading(stage, Choice(["event"])) as reader:
        publish(stage, timed(0), timed(1))
        publish(stage, timed(2, "system"))
        (first, second, third) = (await reader.next("event"))["events"]
        assert first == {
            "at": "2024-01-01T00:00:00.000000Z",
            "sequence": 0,
            "topic": "alerts",
            "type": "made",
            "text": timed(0).text.decode(),
        }
        assert (second["sequence"], third["topic"]) == (1, "system")


async def test_only_what_is_wanted_of_events_is_told() -> None:
    stage = story()
    choice = Choice(["event"], topics=["alerts"], types=["made"], meant=lambda event: event.sequence % 2 == 0)
    async with reading(stage, choice) as reader:
        publish(stage, timed(0), timed(1), timed(2, "system"), timed(4, kind="other"), timed(6))
        assert [each["sequence"] for each in (await reader.next("event"))["events"]] == [0, 6]


async def test_a_slow_reader_is_told_how_much_it_missed() -> None:
    stage = story()
    async with reading(stage, Choice(["event"])) as reader:
        for number in range(FEED_HELD_MAX + 7):
            publish(stage, timed(number))
        assert await reader.next("gap") == {"events": 7, "others": 0}
        events = (await reader.next("event"))["events"]
        assert [each["sequence"] for each in events] == list(range(7, FEED_HELD_MAX + 7))


async def test_past_a_rate_events_are_counted_instead() -> None:
    stage = story(real=lambda: START)  # no time passes
    async with reading(stage, Choice(["event"], rate=5_000.0)) as reader:
        publish(stage, *(timed(number) for number in range(20)))
        gap = await reader.next("gap")
        assert len((await reader.next("event"))["events"]) + gap["events"] == 20
        assert gap["events"] == 15  # a tenth of a second's may come at once; here it is a thousandth


async def test_what_is_done_to_a_stage_is_told() -> None:
    stage = story()
    async with reading(stage) as reader:
        fault = stage.faults.add(read_fault("drop: 10%"))
        assert (told := await reader.next("fault"))["what"] == "added"
        assert told["fault"]["text"] == "drop: 10%"
        stage.faults.remove(fault.id)
        assert (await reader.next("fault"))["what"] == "ended"
        rule = stage.controller.rules.add({"when": {"client": "sends"}, "do": "mark", "name": "x"})
        assert await reader.next("rule") == {
            "what": "added",
            "id": rule.id,
            "rule": {"when": {"client": "sends"}, "do": "mark", "name": "x"},
        }
        stage.controller.rules.remove(rule.id)
        assert (await reader.next("rule"))["what"] == "removed"
        await stage.clock.advance("1s")
        stage.controller.mark("here")
        assert await reader.next("cue") == {"kind": "mark", "name": "here", "at": "2024-01-01T00:00:01.000000Z"}


async def test_a_clock_that_is_moved_or_set_is_told() -> None:
    stage = story()
    async with reading(stage) as reader:
        await stage.clock.advance("5s")
        assert (await reader.next("clock"))["at"] == "2024-01-01T00:00:05.000000Z"
        stage.clock.set_speed(2.0)
        assert (await reader.next("clock"))["speed"] == 2.0
        stage.clock.resume()
        assert (await reader.next("clock"))["held"] is False


async def test_another_scenario_is_told() -> None:
    from pvws.scenario.loader import load
    from pvws.stage.loading import Loading

    stage = story()
    async with reading(stage) as reader:
        stage.controller.load(Loading(load(STORY, "story.yaml")))
        assert (await reader.next("scenario"))["name"] == "story"
        stage.controller.unload()
        assert await reader.next("scenario") is None


async def test_the_state_comes_at_once_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "_STATE_PERIOD_S", 0.0)
    stage = story()
    async with reading(stage, Choice(["state"])) as reader:
        for _ in range(2):
            assert (await reader.next("state"))["world"] == "main"


async def test_who_is_told_nothing_is_told_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "_HEARTBEAT_S", 0.0)
    chunks = Feed(story(), Choice(["event"])).chunks()
    assert await anext(chunks)
    assert await anext(chunks) == b": here\n\n"
    await chunks.aclose()


async def test_who_comes_again_is_told_that_it_missed_something() -> None:
    chunks = Feed(story(), Choice(["event"])).chunks(again=True)
    assert await anext(chunks) == b"retry: 1000\n\n"
    assert parsed(await anext(chunks)) == [
        ("gap", {"events": None, "others": None, "reason": "the connection was lost"})
    ]
    await chunks.aclose()


async def test_it_ends_with_its_stage() -> None:
    there = True
    stage = story()
    chunks = Feed(stage, Choice(["event"]), lambda: there).chunks()
    assert await anext(chunks)
    there = False
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)


async def test_blocks_are_numbered() -> None:
    stage = story()
    await stage.clock.advance("1s")
    chunks = Feed(stage, Choice(["event", "cue"])).chunks()
    await anext(chunks)
    publish(stage, timed(0))
    stage.controller.mark("x")
    publish(stage, timed(1))
    text = await anext(chunks)
    assert [kind for kind, _ in parsed(text)] == ["event", "cue", "event"]
    assert [line for line in text.decode().splitlines() if line.startswith("id")] == ["id: 1", "id: 2", "id: 3"]
    await chunks.aclose()


async def test_a_reader_that_stands_still_costs_no_more_than_its_bound() -> None:
    stage = Stage(director(), start=START, speed=None)
    feed = Feed(stage, Choice())
    chunks = feed.chunks()
    await anext(chunks)
    playing = asyncio.ensure_future(stage.play())
    await playing
    for number in range(10 * FEED_HELD_MAX):
        publish(stage, timed(1_000_000 + number))
    assert len(feed._held) == FEED_HELD_MAX
    await chunks.aclose()
