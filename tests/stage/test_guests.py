import asyncio
import json
from random import Random
from typing import Any

import pytest
from websockets.frames import Opcode

from pvws.bus.bus import UnansweredError
from pvws.bus.deeds import Deed, Deeds
from pvws.bus.local import Local, LocalServer
from pvws.bus.question import decoded, encoded
from pvws.limits import BUS_BEATS_MISSED_MAX
from pvws.sim.source import ClientInput
from pvws.stage import reporting as reporting_module
from pvws.stage.guests import Guests
from pvws.stage.loading import Loading
from pvws.stage.observer import Observer
from pvws.stage.reporting import Reporting
from pvws.stage.stage import Stage
from tests.support.company import company_of
from tests.support.nats_server import until
from tests.support.staged import START, Listener, director, listener, story, venue_of

HEAD = """
scenario: answering
start: 2024-01-01T00:00:00Z
duration: 10m
network: {peers: 2}
"""
ANSWERS = (
    HEAD
    + """
timeline:
  - {when: {client: subscribes, topic: alerts}, do: emit, type: security_alert, data: {level: critical}}
  - when: {client: sends, match: type == 'hello'}
    times: always
    do: reply
    type: greeting
    data: {you: "${client.name}"}
  - {when: {client: sends, match: type == 'go'}, do: disconnect, client: sender, code: 4001}
  - {when: {client: sends, match: type == 'slow'}, do: fault, client: sender, latency: 30s, name: slowness}
  - {when: {client: sends, match: type == 'hurry'}, do: unfault, name: slowness}
  - {when: {client: connects, by: dashboard}, do: mark, name: dashboard}
"""
)
COUNTS = HEAD + "timeline: [{when: {client: disconnects}, times: always, do: mark, name: gone}]"


class Deeds_(Observer):  # noqa: N801 - what is sent is called so
    """What the scenario was told."""

    def __init__(self, stage: Stage) -> None:
        self.noted_: list[ClientInput] = []
        stage.observe(self)

    def noted(self, deed: ClientInput) -> None:
        """Keep it."""
        self.noted_.append(deed)


async def closed(client: Listener) -> int:
    """The code that a client was closed with."""
    while True:
        opcode, payload = await client.read_frame()
        if opcode == Opcode.CLOSE:
            return int.from_bytes(payload[:2], "big")


async def test_what_a_client_of_a_node_does_is_answered_by_the_script_of_the_source_where_that_client_is() -> None:
    async with company_of(ANSWERS) as company:
        here = await company.client(0, "system", name="one")
        there = await company.client(1, "alerts", name="two")
        await company.source.clock.advance("1s")
        assert "security_alert" in await there.types(), "a step that one client's subscription has taken"
        for client in (here, there):
            client.say('{"type":"hello"}')
            await client.catch_up()
        await company.source.clock.advance("1s")
        for client, name in ((here, "one"), (there, "two")):
            (greeting,) = [json.loads(text) for text in await client.catch_up() if '"greeting"' in text]
            assert greeting["data"] == {"you": name}
            assert greeting["clientId"] == json.loads(client.texts[-1])["clientId"], "of its pong"
        there.say('{"type":"go"}')
        await there.catch_up()
        await company.source.clock.advance("1s")
        assert await closed(there) == 4001
        assert "pong" in (await here.catch_up())[-1], "and nobody else is closed"


async def test_a_fault_for_who_has_sent_something_touches_it_on_its_node_alone_and_ends_there() -> None:
    async with company_of(ANSWERS) as company:
        await company.client(0, "system")
        client = await company.client(1, "system")
        client.say('{"type":"slow"}')
        await client.catch_up()
        await company.source.clock.advance("1s")
        assert [len(node._stage.faults.active()) for node in company.nodes] == [0, 1]
        assert not company.source.faults.active(), "nobody is touched here"
        client.say('{"type":"hurry"}')
        await company.source.clock.advance("1s")
        await company.source.clock.advance("1s")
        assert not company.nodes[1]._stage.faults.active()


