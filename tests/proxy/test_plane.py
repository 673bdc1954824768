import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from pvws.proxy.plane import Plane
from pvws.proxy.planned import PlannedFault
from pvws.scenario.faults.chain import Chain
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.message import Message
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.faults.spec import read_fault
from tests.support import virtual_loop
from tests.support.victims import WrittenDown


def in_virtual_time(story: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """A test in which time passes only while everybody waits."""

    @wraps(story)
    def test() -> None:
        virtual_loop.run(story())

    return test


class Client(WrittenDown):
    """A client of a proxy, to which faults do things in vain."""

    def __init__(self, number: int = 1, name: str = "") -> None:
        super().__init__()
        self.number = number
        self.name = name
        self.chain = Chain()
        self.ended: list[str] = []
        self.notes: list[tuple[str, int]] = []

    def release(self, fault: str) -> None:
        self.ended.append(fault)

    def afterwards(self, act: Callable[[], None]) -> None:
        act()

    def throttle(self, fault: str, rate: int, did: Did) -> None:
        self.done.append(("throttle", fault, rate))

    def noted(self, what: str, lost: int) -> None:
        self.notes.append((what, lost))


class Knock:
    """A handshake that hears what becomes of it."""

    def __init__(self) -> None:
        self.answers: list[Refusal | None] = []

    def answered(self, refusal: Refusal | None) -> None:
        self.answers.append(refusal)


def plane(*faults: str, seed: int = 0, house: WrittenDown | None = None) -> Plane:
    """Faults that go on."""
    made = Plane([read_fault(fault, "fault", PlannedFault) for fault in faults], seed)
    made.begin(WrittenDown() if house is None else house)
    return made


@in_virtual_time
async def test_a_fault_touches_those_whom_it_concerns() -> None:
    faults = plane("drop: 100%, client: dash", "close: 1012, client: 2")
    one, other = Client(1, "dash"), Client(2)
    for each in (one, other):
        faults.connected(each)
    await asyncio.sleep(0)
    assert (one.chain.names, other.chain.names) == (("f1",), ())
    assert (one.done, other.done) == ([], [("part", 1012, "")])
    assert one.chain.take(Message(b"x", topics=("alerts",), events=1), 0) == []
    assert one.notes == [("fault f1 (drop: 100%, client: dash): dropped", 1)]
    assert other.notes == [("fault f2 (close: 1012, client: 2): closed", 0)]


@in_virtual_time
async def test_a_narrow_line_is_the_clients_own() -> None:
    faults, client = plane("bandwidth: 1 KiB/s"), Client()
    faults.connected(client)
    assert client.done == [("throttle", "f1", 1024)]


@in_virtual_time
async def test_a_fault_of_the_connection_may_wait_for_a_message() -> None:
    faults, client = plane("reset: on, nth: 2"), Client()
    faults.connected(client)
    await asyncio.sleep(0)
    for expected in ([], [("reset",)], [("reset",)]):
        client.chain.take(Message(b"x", topics=("alerts",)), 0)
        assert client.done == expected


@in_virtual_time
async def test_what_has_begun_begins_no_more_with_each_message_but_a_penalty_anew() -> None:
    faults, client = plane("stall: on, topics: [alerts]", "rate_limit: 5s, topics: [alerts]"), Client()
    faults.connected(client)
    for _ in range(2):
        client.chain.take(Message(b"x", topics=("alerts",)), 0)
    for standing in faults.all:
        faults.remove(standing)
    assert client.done == [
        ("stall",),
        ("penalise", 5.0),
        ("undo penalise",),
        ("penalise", 5.0),
        ("undo stall",),
        ("undo penalise",),
    ]


@in_virtual_time
async def test_a_slow_handshake_whose_fault_ends_is_answered_then_and_who_left_is_not() -> None:
    faults, knock, gone = plane("slow_handshake: 1h, for: 10ms", "slow_handshake: 20ms"), Knock(), Knock()
    faults.knock(knock, "")
    faults.knock(gone, "")
    faults.left(gone)
    await asyncio.sleep(0.025)
    assert knock.answers == []
    await asyncio.sleep(0.01)
    assert (knock.answers, gone.answers) == ([None], [])
    assert faults.all[1].counts == {"delayed": 1}


@in_virtual_time
async def test_who_is_gone_before_it_begins_is_left_alone() -> None:
    faults, client = plane("reset: on"), Client()
    faults.connected(client)
    faults.disconnected(client)
    await asyncio.sleep(0)
    assert client.done == []


@in_virtual_time
async def test_chance_depends_on_the_seed_and_the_number_alone() -> None:
    async def touched(seed: int) -> list[bool]:
        faults, clients = plane("drop: 1%, clients: 50%", seed=seed), [Client(number) for number in range(1, 41)]
        for client in clients:
            faults.connected(client)
        return [bool(client.chain.names) for client in clients]

    assert await touched(1) == await touched(1) != await touched(2)


@in_virtual_time
async def test_a_window_ends_what_it_began_and_lets_handshakes_go_on() -> None:
    faults, client, knock = plane("stall: on, for: 20ms", "hang: on, for: 20ms", "status: 503"), Client(), Knock()
    faults.connected(client)
    assert faults.knock(knock, "") == 1
    assert knock.answers == []
    await asyncio.sleep(0.04)
    assert client.done == [("stall",), ("undo stall",)]
    assert knock.answers == [Refusal(503, "Service Unavailable\n")]
    assert [str(each) for each in faults.all] == [
        "f1 (stall: on, for: 20ms): 1 stalled",
        "f2 (hang: on, for: 20ms): 1 hung",
        "f3 (status: 503): 1 refused",
    ]


@in_virtual_time
async def test_the_first_attempts_are_refused_and_delays_come_first() -> None:
    faults = plane("slow_handshake: 10ms", "status: 503, attempts: 1")
    knocks = [Knock(), Knock()]
    assert [faults.knock(knock, "") for knock in knocks] == [1, 2]
    assert [knock.answers for knock in knocks] == [[], []]
    await asyncio.sleep(0.03)
    assert [len(knock.answers) for knock in knocks] == [1, 1]
    assert knocks[1].answers == [None]


@in_virtual_time
async def test_who_does_not_wait_is_forgotten() -> None:
    faults, knock = plane("hang: on, for: 10ms"), Knock()
    faults.knock(knock, "")
    faults.left(knock)
    await asyncio.sleep(0.02)
    assert knock.answers == []


@in_virtual_time
async def test_faults_of_the_whole_proxy_act_on_its_house() -> None:
    house = WrittenDown()
    plane("restart: 10ms", "refuse: on", house=house)
    assert house.done == [("refuse",), ("dismiss", 1012, "service restart"), ("refuse",)]
    await asyncio.sleep(0.03)
    assert house.done[3:] == [("accept",)]


@in_virtual_time
async def test_what_never_happens_does_not() -> None:
    house, client, knock = WrittenDown(), Client(), Knock()
    faults = plane("restart: 0", "drop: 0%", "close: 1012, for: 0", "slow_handshake: 0", house=house)
    faults.connected(client)
    faults.knock(knock, "")
    await asyncio.sleep(0)
    assert (house.done, client.done, client.chain.names, knock.answers) == ([], [], (), [None])


@in_virtual_time
async def test_at_the_end_no_timer_is_left() -> None:
    faults = plane("stall: on, for: 10ms")
    client = Client()
    faults.connected(client)
    await asyncio.sleep(0)
    faults.end()
    await asyncio.sleep(0.02)
    assert client.done == [("stall",)]


@in_virtual_time
async def test_a_fault_may_begin_later_for_those_who_are_there_and_those_who_come() -> None:
    house, one, other = WrittenDown(), Client(1), Client(2)
    faults = plane("at: 20ms, reset: on, for: 1h", "at: 20ms, restart: 10ms", house=house)
    faults.connected(one)
    await asyncio.sleep(0.01)
    assert (one.done, house.done) == ([], [])
    await asyncio.sleep(0.015)
    faults.connected(other)
    await asyncio.sleep(0.015)
    assert (one.done, other.done) == ([("reset",)], [("reset",)])
    assert house.done == [("refuse",), ("dismiss", 1012, "service restart"), ("accept",)]


@in_virtual_time
async def test_a_fault_that_was_ended_before_it_began_never_begins() -> None:
    faults, client = plane("at: 10ms, stall: on"), Client()
    faults.connected(client)
    faults.remove(faults.all[0])
    await asyncio.sleep(0.02)
    assert client.done == []


@in_virtual_time
async def test_what_happens_once_at_an_instant_happens_to_those_who_are_there_then() -> None:
    faults, one, other = plane("at: 10ms, reset: on"), Client(1), Client(2)
    faults.connected(one)
    await asyncio.sleep(0.02)
    faults.connected(other)
    await asyncio.sleep(0)
    assert (one.done, other.done) == ([("reset",)], [])
