"""What any bus does, shown by both: the one within a process, and NATS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from pvws.bus.bus import Bus, TakenError, UnansweredError
from pvws.bus.local import LocalServer
from pvws.bus.nats_bus import NatsBus
from pvws.sim.source import Cue, Verbatim
from tests.support.bused import Taken, event
from tests.support.nats_server import NatsServer, new_world

Buses = Callable[[str], Awaitable[Bus]]


@pytest.fixture(params=["local", "nats"])
async def buses(request: pytest.FixtureRequest) -> AsyncIterator[Buses]:
    """Makes buses of a world by its name; they are left at the end."""
    made: list[Bus] = []
    if request.param == "local":
        local = LocalServer()

        async def make(world: str) -> Bus:
            made.append(local.bus(world))
            return made[-1]
    else:
        server: NatsServer = request.getfixturevalue("server")
        addresses = {}

        async def make(world: str) -> Bus:
            address = addresses.setdefault(world, new_world(server))
            made.append(await NatsBus.open(address))
            return made[-1]

    yield make
    for each in made:
        await each.close()


async def test_every_node_takes_what_the_source_sends_in_order_and_byte_for_byte(buses: Buses) -> None:
    feed = await (await buses("a")).lead()
    nodes = [Taken(), Taken()]
    for node in nodes:
        await (await buses("a")).follow(0, node)
    sent = [
        event(0, '{"name":"Zoë\u2028"}'.encode()),
        Verbatim(5, 1, "alerts system", "", b"\xff\x00\r\n", ("alerts", "system"), binary=True, fragments=(1, 3)),
        Cue(6, "mark", name="ten"),
        event(2, b"", type='odd "type"\n', topic="no topic."),
        *(event(number) for number in range(3, 500)),
    ]
    feed.send(sent[:3])
    feed.send(sent[3:])
    assert await feed.drain() == len(sent)
    for node in nodes:
        await node.until(len(sent))
        assert node.entries == sent
        assert node.places == list(range(1, len(sent) + 1))


async def test_worlds_do_not_mix(buses: Buses) -> None:
    one, other = await (await buses("one")).lead(), await (await buses("other")).lead()
    of_one, of_other = Taken(), Taken()
    await (await buses("one")).follow(0, of_one)
    await (await buses("other")).follow(0, of_other)
    one.send([event(1)])
    other.send([event(2)])
    one.send([event(3)])
    assert (await of_one.until(2)).numbers == [1, 3]
    assert (await of_other.until(1)).numbers == [2]


async def test_who_comes_late_takes_what_stands_behind_the_place_it_names(buses: Buses) -> None:
    feed = await (await buses("a")).lead()
    feed.send([event(number) for number in range(10)])
    place = await feed.drain()
    some, none = Taken(), Taken()
    await (await buses("a")).follow(place - 3, some)
    await (await buses("a")).follow(None, none)
    feed.send([event(10)])
    assert (await some.until(4)).numbers == [7, 8, 9, 10]
    assert (await none.until(1)).numbers == [10]


async def test_a_world_has_one_source(buses: Buses) -> None:
    first = await buses("a")
    await first.lead()
    await first.answer("source", _echo)
    with pytest.raises(TakenError, match="another simulation plays in the world"):
        await (await buses("a")).lead()
    await (await buses("b")).lead()


async def test_a_question_is_answered_by_whom_it_is_for(buses: Buses) -> None:
    asking, answering = await buses("a"), await buses("a")
    await answering.answer("n1", _echo)
    assert await asking.ask("n1", b"where", 5) == b"n1: where"
    with pytest.raises(UnansweredError, match="n2 is not there"):
        await asking.ask("n2", b"where", 5)


async def test_who_does_not_answer_in_time_is_named(buses: Buses) -> None:
    asking, answering = await buses("a"), await buses("a")

    async def never(question: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    await answering.answer("n1", never)
    with pytest.raises(UnansweredError, match=r"n1 did not answer in 0\.05 s"):
        await asking.ask("n1", b"where", 0.05)


async def test_what_is_told_is_heard_by_all_who_listen_to_that(buses: Buses) -> None:
    heard: list[tuple[int, bytes]] = []
    come = asyncio.Event()

    def hear(number: int) -> Callable[[bytes], None]:
        def heard_by(content: bytes) -> None:
            heard.append((number, content))
            if len(heard) == 2:
                come.set()

        return heard_by

    for number in range(2):
        await (await buses("a")).listen("state", hear(number))
    await (await buses("a")).listen("node", hear(9))
    telling = await buses("a")
    telling.tell("state", b"so")
    async with asyncio.timeout(10):
        await come.wait()
    assert sorted(heard) == [(0, b"so"), (1, b"so")]


async def _echo(question: bytes) -> bytes:
    return b"n1: " + question
