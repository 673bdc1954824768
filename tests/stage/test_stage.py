import asyncio
import re
import time
from collections.abc import Callable, Sequence
from itertools import count

import pytest

from pvws.server.encoder import Plain
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.stage.observer import Observer
from pvws.stage.pacer import loop_clock
from pvws.stage.stage import Stage
from tests.support import virtual_loop
from tests.support.listed import Listed


class Guest:
    """Somebody in the room, who remembers how it was told to go."""

    ids = count()

    def __init__(self, number: int = 1) -> None:
        self.client_id = f"{next(self.ids):032x}"
        self.number = number
        self.name = ""
        self.address = "127.0.0.1"
        self.member = Subscriber(lambda data: None, Plain(), SlowConsumer(), lambda: None)
        self.closed: list[tuple[int, str]] = []

    def probe(self, payload: bytes, answered: Callable[[], object]) -> None:
        answered()

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        self.closed.append((code, reason))


class Listening(Observer):
    """Writes down what happens on a stage."""

    def __init__(self) -> None:
        self.events: list[Timed] = []
        self.cues: list[Cue] = []
        self.deeds: list[ClientInput] = []
        self.others: list[tuple[object, ...]] = []

    def published(self, events: Sequence[Timed], real: int) -> None:
        self.events += events

    def cued(self, cue: Cue) -> None:
        self.cues.append(cue)

    def noted(self, deed: ClientInput) -> None:
        self.deeds.append(deed)

    def connected(self, client: int, client_id: str, at: int, real: int) -> None:
        self.others.append(("connected", client, client_id, at))

    def disconnected(self, client: int, at: int, real: int) -> None:
        self.others.append(("disconnected", client, at))

    def heard(self, client: int, message: str | bytes, at: int, real: int) -> None:
        self.others.append(("heard", client, message, at))

    def sought(self, at: int) -> None:
        self.others.append(("sought", at))


async def test_a_quiet_stage_has_the_time_of_the_wall_clock_and_ends_at_once() -> None:
    stage = Stage()
    before = time.time_ns() // 1000
    assert before <= stage.now().micros <= time.time_ns() // 1000
    await stage.play()


async def test_what_is_played_is_published_and_heard() -> None:
    listening = Listening()
    stage = Stage(Listed(5), start=5, observers=[listening])
    await stage.play()
    assert [event.text for event in listening.events] == [b"text"]
    assert stage.hub.published["alerts"] == 1
    assert stage.now().micros >= 5


async def test_whoever_hears_may_hold_a_run_at_speed_max_up() -> None:
    asked: list[bool] = [True, True, False]
    stage = Stage(Listed(0), speed=None, held_up=lambda: asked.pop(0))
    await stage.play()
    assert asked == []


async def test_the_nth_client_has_the_same_id_in_every_run() -> None:
    first, second, other = Stage(seed=7), Stage(seed=7), Stage(seed=8)
    ids = [first.client_id() for _ in range(3)]
    assert ids == [second.client_id() for _ in range(3)]
    assert len({*ids, other.client_id()}) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


async def test_clients_are_numbered_as_they_connect_and_what_they_do_is_told() -> None:
    source, listening = Listed(answers=7), Listening()
    stage = Stage(source, start=5, speed=None, observers=[listening])
    one, other = Guest(), Guest(2)
    stage.note(one, "connects")
    stage.note(other, "connects")
    stage.note(other, "subscribes", topic="alerts")
    stage.note(one, "sends", type="ping")
    stage.note(one, "disconnects")
    stage.note(Guest(3), "connects")
    deeds = [(deed.client, deed.did, deed.topic, deed.type) for deed in source.told]
    assert deeds == [
        (1, "connects", "", ""),
        (2, "connects", "", ""),
        (2, "subscribes", "alerts", ""),
        (1, "sends", "", "ping"),
        (1, "disconnects", "", ""),
        (3, "connects", "", ""),
    ]
    assert listening.deeds == source.told
    assert stage.connections == 3


