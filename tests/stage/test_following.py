import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import pytest
from websockets.frames import Opcode

from pvws import __version__
from pvws.bus.entry import State
from pvws.bus.local import Local, LocalServer
from pvws.errors import ReachError
from pvws.scenario.faults.spec import read_fault
from pvws.sim.source import Cue, Timed
from pvws.stage import following as following_module
from pvws.stage import nodes as nodes_module
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.loading import Loading
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from tests.support.bused import event
from tests.support.nats_server import until
from tests.support.staged import START, director, listener, story, venue_of

SECOND = 1_000_000


class Node:
    """A stage that follows a bus, and what it has told."""

    def __init__(self, bus: Local) -> None:
        self.told: list[str] = []
        self.bus = bus
        self.stage = Stage()
        self.following = Following(self.stage, bus, self.told.append)


@asynccontextmanager
async def joined(server: LocalServer, nodes: int = 1, **options: Any) -> AsyncIterator[tuple[Stage, list[Node]]]:
    """A held script as the source of a bus, and nodes that follow it."""
    source = story(**options)
    leading = Leading(source, server.bus())
    await leading.begin()
    following = [Node(server.bus()) for _ in range(nodes)]
    for node in following:
        await node.following.begin()
    yield source, following
    await leading.end(1)


async def turns(number: int = 4) -> None:
    """Let what was sent arrive."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_clients_of_every_node_get_the_same_texts_as_those_of_the_source() -> None:
    topics = "file_operations", "alerts", "system"
    async with AsyncExitStack() as stack:
        source, nodes = await stack.enter_async_context(joined(LocalServer(), 2))
        venues = [await stack.enter_async_context(venue_of(each)) for each in (source, *(node.stage for node in nodes))]
        clients = [await stack.enter_async_context(listener(venue, *topics)) for venue in venues]
        await source.clock.advance("30s")
        await turns()
        texts = [[text for text in await client.catch_up() if '"pong"' not in text] for client in clients]
    assert texts[0] == texts[1] == texts[2]
    assert len(texts[0]) > 20


async def test_a_node_shows_the_time_and_the_scenario_of_the_source() -> None:
    async with joined(LocalServer()) as (source, (node,)):
        source.controller.load(Loading("quickstart", seed=42), held=True)
        await source.clock.advance("5s")
        await turns()
        here, there = source.controller.state(), node.stage.controller.state()
        for name in ("playing", "start", "held", "speed", "events", "by_topic", "by_type"):
            assert getattr(there, name) == getattr(here, name), name
        assert there.playing is not None and there.playing.seed == 42
        assert node.stage.sequence == source.sequence
        assert not node.stage.quiet


async def test_a_node_that_comes_late_stands_where_the_source_does_and_misses_nothing_from_then_on() -> None:
    server = LocalServer()
    async with joined(server, 0) as (source, _):
        await source.clock.advance("10s")
        node = Node(server.bus())
        await node.following.begin()
        assert node.stage.now() == source.now()
        assert node.stage.sequence == source.sequence
        assert node.stage.controller.state().by_type == source.controller.state().by_type
        seen = Seen()
        node.stage.observe(seen)
        advance = await source.clock.advance("10s")
        await turns()
        assert seen.events == list(advance.events)
        assert node.following.lost == 0


async def test_a_node_that_is_there_first_waits_for_a_source() -> None:
    server = LocalServer()
    node = Node(server.bus())
    await node.following.begin()
    assert "nothing plays on the bus of this process, world main yet" in node.told[0]
    assert node.stage.quiet
    async with joined(server, 0) as (source, _):
        await source.clock.advance("5s")
        await turns()
        assert node.stage.sequence == source.sequence > 0
        source.controller.load(Loading("quickstart", seed=42), held=True)
        await turns()
        assert node.told[1:] == [
            f"showing {each} plays on {node.bus.text}" for each in ("what", "quickstart, seed 42, which")
        ]
    await turns()
    assert "the simulation has ended" in node.told[-1]


async def test_a_source_of_another_version_is_told_once_and_one_that_is_not_understood_is_not_followed() -> None:
    server = LocalServer()
    node, bus = Node(server.bus()), server.bus()
    await node.following.begin()
    feed = await bus.lead()
    for fresh in (True, False):
        feed.send([State(run="r", at=0, sequence=0, fresh=fresh, version="9.9")])
    await turns()
    (said,) = (each for each in node.told if "version" not in each and "pvws 9.9" in each)
    assert f"and this is {__version__}: what one of them says the other may not understand" in said
    before = node.following.state
    bus.tell("state", b'{"quite": "different"}')
    await turns()
    assert node.following.state == before

    async def answer(question: bytes) -> bytes:
        return b'{"quite": "different"}'

    await bus.answer("source", answer)
    with pytest.raises(ReachError, match="what plays there is not understood by pvws"):
        await Node(server.bus()).following.begin()


async def test_time_that_is_set_back_is_set_back_on_the_nodes_and_nothing_counts_as_lost() -> None:
    async with joined(LocalServer()) as (source, (node,)):
        await source.clock.advance("20s")
        await turns()
        await source.clock.seek(START + 5 * SECOND)
        await turns()
        assert node.stage.now().micros == START + 5 * SECOND
        await source.clock.advance("5s")
        await source.clock.seek(START + 40 * SECOND)
        await source.clock.advance("5s")
        await turns()
        assert node.stage.sequence == source.sequence
        assert (node.following.lost, node.following.repeated) == (0, 0)


async def test_faults_of_the_script_touch_the_clients_of_each_node() -> None:
    text = """
