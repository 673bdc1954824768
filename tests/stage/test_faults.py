"""Faults on a stage: clients at real sockets, a held clock, and whom each fault touches."""

import pytest

from pvws.scenario.faults.spec import read_fault
from pvws.stage.faults import NoSuchFaultError
from tests.support.staged import SECOND, START, Listener, director, listener, stage_of, story, venue_of

ALERTS_EVERY_SECOND = """
scenario: alarms
duration: 20s
network: {peers: 2}
timeline:
  - {every: 1s, do: emit, type: security_alert, data: {level: critical, message: "number ${n}"}}
"""


def numbers(client: Listener) -> list[int]:
    """Which of the alerts a client has got."""
    return [int(text.partition("number ")[2].partition('"')[0]) for text in client.texts if "number " in text]


async def test_a_delayed_message_is_held_by_a_held_clock_and_its_client_is_named() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    async with venue_of(stage) as venue, listener(venue, "alerts") as slow, listener(venue, "alerts") as other:
        fault = stage.faults.add(read_fault("latency: 1500ms, client: 1"))
        advance = await stage.clock.advance("3s")
        (straggler,) = advance.stragglers
        assert (straggler.client, straggler.why, straggler.messages, straggler.faults) == (1, "held", 2, ("f1",))
        assert "held by f1, 2 messages" in str(straggler)
        await other.catch_up()
        assert numbers(other) == [1, 2, 3]
        await stage.clock.advance("499ms")
        slow.say('{"type":"ping"}')
        await slow.read_until("number 1")
        assert numbers(slow) == [1], "what is due at 2.5 s, and nothing of 3.5 s"
        await stage.clock.advance("1ms")
        await slow.read_until("number 2")
        assert fault.counts["delayed"] >= 3
        assert stage.faults.remove(fault.id) is fault
        await slow.catch_up()
        assert numbers(slow) == [1, 2, 3]
        assert not await stage.clock.settle(timeout=5)


async def test_a_fault_of_some_messages_of_some_clients_touches_no_others() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    async with venue_of(stage) as venue, listener(venue, "alerts") as one, listener(venue, "alerts") as other:
        stage.faults.add(read_fault(f"drop: 100%, client: {next(iter(stage.clients()))}, nth: 2, count: 3"))
        await stage.clock.advance("6s")
        await one.catch_up()
        await other.catch_up()
        assert (numbers(one), numbers(other)) == ([1, 5, 6], [1, 2, 3, 4, 5, 6])
        (delivery, whole) = (stage.delivery.clients(), stage.delivery.stage())
        assert {each.lost for each in delivery} == {0, 3}
        assert (whole.owed, whole.written, whole.lost, whole.faults) == (12, 9, 3, {"dropped": 3})
        assert other_account(stage, 2) == {}


def other_account(stage: object, number: int) -> dict[str, int]:
    """What faults did to a client."""
    clients = stage.clients()  # type: ignore[attr-defined]
    (client,) = [client for each, client in clients.values() if each == number]
    return dict(client.member.account.faults or {})


async def test_a_window_ends_exactly_at_its_stage_time_also_within_a_slice() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    async with venue_of(stage) as venue, listener(venue, "alerts") as client:
        fault = stage.faults.add(read_fault("drop: 100%, for: 3s"))
        await stage.clock.advance("6s")
        await client.catch_up()
        assert numbers(client) == [3, 4, 5, 6], "the window is [0 s, 3 s)"
        assert fault.ended
        assert fault.until == START + 3 * SECOND
        assert stage.faults.active() == []
        assert list(stage.faults.past) == [fault]


async def test_at_speed_max_everything_is_the_same_and_the_run_waits_for_what_is_held() -> None:
    text = ALERTS_EVERY_SECOND + "  - {at: 0s, do: fault, latency: 700ms, for: 1m}\n  - {at: 5s, do: unfault}\n"
    text += "  - {at: 19s, do: fault, latency: 5s}\n"
    stage = stage_of(director(text), held=False, speed=None, wait_for=frozenset({"alerts"}))
    async with venue_of(stage) as venue, listener(venue, "alerts") as client:
        await stage.play()
        await client.read_until("number 20")
        assert numbers(client) == list(range(1, 21))
        assert stage.now().micros == START + 25 * SECOND
        assert [each.spec.kind for each in stage.faults.active()] == ["latency"]
        (ended,) = stage.faults.past
        assert ended.counts == {"delayed": 4}