async def test_what_has_no_effect_is_not_noted() -> None:
    listening = Listening()
    stage = Stage(Listed(), observers=[listening])
    stage.note(Guest(), "connects")
    assert listening.deeds == []


@pytest.mark.parametrize(("share", "number"), [(1.0, 4), (0.5, 2), (0.25, 1), (0.01, 0), (0.13, 1)])
async def test_a_cue_closes_the_connections_of_a_share_of_the_clients(share: float, number: int) -> None:
    listening = Listening()
    cue = Cue(5, "disconnect", share=share, code=1012, reason="restart")
    stage = Stage(Listed(cue), speed=None, observers=[listening])
    guests = [Guest() for _ in range(4)]
    for guest in guests:
        stage.note(guest, "connects")
    await stage.play()
    assert sorted(len(guest.closed) for guest in guests) == [0] * (4 - number) + [1] * number
    assert {closed for guest in guests for closed in guest.closed} <= {(1012, "restart")}
    assert listening.cues == [cue]


async def test_a_cue_closes_the_connection_of_one_client_alone() -> None:
    stage = Stage(Listed(Cue(5, "disconnect", code=1013, client=2)), speed=None)
    guests = [Guest(number) for number in (1, 2, 3)]
    for guest in guests:
        stage.note(guest, "connects")
    await stage.play()
    assert [guest.closed for guest in guests] == [[], [(1013, "")], []]


async def test_the_same_clients_are_chosen_in_every_run() -> None:
    found = []
    for _ in range(2):
        stage = Stage(Listed(Cue(5, "disconnect", share=0.5, seed=3, code=1001)), speed=None)
        guests = [Guest() for _ in range(10)]
        for guest in guests:
            stage.note(guest, "connects")
        await stage.play()
        found.append([place for place, guest in enumerate(guests) if guest.closed])
    assert found[0] == found[1]


def test_how_late_events_left_is_measured_in_real_time_at_any_speed() -> None:
    async def story(speed: float) -> tuple[int, int]:
        loop = asyncio.get_running_loop()

        class Busy(Observer):
            def published(self, events: Sequence[Timed], real: int) -> None:
                if events[0].sequence == 1:
                    loop._clock.now += 2.5  # type: ignore[attr-defined]

        source = Listed(*(5 + second * 1_000_000 for second in range(100)))
        stage = Stage(source, start=5, speed=speed, observers=[Busy()], real=loop_clock())
        stage.hub.join(Subscriber(lambda data: None, Plain(), SlowConsumer(), lambda: None), frozenset({"alerts"}))
        await stage.play()
        await asyncio.sleep(0)
        spread = stage.delivery.stage().lateness
        assert spread.count == 100
        assert spread.p50 == 0
        late = sorted((each.lateness or 0 for each in stage.delivery.recent()), reverse=True)
        return spread.worst, late[0]

    # The one that was busy leaves 2.5 s late, and those behind it are late by what is left of that.
    assert virtual_loop.run(story(1.0)) == virtual_loop.run(story(10.0)) == (2_500_000, 2_500_000)


async def test_at_speed_max_an_event_is_due_when_it_is_there() -> None:
    real = [0]
    stage = Stage(Listed(5, 1_000_005), start=5, speed=None, real=lambda: real[0])
    stage.hub.join(Subscriber(lambda data: None, Plain(), SlowConsumer(), lambda: None), frozenset({"alerts"}))
    await stage.play()
    await asyncio.sleep(0)
    assert [(each.due, each.written, each.reached) for each in stage.delivery.recent()] == [(0, 0, 1)] * 2


async def test_a_stage_that_is_held_from_the_start_stands_there_though_it_plays() -> None:
    listening = Listening()
    stage = Stage(Listed(5, 6), start=5, held=True, observers=[listening])
    playing = asyncio.ensure_future(stage.play())
    await asyncio.sleep(0.01)
    assert (listening.events, stage.now().micros) == ([], 5)
    stage.clock.resume()
    await playing
    assert len(listening.events) == 2
