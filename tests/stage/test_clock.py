import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from pvws.errors import InputError
from pvws.limits import PACER_SLICE_EVENTS_MAX
from pvws.server.settings import Configuration, Limits
from pvws.sim.source import Cue, Timed
from pvws.stage.advance import CantGoBackError, ClockTimeoutError, NeverHappenedError, NotHeldError
from pvws.stage.stage import Stage
from tests.stage.test_stage import Guest, Listening
from tests.support.listed import Listed
from tests.support.loops import Loop, on_each_loop, run
from tests.support.staged import SECOND, START, STORY, director, listener, stage_of, story, venue_of


def after(seconds: float) -> int:
    return START + int(seconds * SECOND)


async def test_a_held_clock_gives_out_nothing_until_it_is_moved() -> None:
    stage = story()
    async with venue_of(stage) as venue, listener(venue, "file_operations", "peer_network") as client:
        playing = asyncio.ensure_future(stage.play())
        assert await client.types() == []
        first = await stage.clock.advance(by=0)
        due_at_the_start = [event.type for event in first.events]
        assert due_at_the_start == ["peer_connected"] * 3 + ["network_topology_changed"]
        assert await client.types() == due_at_the_start
        second = await stage.clock.advance("5s")
        assert second.at == stage.now().micros == after(5)
        assert second.complete
        assert all(after(0) < event.at <= after(5) for event in second.events)
        heard = [event.text.decode() for event in (*first.events, *second.events)]
        assert [text for text in await client.catch_up() if '"pong"' not in text] == [
            text for text in heard if '"topic":"system"' not in text
        ]
        playing.cancel()


async def test_when_the_call_returns_everything_lies_in_the_clients_socket() -> None:
    stage = story()
    async with venue_of(stage) as venue, listener(venue, "file_operations") as client:
        advance = await stage.clock.advance("30s")
        wanted = sum(event.topic == "file_operations" for event in advance.events)
        assert wanted > 30
        for _ in range(wanted):
            client.texts.append(await asyncio.wait_for(client.read_text(), 5))


async def transcript(speed: float | None, spans: list[str]) -> list[str]:
    """What a client gets when the clock is moved so, at a speed."""
    stage = story(speed=speed)
    async with venue_of(stage) as venue, listener(venue, "file_operations", "system") as client:
        playing = asyncio.ensure_future(stage.play())
        for number, span in enumerate(spans):
            await stage.clock.advance(span)
            await client.catch_up()
            if number == 1:
                await client.subscribe("alerts")
        playing.cancel()
        return client.texts


async def test_a_transcript_is_the_same_at_any_speed() -> None:
    spans = ["1s", "4s", "100ms", "20s"]
    first = await transcript(1.0, spans)
    assert len(first) > 50
    assert any('"network_alert"' in text for text in first), "what the client's subscription has caused is part of it"
    assert first == await transcript(1_000.0, spans) == await transcript(None, spans)


async def test_a_client_that_stalls_is_named_and_not_waited_for() -> None:
    big = [Timed(after(number), number, "alerts", "test", b"x" * 500_000) for number in range(1, 7)]
    stage = stage_of(Prepared(big))
    async with (
        venue_of(stage) as venue,
        listener(venue, "alerts") as reader,
        listener(venue, "alerts") as stalled,
    ):
        reading = asyncio.ensure_future(reader.reader.readexactly(4 * 500_010))
        loop = asyncio.get_running_loop()
        began = loop.time()
        advance = await stage.clock.advance("4s", timeout=30)
        assert loop.time() - began < 25, "a stalled client is given up long before the timeout"
        assert [(each.client, each.why) for each in advance.stragglers] == [(2, "stalled")]
        (straggler,) = advance.stragglers
        assert straggler.messages >= 1
        assert straggler.bytes > 400_000
        assert str(straggler).startswith(f"client 2 ({straggler.client_id[:8]}): takes nothing, ")
        await reading
        began = loop.time()
        reading = asyncio.ensure_future(reader.reader.readexactly(2 * 500_010))
        again = await stage.clock.advance("1s", timeout=30)
        assert [each.client for each in again.stragglers] == [2]
        assert loop.time() - began < 0.9, "it is known to take nothing, and not waited for a second time"
        await stalled.reader.readexactly(5 * 500_010)  # who has only begun to may not have moved anything yet
        catching_up = asyncio.ensure_future(stalled.reader.readexactly(500_010))
        last = await stage.clock.advance("1s", timeout=30)
        assert last.complete, "who reads again is waited for"
        await asyncio.gather(catching_up, reading)