scenario: rough
start: 2024-01-01T00:00:00Z
duration: 1m
behaviours: {uploads: {rate: 5/s}}
timeline: [{at: 2s, do: disconnect, clients: all, code: 1012}, {at: 1s, do: fault, latency: 30s, for: 20s}]
"""
    server = LocalServer()
    source = Stage(director(text), start=START, held=True)
    leading, node = Leading(source, server.bus()), Node(server.bus())
    await leading.begin()
    await node.following.begin()
    async with venue_of(node.stage) as venue, listener(venue, "file_operations") as client:
        await source.clock.advance("1500ms")
        await turns()
        (fault,) = node.stage.faults.active()
        assert fault.origin == "timeline"
        assert (fault.since, len(fault.touched)) == (START + SECOND, 1)
        await source.clock.advance("1s")
        await turns()
        opcode, payload = await client.read_frame()
        while opcode != Opcode.CLOSE:
            opcode, payload = await client.read_frame()
        assert int.from_bytes(payload[:2], "big") == 1012
    await leading.end(1)


async def test_events_that_never_came_are_counted_and_told_and_what_comes_twice_is_given_once() -> None:
    server = LocalServer()
    bus = server.bus()
    feed = await bus.lead()
    node = Node(server.bus())
    await node.following.begin()
    seen = Seen()
    node.stage.observe(seen)
    feed.send([State(run="r", at=1_000_000, sequence=0, fresh=True)])
    feed.send([event(number) for number in (0, 1, 4, 5)])
    feed.send([event(number) for number in (5, 6, 9)])
    await turns()
    assert [each.sequence for each in seen.events] == [0, 1, 4, 5, 6, 9]
    assert (node.following.lost, node.following.repeated) == (4, 1)
    assert [each.partition(" lost")[0] for each in node.told[1:]] == ["2 events were", "2 events were"]
    assert "4 in all" in node.told[-1]


async def test_an_instant_before_which_a_fault_ends_is_kept_between_the_events_of_a_batch() -> None:
    server = LocalServer()
    feed = await server.bus().lead()
    node = Node(server.bus())
    await node.following.begin()
    feed.send([State(run="r", at=0, sequence=0, fresh=True, held=True)])
    await turns()
    active = node.stage.faults.add(read_fault("drop: 100%, for: 5s"))
    ends: list[tuple[int, bool]] = []

    class Watch(Observer):
        def published(self, events: Any, real: int) -> None:
            ends.extend((each.at, active.ended) for each in events)

    node.stage.observe(Watch())
    feed.send([Timed(at * SECOND, at, "alerts", "x", b"{}") for at in range(8)])
    await turns()
    assert ends == [(at * SECOND, at >= 5) for at in range(8)]


class Ticking:
    """Real time in a test's hands."""

    def __init__(self) -> None:
        self.now = 1_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.mark.parametrize("drift", [100, -100])