async def test_clients_are_numbered_and_named_over_all_nodes_and_have_ids_that_no_other_has() -> None:
    async with company_of(ANSWERS, 3) as company:
        told = Deeds_(company.source)
        for node in range(3):
            await company.client(node, "system", name="dashboard" if node == 2 else "")
        advance = await company.source.clock.advance("1s")
        connected = [deed for deed in told.noted_ if deed.did == "connects"]
        assert [deed.client for deed in connected] == [1, 2, 3]
        assert len({deed.client_id for deed in connected}) == 3
        assert advance.marks == ("dashboard",)


async def test_what_clients_have_done_before_the_clock_is_moved_takes_effect_before_it_moves() -> None:
    async with company_of(ANSWERS) as company:
        for number in range(5):
            client = await company.client(number % 2, "system")
            client.say('{"type":"hello"}')
            await client.catch_up()
            at = company.source.now().micros
            await company.source.clock.advance("5s")
            (text,) = [text for text in await client.catch_up() if '"greeting"' in text]
            assert company.source.now().micros - at == 5_000_000
            assert json.loads(text)["timestamp"] <= str(company.source.now())


async def test_clients_of_a_node_that_dies_have_disconnected_and_come_again_with_it() -> None:
    async with company_of(COUNTS) as company:
        await company.client(0, "system")
        await company.client(1, "system")
        await company.source.clock.advance("1s")
        dead = company.nodes[1].reporting
        assert dead._telling is not None
        dead._telling.cancel()  # it is told nothing more of
        for _ in range(BUS_BEATS_MISSED_MAX + 1):
            company.leading.guests.hear(Deeds(company.nodes[0].id, company.nodes[0].reporting._number))
            company.leading.guests.beat()
        assert len(company.leading.guests) == 1
        assert (await company.source.clock.advance("1s")).marks == ("gone",)
        assert "is silent; its 1 client counts as disconnected" in company.told[-1]
        await dead.begin()
        assert await dead.all_told(5)
        assert len(company.leading.guests) == 2


async def test_a_node_that_leaves_takes_its_clients_with_it() -> None:
    async with company_of(COUNTS) as company:
        await company.client(0, "system")
        await company.source.clock.advance("1s")
        assert len(company.leading.guests) == 1
        await company.nodes[0].end()
        assert len(company.leading.guests) == 0


async def test_something_else_that_plays_is_told_who_is_there_on_all_nodes() -> None:
    async with company_of(COUNTS) as company:
        client = await company.client(1, "alerts", name="dashboard")
        await company.source.clock.advance("1s")
        told = Deeds_(company.source)
        company.source.exchange(director(ANSWERS), _plays(company.source))
        assert [(deed.did, deed.topic) for deed in told.noted_] == [("connects", ""), ("subscribes", "alerts")]
        await company.source.clock.advance("1s")
        assert "security_alert" in await client.types()
        company.source.controller.load(Loading("quickstart"), held=True)
        assert company.source.guests is not None


def _plays(stage: Stage) -> Any:
    from pvws.stage.steering import Plays

    return Plays(stage.now().micros)


def batch(number: int, *deeds: Deed, **more: Any) -> Deeds:
    return Deeds("n", number, deeds, **more)


def told_of(stage: Stage) -> list[tuple[Any, ...]]:
    """What a stage's source is told: filled as it goes."""
    told: list[tuple[Any, ...]] = []
    stage.told = lambda deed: told.append((deed.did, deed.client, deed.topic))  # type: ignore[method-assign]
    return told


async def test_a_batch_that_comes_twice_is_heard_once_and_one_that_is_missing_is_asked_for_anew() -> None:
    stage = story()
    told, guests = told_of(stage), Guests(stage)
    assert not guests.hear(batch(1, Deed("sends", 1))).known, "of nobody that was ever introduced"
    assert guests.hear(batch(2, Deed("anew"), Deed("connects", 1), Deed("all"))).known
    for _ in range(2):
        assert guests.hear(batch(3, Deed("sends", 1))).known
    assert not guests.hear(batch(5, Deed("sends", 1))).known
    assert told == [("connects", 1, ""), ("sends", 1, "")]