class Prepared:
    """A source of events that are written down, each as it is."""

    def __init__(self, events: list[Timed]) -> None:
        self._left = list(events)

    def peek(self) -> int | None:
        return self._left[0].at if self._left else None

    def take(self, until: int | None, limit: int) -> list[Timed | Cue]:
        given: list[Timed | Cue] = []
        while self._left and (until is None or self._left[0].at <= until) and len(given) < limit:
            given.append(self._left.pop(0))
        return given

    def tell(self, deed: object) -> None:
        return None


async def test_with_ack_it_returns_on_the_pongs_and_names_who_is_silent() -> None:
    stage = story()
    async with (
        venue_of(stage) as venue,
        listener(venue, "file_operations") as answering,
        listener(venue, "file_operations"),
    ):
        reading = asyncio.ensure_future(answering.read_until("never"))
        advance = await stage.clock.advance("5s", ack=True, timeout=0.3)
        assert [(each.client, each.why) for each in advance.stragglers] == [(2, "silent")]
        assert len(answering.texts) - 1 == sum(event.topic == "file_operations" for event in advance.events), (
            "the pong came behind everything"
        )
        reading.cancel()


async def test_who_leaves_before_its_pong_is_not_waited_for() -> None:
    stage = story()
    async with venue_of(stage) as venue:
        async with listener(venue, "alerts"):
            advancing = asyncio.ensure_future(stage.clock.advance("1s", ack=True, timeout=30))
            await asyncio.sleep(0.02)
            assert not advancing.done(), "its pong is missing"
        assert (await advancing).complete


async def test_it_runs_until_an_event_meets_a_condition() -> None:
    stage = story()
    advance = await stage.clock.run_until("type == 'security_alert' and data.level == 'critical'")
    assert advance.matched is not None
    assert advance.matched.type == "security_alert"
    assert advance.at == stage.now().micros == after(20)
    assert advance.events[-1].at == after(20)
    assert advance.marks == ("ten",)
    nothing = await stage.clock.advance(by=0)
    assert nothing.count == 0, "all that is due at that instant was given out"


async def test_it_runs_until_a_function_says_so_or_a_mark_is_passed() -> None:
    stage = story()
    marked = await stage.clock.run_until(mark="ten")
    assert (marked.at, marked.marks, marked.matched) == (after(10), ("ten",), None)
    found = await stage.clock.run_until(lambda event: event.type == "file_uploaded")
    assert found.matched is not None
    assert found.matched.type == "file_uploaded"
    assert found.count == sum(1 for event in found.events)
    assert all(event.type != "file_uploaded" for event in found.events[:-1] if event.at < found.at)


async def test_what_does_not_happen_is_an_error_that_says_how_far_it_came() -> None:
    stage = story()
    with pytest.raises(NeverHappenedError) as caught:
        await stage.clock.run_until("type == 'security_alert'", within="5s")
    assert caught.value.advance.at == stage.now().micros == after(5)
    assert "\"type == 'security_alert'\" did not happen until 2024-01-01T00:00:05.000Z" in str(caught.value)
    with pytest.raises(NeverHappenedError) as caught:
        await stage.clock.run_until(mark="eleven-hundred")
    assert caught.value.advance.ended
    assert caught.value.advance.count > 50
    assert stage.now().micros == caught.value.advance.events[-1].at


async def test_a_step_goes_to_the_next_instant_that_has_an_event() -> None:
    stage = stage_of(Listed(START + 5, START + 5, Cue(START + 6, "mark", name="m"), START + 9))
    first = await stage.clock.step()
    assert (first.at, first.count) == (START + 5, 2)
    second = await stage.clock.step()
    assert (second.at, second.count, second.marks, second.ended) == (START + 9, 1, ("m",), True)
    third = await stage.clock.step()
    assert (third.at, third.count) == (START + 9, 0)