async def test_a_clock_that_goes_faster_or_slower_than_ours_is_followed(drift: int) -> None:
    ticking, server = Ticking(), LocalServer()
    bus = server.bus()
    await bus.lead()
    stage = Stage(real=ticking)
    following = Following(stage, server.bus())
    await following.begin()
    at = 0
    await turns()

    def beat() -> None:
        bus.tell("state", msgspec.json.encode(State(run="r", at=at, sequence=0)))

    beat()
    await turns()
    for _ in range(300):
        ticking.now += SECOND
        at += SECOND + drift
        beat()
        await turns()
        assert abs(stage.now().micros - at) < 4_000, "it would be 30 ms by the end"


class Seen(Observer):
    """Keeps what is published."""

    def __init__(self) -> None:
        self.events: list[Timed] = []
        self.cues: list[Cue] = []

    def published(self, events: Any, real: int) -> None:
        """Keep them."""
        self.events += events


async def test_a_source_at_speed_max_does_not_run_away_from_a_node_whose_client_is_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodes_module, "BUS_NODE_BEHIND_MAX", 512)
    monkeypatch.setattr(following_module, "_TOLD_EVERY", 128)
    text = """
scenario: fast
start: 2024-01-01T00:00:00Z
duration: 10s
behaviours: {uploads: {rate: 300/s, size: 1 KiB}}
"""
    server = LocalServer()
    source = Stage(director(text), start=START, speed=None, held_up=lambda: leading.full)
    leading, node = Leading(source, server.bus()), Node(server.bus())
    await leading.begin()
    await node.following.begin()
    asked, congested = 0, True

    def is_congested() -> bool:  # a client that reads is behind by half of what it may be
        nonlocal asked
        asked += 1
        return congested

    monkeypatch.setattr(node.stage.hub, "congested", is_congested)
    playing = asyncio.ensure_future(source.play())
    await until(lambda: leading.full)
    for _ in range(5):
        before, seen = asked, leading.feed.last
        await until(lambda: asked > before + 3)  # noqa: B023 - used at once
        assert leading.feed.last == seen < 512 + 2 * 256, "the source stands"
    assert not playing.done()
    congested = False
    await playing
    await until(lambda: node.following.place == leading.feed.last)
    assert node.stage.sequence == source.sequence > 2_000
    assert node.following.lost == 0
    await node.following.end()
    await leading.end(1)


async def test_a_node_that_has_much_to_catch_up_with_gives_clients_that_read_the_time_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following_module, "BUS_ANSWER_S", 0.05)
    server = LocalServer()
    feed = await server.bus().lead()
    node = Node(server.bus())
    await node.following.begin()
    congested = True
    monkeypatch.setattr(node.stage.hub, "congested", lambda: congested)
    feed.send([State(run="r", at=0, sequence=0, fresh=True)])
    await turns()
    feed.send([event(number) for number in range(200)])
    await turns()
    assert node.following.place == 201, "as much as that is never waited with while the clock runs"
    feed.send([event(number) for number in range(200, 1_000)])
    await turns(20)
    assert node.following.place == 201
    congested = False
    await until(lambda: node.following.place == 1_001)
    congested = True
    feed.send([event(number) for number in range(1_000, 2_000)])
    await until(lambda: node.following.place == 2_001)
    assert node.following.lost == 0