async def test_a_node_that_begins_anew_says_who_has_gone_meanwhile_and_what_is_heard_no_more() -> None:
    stage = story()
    told, guests = told_of(stage), Guests(stage)
    guests.hear(
        batch(1, Deed("anew"), Deed("connects", 1), Deed("subscribes", 1, "alerts"), Deed("connects", 2), Deed("all"))
    )
    told.clear()
    anew = Deed("anew"), Deed("connects", 1), Deed("subscribes", 1, "system"), Deed("connects", 3), Deed("all")
    guests.hear(batch(2, *anew))
    assert told == [
        ("subscribes", 1, "system"),
        ("connects", 3, ""),
        ("unsubscribes", 1, "alerts"),
        ("disconnects", 2, ""),
    ]
    told.clear()
    guests.hear(batch(3, *anew))
    assert told == [], "nothing has changed"


async def test_what_a_node_could_not_tell_is_told_by_the_source() -> None:
    said: list[str] = []
    guests = Guests(story(), said.append)
    guests.hear(batch(1, Deed("anew"), Deed("all")))
    guests.hear(batch(2, Deed("anew"), Deed("all"), untold=1_200))
    assert said == ["1,200 things that clients of the node n did could not be told to what plays"]


@pytest.mark.parametrize("first", [False, True])
async def test_a_stage_that_waits_for_a_client_begins_with_one_of_any_node(first: bool) -> None:
    stage = Stage(director(COUNTS), start=START, speed=None, wait_for=frozenset({"alerts", "system"}))
    stage.guests = guests = Guests(stage)
    playing = asyncio.ensure_future(stage.play())
    if first:
        playing.cancel()
    guests.hear(batch(1, Deed("anew"), Deed("connects", 1), Deed("subscribes", 1, "alerts"), Deed("all")))
    await asyncio.sleep(0)
    assert not stage.clock.begun
    guests.hear(batch(2, Deed("subscribes", 1, "system")))
    await (stage.play() if first else playing)
    assert stage.clock.ended


class Lossy:
    """A bus on which questions are lost, or their answers, or a question comes twice."""

    def __init__(self, bus: Local, chance: Random) -> None:
        self._bus = bus
        self._chance = chance
        self.room = bus.room

    async def ask(self, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109 - as a bus has it
        fate = self._chance.random()
        if fate < 0.3:
            raise UnansweredError(whom, timeout)
        answer = await self._bus.ask(whom, question, timeout)
        if fate < 0.6:
            raise UnansweredError(whom, timeout)
        return await self._bus.ask(whom, question, timeout) if fate < 0.7 else answer


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_is_lost_on_the_way_each_thing_is_told_once_and_in_order(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting_module, "_AGAIN_S", 0)
    monkeypatch.setattr(reporting_module, "BUS_BEAT_S", 0.01)
    chance, server, stage = Random(seed), LocalServer(), story()
    heard: list[ClientInput] = []
    stage.told = heard.append  # type: ignore[method-assign]
    guests = Guests(stage)

    async def hear(content: bytes) -> bytes:
        return encoded(guests.hear(decoded(content, Deeds)))

    await server.bus().answer("deeds", hear)
    node = Stage()
    reporting = Reporting(node, Lossy(server.bus(), chance), "n", lambda: True)  # type: ignore[arg-type]
    async with venue_of(node) as venue, listener(venue):
        await reporting.begin()
        for number in range(60):
            reporting.did(ClientInput(0, 1, "sends", "", "x", str(number)), 0, None, None)
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            if chance.random() < 0.15:
                for _ in range(BUS_BEATS_MISSED_MAX + 1):
                    guests.beat()  # it was silent for so long that it is given up
        assert await reporting.all_told(10)
        assert [deed.message for deed in heard if deed.did == "sends"] == [str(number) for number in range(60)]
        await until(lambda: len(guests) == 1)
        await reporting.end()