async def test_steps_add_up_to_an_advance() -> None:
    stepped, moved = story(), story()
    whole = await moved.clock.advance("10s")
    events: list[Timed] = []
    while (step := await stepped.clock.step()).at <= after(10):
        events += step.events
    assert tuple(events) == whole.events


async def test_a_clock_that_runs_is_not_moved_by_hand() -> None:
    stage = story(held=False)
    for move in (stage.clock.advance("1s"), stage.clock.step(), stage.clock.run_until("true")):
        with pytest.raises(NotHeldError, match="hold it before it is moved by hand"):
            await move


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "advance: expected either by or to, got neither"),
        ({"by": 1, "to": 1}, "advance: expected either by or to, got both"),
        ({"by": "soon"}, "by: expected a duration"),
        ({"by": -1}, "by: expected a span that is not negative"),
        ({"to": "noon"}, "to: expected"),
        ({"to": datetime(2024, 1, 1)}, "to: expected a datetime that says its zone, got datetime"),  # noqa: DTZ001
        ({"to": 10**30}, "to: expected an instant from 1970 to the year 9999, got 10"),
        ({"to": -1}, "to: expected an instant from 1970 to the year 9999, got -1 µs"),
        ({"to": START - 1}, "to: expected an instant that is not before 2024-01-01T00:00:00.000Z"),
    ],
)
async def test_a_wrong_destination_is_told_in_a_sentence(options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as caught:
        await story().clock.advance(**options)  # type: ignore[arg-type]
    assert said in str(caught.value)


@pytest.mark.parametrize("speed", [0, -1.0, float("nan"), float("inf")])
async def test_a_speed_that_is_none_is_told_and_changes_nothing(speed: float) -> None:
    clock = story().clock
    with pytest.raises(InputError, match="speed: expected a factor above 0, up to 1,000,000, or None"):
        clock.set_speed(speed)
    assert clock.speed == 1.0


async def test_a_wrong_condition_is_told_with_its_column() -> None:
    clock = story().clock
    with pytest.raises(InputError, match="column"):
        await clock.run_until("type ==")
    with pytest.raises(InputError, match="either a condition or a mark, got neither"):
        await clock.run_until()


async def test_a_destination_may_be_given_in_the_ways_that_python_has() -> None:
    clock = story().clock
    for to in ("2024-01-01T00:00:01Z", datetime(2024, 1, 1, 0, 0, 2, tzinfo=UTC), after(3)):
        await clock.advance(to=to)
    assert clock.now.text == "2024-01-01T00:00:03.000Z"
    await clock.advance(timedelta(seconds=1))
    await clock.advance(to=clock.now)
    assert clock.now.micros - clock.start == 4 * SECOND


async def test_what_cannot_be_given_out_in_time_is_an_error_that_says_how_far_it_came() -> None:
    stage = stage_of(Listed(*(START + number for number in range(3))), held_up=lambda: True)
    with pytest.raises(ClockTimeoutError, match=r"after 0\.01 s of real time") as caught:
        await stage.clock.advance("1s", timeout=0.01)
    assert caught.value.advance.at == START
    assert caught.value.advance.count == 0


async def test_who_resumes_it_ends_what_moves_it() -> None:
    stage = stage_of(Listed(START + 1), held_up=lambda: True)
    moving = asyncio.ensure_future(stage.clock.advance("1s"))
    await asyncio.sleep(0.01)
    stage.clock.resume()
    with pytest.raises(NotHeldError, match="resumed while"):
        await moving


async def test_calls_that_come_at_once_are_done_one_after_the_other() -> None:
    stage = story()
    ends = await asyncio.gather(*(stage.clock.advance("1s") for _ in range(5)))
    assert [end.at for end in ends] == [after(second) for second in range(1, 6)]
    whole = await story().clock.advance("5s")
    assert sum((end.events for end in ends), ()) == whole.events


async def test_holding_a_running_clock_hands_over_what_was_due() -> None:
    day = STORY.replace("duration: 1m", "duration: 24h")  # longer than any machine is busy: something is left to come
    stage = story(day, held=False, speed=1_000.0)
    async with venue_of(stage) as venue, listener(venue, "file_operations") as client:
        playing = asyncio.ensure_future(stage.play())
        await client.read_until("file_uploaded")
        held = await stage.clock.hold()
        assert held.complete
        assert stage.clock.held
        before = await client.types()
        assert stage.now().micros == held.at
        await asyncio.sleep(0.02)
        assert await client.types() == before
        assert stage.now().micros == held.at
        stage.clock.resume()
        await client.read_until("file_uploaded")
        playing.cancel()


async def test_neither_a_pause_nor_another_speed_ends_in_a_burst() -> None:
    real = [0]
    stage = story(held=False, real=lambda: real[0])

    async def pass_by(seconds: float) -> None:
        """Real time goes by, and the pacer looks."""
        real[0] += int(seconds * SECOND)
        stage.clock.set_speed(stage.clock.speed)
        for _ in range(5):  # turns: at a mark a slice ends
            await asyncio.sleep(0)

    def up_to(seconds: float) -> list[str]:
        return [event.type for event in given if event.topic == "file_operations" and event.at <= after(seconds)]

    given = (await story().clock.advance("1m")).events
    async with venue_of(stage) as venue, listener(venue, "file_operations") as client:
        playing = asyncio.ensure_future(stage.play())
        await asyncio.sleep(0)
        await pass_by(5)
        assert await client.types() == up_to(5)
        stage.clock.pause()
        await pass_by(3_600)
        stage.clock.resume()
        await pass_by(0)
        assert await client.types() == up_to(5), "an hour's pause has nothing to make up for"
        await pass_by(1)
        assert await client.types() == up_to(6)
        stage.clock.set_speed(10.0)
        await pass_by(0)
        assert await client.types() == up_to(6)
        await pass_by(1)
        assert await client.types() == up_to(16)
        assert stage.now().micros == after(16)
        playing.cancel()


@on_each_loop
def test_it_holds_moves_and_hears_of_pongs_on_each_loop(loop: Loop) -> None:
    async def scene() -> None:
        stage = story()
        async with venue_of(stage) as venue, listener(venue, "file_operations") as client:
            reading = asyncio.ensure_future(client.read_until("never"))
            for _ in range(3):
                advance = await stage.clock.advance("5s", ack=True)
                assert advance.complete
                assert len(client.texts) - 1 == stage.delivery.stage().written
            assert [each.reached for each in stage.delivery.recent()] == [each.of for each in stage.delivery.recent()]
            reading.cancel()

    run(loop, scene())


async def test_forward_seeking_lets_it_happen_unheard() -> None:
    stage, other = story(), story()
    async with venue_of(stage) as venue, listener(venue, "file_operations") as client:
        passed = await stage.clock.seek("2024-01-01T00:00:15Z")
        assert passed.count > 20
        assert await client.types() == []
        assert stage.now().micros == after(15)
        advance = await stage.clock.advance("5s")
    await other.clock.advance("15s")
    assert (await other.clock.advance("5s")).events == advance.events, "the world is as if it had been heard"


async def test_backward_seeking_plays_again_with_what_clients_had_done_by_then() -> None:
    stage = story()
    async with venue_of(stage) as venue:
        await stage.clock.advance("5s")
        async with listener(venue, "alerts"):
            pass
        first = await stage.clock.advance("10s")
        assert any(event.type == "network_alert" for event in first.events)
        old = stage.source
        await stage.clock.seek(after(4))
        assert stage.source is not old
        assert stage.now().micros == after(4)
        await stage.clock.advance("1s")
        assert "subscribes" not in [deed.did for deed in stage.inputs], "it subscribed later than that"
        again = await stage.clock.advance("10s")
        assert all(event.type != "network_alert" for event in again.events)
        await stage.clock.seek(after(5))
        async with listener(venue, "alerts"):
            pass
        third = await stage.clock.advance("10s")
        assert third.events == first.events, "the same inputs, the same bytes"
        await stage.clock.seek(after(10))
        assert "subscribes" in [deed.did for deed in stage.inputs]
        rest = await stage.clock.advance("5s")
        assert rest.events == tuple(event for event in first.events if event.at > after(10))


async def test_a_running_clock_can_be_set_too_and_runs_on_from_there() -> None:
    stage = story(held=False)
    playing = asyncio.ensure_future(stage.play())
    await asyncio.sleep(0)
    await stage.clock.seek(after(30))
    assert after(30) <= stage.now().micros < after(32)
    await stage.clock.seek(after(2))
    assert after(2) <= stage.now().micros < after(4)
    playing.cancel()


async def test_what_clients_do_while_it_is_set_takes_effect_behind_that_instant() -> None:
    stage = story()
    async with venue_of(stage) as venue:
        await stage.clock.advance("50s")
        seeking = asyncio.ensure_future(stage.clock.seek(after(20)))
        await asyncio.sleep(0)
        assert not seeking.done()
        assert stage.now().micros == after(20)
        stage.note(Guest(), "subscribes", topic="alerts")
        await seeking
        (deed,) = stage.inputs
        assert after(20) <= deed.at < after(21)
        assert venue.stage is stage
    advance = await stage.clock.advance("1ms")
    assert [event.type for event in advance.events] == ["network_alert"]


async def test_to_set_it_and_give_up_halfway_gets_there_all_the_same() -> None:
    quiet = [Timed(after(1) + number, number, "alerts", "test", b"{}") for number in range(3 * PACER_SLICE_EVENTS_MAX)]
    last = Timed(after(20), len(quiet), "alerts", "test", b"{}")
    stage = stage_of(Prepared([*quiet, last]))
    seeking = asyncio.ensure_future(stage.clock.seek(after(10)))
    await asyncio.sleep(0)
    assert not seeking.done()
    seeking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await seeking
    assert stage.now().micros == after(10)
    assert (await stage.clock.advance("10s")).events == (last,), "what lies before is given to nobody"


async def test_what_has_ended_plays_again_once_it_is_set_back() -> None:
    listening = Listening()
    stage = story(held=False, speed=None, observers=[listening])
    playing = asyncio.ensure_future(stage.play_on())
    while not stage.clock.ended:  # noqa: ASYNC110 - an end makes no sound
        await asyncio.sleep(0)
    first = list(listening.events)
    listening.events.clear()
    await stage.clock.seek(START)
    while not stage.clock.ended:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert listening.events == first
    playing.cancel()


async def test_there_is_no_way_back_where_nothing_can_be_made_afresh() -> None:
    stage = stage_of(director())
    await stage.clock.advance("5s")
    with pytest.raises(CantGoBackError, match="what plays can't be made afresh"):
        await stage.clock.seek(START)
    assert stage.now().micros == after(5), "and nothing has changed"


async def test_a_quiet_stage_can_be_held_and_moved_as_well() -> None:
    stage = Stage()
    async with venue_of(stage) as venue, listener(venue) as client:
        held = await stage.clock.hold()
        await stage.clock.advance("1h")
        client.say('{"type":"ping"}')
        pong = json.loads(await client.read_until('"pong"'))
        assert stage.now().micros == held.at + 3600 * SECOND
        assert pong["timestamp"] == stage.now().text


async def test_many_small_moves_of_a_busy_stage_lose_nothing_and_repeat_nothing() -> None:
    stage = story()
    limits = Configuration("127.0.0.1", 0, limits=Limits(messages_per_second=None))
    async with venue_of(stage, limits) as venue, listener(venue, "file_operations") as client:
        texts: list[str] = []
        for _ in range(200):
            advance = await stage.clock.advance("100ms")
            texts += [event.text.decode() for event in advance.events if event.topic == "file_operations"]
        got = [text for text in await client.catch_up() if '"pong"' not in text]
    assert got == texts
    stamps = [json.loads(text)["timestamp"] for text in got]
    assert all(one <= other for one, other in pairwise(stamps))