async def test_who_comes_later_is_touched_when_it_comes() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    stage.faults.add(read_fault("drop: 100%, client: 2, topics: [alerts]"))
    async with venue_of(stage) as venue, listener(venue, "alerts") as first, listener(venue, "alerts") as second:
        await stage.clock.advance("2s")
        await first.catch_up()
        await second.catch_up()
        assert (numbers(first), numbers(second)) == ([1, 2], [])
        (fault,) = stage.faults.active()
        assert [client.client_id for client in fault.touched] == [list(stage.clients())[1]]


async def test_two_runs_with_one_seed_do_the_same_whoever_else_is_there() -> None:
    async def run(others: int, seed: int) -> list[int]:
        stage = story(ALERTS_EVERY_SECOND, seed=seed)
        async with venue_of(stage) as venue, listener(venue, "alerts") as client:
            guests = [listener(venue, "alerts") for _ in range(others)]
            for guest in guests:
                await guest.__aenter__()
            stage.faults.add(read_fault("drop: 50%"))
            await stage.clock.advance("20s")
            await client.catch_up()
            for guest in guests:
                await guest.__aexit__(None, None, None)
            return numbers(client)

    assert await run(0, 1) == await run(2, 1) != await run(0, 2)


async def test_a_close_is_done_once_to_who_is_there_and_then_over() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    async with venue_of(stage) as venue, listener(venue, "alerts") as one:
        await stage.clock.advance("1s")
        fault = stage.faults.add(read_fault("close: {code: 4000, reason: bye}"))
        await one.read_until("number 1")
        assert await one.read_close() == (4000, "bye")
        assert fault.ended
        assert fault.counts == {"closed": 1}
        async with listener(venue, "alerts") as next_one:
            await next_one.catch_up()


async def test_with_a_window_a_close_is_done_to_those_who_come_meanwhile_too() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    stage.faults.add(read_fault("close: 1012, for: 5s"))
    async with venue_of(stage) as venue:
        for _ in range(2):
            async with Listener("127.0.0.1", int(venue.url.split(":")[2].split("/")[0])) as client:
                await client.open()
                assert (await client.read_close())[0] == 1012
        await stage.clock.advance("5s")
        async with listener(venue, "alerts"):
            pass


async def test_a_close_waits_for_the_nth_message_and_nothing_comes_behind_it() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    async with venue_of(stage) as venue, listener(venue, "alerts") as one, listener(venue, "alerts") as other:
        stage.faults.add(read_fault("close: 1011, client: 1, types: [security_alert], nth: 2"))
        await stage.clock.advance("6s")
        await one.read_until("number 2")
        assert (await one.read_close())[0] == 1011
        await other.catch_up()
        assert numbers(other) == [1, 2, 3, 4, 5, 6]


async def test_going_back_ends_what_the_script_asked_for_and_it_begins_again_in_time() -> None:
    stage = story(ALERTS_EVERY_SECOND + "  - {at: 2500ms, do: fault, drop: 100%, for: 2s}\n")
    async with venue_of(stage) as venue, listener(venue, "alerts") as client:
        await stage.clock.advance("3s")
        await stage.clock.seek(START + SECOND)
        assert stage.faults.active() == []
        await stage.clock.advance("1s")
        await stage.clock.seek(START + 3 * SECOND)  # the fault's beginning is passed over, and it is there
        assert [each.until for each in stage.faults.active()] == [START + 4_500_000]
        await stage.clock.advance("2s")
        await client.catch_up()
        assert numbers(client) == [1, 2, 2, 5]
        await stage.clock.seek(START + 10 * SECOND)
        assert stage.faults.active() == []


async def test_what_is_not_there_can_not_be_removed() -> None:
    stage = story(ALERTS_EVERY_SECOND)
    stage.faults.add(read_fault("drop: 10%, name: rain"))
    stage.faults.add(read_fault("drop: 20%"))
    with pytest.raises(NoSuchFaultError, match='no fault is called "snow"; there are rain, f2'):
        stage.faults.remove("snow")
    assert stage.faults.find("rain") is stage.faults.find("f1")
    assert [str(each) for each in stage.faults.clear()] == ["f1 (drop: 10%, name: rain)", "f2 (drop: 20%)"]
    with pytest.raises(NoSuchFaultError, match="there is none"):
        stage.faults.remove("f1")


async def test_on_a_quiet_stage_time_is_real_and_delays_and_windows_end_by_themselves() -> None:
    from pvws.stage.stage import Stage

    stage = Stage()
    async with venue_of(stage) as venue, listener(venue, "alerts") as client:
        fault = stage.faults.add(read_fault("latency: 20ms, for: 30ms"))
        client.say('{"type":"ping"}')
        await client.read_until('"pong"')
        assert fault.counts["delayed"] == 1
        client.say('{"type":"ping"}')
        await client.read_until('"pong"')
