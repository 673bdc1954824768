"""Clients on real sockets, good ones and some with a flaw each, before the witness. Real time is the test's clock."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
from msgspec import structs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode

import pvws
from pvws.scenario.faults.spec import read_fault
from pvws.server.settings import Auth, Configuration, Limits, Timeouts
from pvws.session.access import Token
from pvws.stage.journal import Wanted
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.judging import facts
from pvws.testing.judging.facts import Fact
from pvws.testing.judging.verdict import Verdict
from pvws.testing.judging.witness import Witness
from tests.support.evidence import FAILED, HELD, NOT_JUDGED, expectation
from tests.support.raw_client import RawClient
from tests.support.staged import HERE, listener, story

SECOND = 1_000_000
LATER = 100 * SECOND


class Clock:
    """Real time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 50 * SECOND

    def __call__(self) -> int:
        return self.now


class Trial:
    """A server, its stage, what was seen there, and how that is judged."""

    def __init__(self, venue: Venue, clock: Clock) -> None:
        self.venue = venue
        self.stage: Stage = venue.stage
        self.clock = clock
        self.seen: list[Fact] = []
        self.changed = asyncio.Event()

    @property
    def url(self) -> str:
        return self.venue.url

    def keep(self, fact: Fact) -> None:
        self.seen.append(fact)
        self.changed.set()

    async def until(self, kind: type[Fact], times: int = 1, **fields: Any) -> None:
        """Return once so many facts of a kind were seen, with these fields."""
        while sum(1 for fact in self.seen if isinstance(fact, kind) and _has(fact, fields)) < times:
            self.changed.clear()
            await self.changed.wait()

    @contextmanager
    def watched(self, *said: str) -> Iterator[Witness]:
        """What clients do is judged by these expectations."""
        with Witness(self.stage, map(expectation, said), self.keep, alert=False) as witness:
            yield witness

    def later(self, witness: Witness) -> list[Verdict]:
        """What is said long afterwards, when nothing else has happened."""
        return witness.verdicts(self.clock.now + LATER)


def _has(fact: Fact, fields: dict[str, Any]) -> bool:
    return all(getattr(fact, name) == value for name, value in fields.items())


@asynccontextmanager
async def trial(configuration: Configuration = HERE) -> AsyncIterator[Trial]:
    clock = Clock()
    stage = story(real=clock)
    async with Venue(stage, configuration) as venue:
        yield Trial(venue, clock)


def outcomes(verdicts: list[Verdict]) -> list[str]:
    return [str(each.outcome) for each in verdicts]


@asynccontextmanager
async def client(url: str) -> AsyncIterator[ClientConnection]:
    async with connect(url, ping_interval=None, proxy=None, close_timeout=2) as websocket:
        yield websocket


def subscribe(topic: str = "alerts") -> str:
    return json.dumps({"type": "subscribe", "topic": topic})


async def listen(websocket: ClientConnection) -> None:
    """Until it is closed."""
    with suppress(ConnectionClosed):
        async for _ in websocket:
            pass


EVERYTHING = (
    "connects",
    "subscribes, topics: [alerts]",
    "reconnects, within: 5s, backoff: {grows: false}",
    "resubscribes",
    "answers_pings",
    "sends_valid_messages",
    "closes_properly",
    "never_sends, more_than: 100/s, larger_than: 1 MiB",
    "ignores_unknown_types",
)


async def test_a_good_client_does_all_that_is_expected() -> None:
    async with trial() as at:
        with at.watched(*EVERYTHING) as witness:
            async with pvws.connect(at.url, ["alerts", "system"], retry_first_s=0.001):
                await at.until(facts.Subscribed, 2)
                at.stage.faults.add(read_fault("status: 503, attempts: 1"))
                at.stage.controller.disconnect(code=1012)
                await at.until(facts.Refused)
                at.clock.now += SECOND
                await at.until(facts.Subscribed, 4)
                at.stage.controller.emit_raw('{"type":"novel"}', topics=["alerts"])
                for _, each in at.stage.clients().values():
                    each.probe(b"there?", lambda: None)
                await at.until(facts.Ponged)
                at.clock.now += 20 * SECOND
            await at.until(facts.Ended, 2)
            found = at.later(witness)
    assert outcomes(found) == ["held"] * len(EVERYTHING), "\n".join(line for each in found for line in each.lines)


async def test_who_does_not_come_back_fails_that_alone() -> None:
    async with trial() as at:
        with at.watched("reconnects, within: 5s", "closes_properly", "resubscribes") as witness:
            async with client(at.url) as websocket:
                await websocket.send(subscribe())
                await at.until(facts.Subscribed)
                at.stage.controller.disconnect(code=1012, reason="restart")
                await listen(websocket)
            await at.until(facts.Ended)
            reconnects, closes, resubscribes = at.later(witness)
    assert (reconnects.outcome, closes.outcome, resubscribes.outcome) == (FAILED, HELD, NOT_JUDGED)
    (failure,) = reconnects.failures
    assert failure.found == "no attempt"
    assert [line.partition("[1] ")[2] for line in failure.evidence] == [
        "began a handshake",
        "connected",
        'sent {"type": "subscribe", "topic": "alerts"}',
        "subscribed to alerts",
        'was sent a close frame, code 1012 "restart"',
        "sent a close frame, code 1012",
        "the connection ended",
    ]


async def test_who_comes_back_without_its_subscriptions_fails_that_alone() -> None:
    async with trial() as at:
        with at.watched("reconnects, within: 5s", "resubscribes") as witness:
            async with client(at.url) as websocket:
                await websocket.send(subscribe())
                await at.until(facts.Subscribed)
                at.stage.controller.disconnect()
                await listen(websocket)
            async with client(at.url):
                await at.until(facts.Opened, 2)
                found = at.later(witness)
    assert outcomes(found) == ["held", "failed"]


@pytest.mark.parametrize(
    ("pauses", "expected"), [((0, 0, 0, 0), FAILED), ((100, 100, 100, 100), FAILED), ((100, 200, 400, 800), HELD)]
)
async def test_who_tries_again_and_again_without_backing_off_fails(pauses: tuple[int, ...], expected: str) -> None:
    async with trial() as at:
        at.stage.faults.add(read_fault(f"status: 503, attempts: {len(pauses)}, client: flawed"))
        with at.watched("reconnects, within: 5s, backoff: {}") as witness:
            at.stage.faults.clear()
            async with client(f"{at.url}?client=flawed") as websocket:
                at.stage.faults.add(read_fault(f"status: 503, attempts: {len(pauses) - 1}"))
                at.stage.controller.disconnect(code=1012)
                await listen(websocket)
            for pause in pauses:
                at.clock.now += pause * 1_000
                with suppress(InvalidStatus):
                    async with client(f"{at.url}?client=flawed"):
                        await at.until(facts.Opened, 2)
            (found,) = at.later(witness)
    assert found.outcome == expected, found.lines


async def test_who_answers_no_pings_fails() -> None:
    async with trial() as at:
        with at.watched("answers_pings", "connects") as witness:
            async with listener(at.venue) as deaf:
                for _, each in at.stage.clients().values():
                    each.probe(b"there?", lambda: None)
                opcode, _ = await deaf.read_frame()
                assert opcode == Opcode.PING
                found = at.later(witness)
    assert outcomes(found) == ["failed", "held"]


async def test_the_server_s_own_pings_are_judged_as_well() -> None:
    often = structs.replace(HERE, timeouts=Timeouts(ping_period=10_000, pong_wait=60_000))
    async with trial(often) as at:
        with at.watched("answers_pings, within: 90s") as witness:
            async with listener(at.venue) as deaf:
                await at.until(facts.ToldToGo)
                assert await deaf.read_frame()
            (found,) = witness.verdicts()
    assert found.outcome == FAILED
    assert any('"no pong"' in line for line in found.failures[0].evidence)


LIMITED = structs.replace(HERE, limits=Limits(messages_per_second=5, retry_after=2 * SECOND))


@pytest.mark.parametrize(("waits_ms", "expected"), [(100, HELD), (1_000, FAILED), (2_000, HELD)])
async def test_who_sends_on_although_it_was_told_to_wait_fails(waits_ms: int, expected: str) -> None:
    async with trial(LIMITED) as at:
        with at.watched("honours_retry_after", "never_sends, more_than: 5/s") as witness:
            async with client(at.url) as websocket:
                for _ in range(6):
                    await websocket.send('{"type":"ping"}')
                await at.until(facts.ToldError, retry_after=2)
                at.clock.now += waits_ms * 1_000
                await websocket.send('{"type":"ping"}')
                await at.until(facts.Sent, 7)
                retry, never = at.later(witness)
    assert (retry.outcome, never.outcome) == (expected, FAILED)


@pytest.mark.parametrize("message", ["{", '{"type":"subscribe","topic":"alert"}', b"\xff", "[]"])
async def test_who_sends_what_is_no_message_fails(message: str | bytes) -> None:
    async with trial() as at:
        with at.watched("sends_valid_messages") as witness:
            async with client(at.url) as websocket:
                await websocket.send(subscribe())
                await websocket.send(message)
                await at.until(facts.Sent, 2)
                (found,) = witness.verdicts()
    assert found.outcome == FAILED
    assert found.held == 1


async def test_what_the_shipped_server_ignores_is_no_message_either() -> None:
    upstream = Configuration("127.0.0.1", 0, profile="upstream")
    async with trial(upstream) as at:
        with at.watched("sends_valid_messages") as witness:
            async with client(at.url) as websocket:
                await websocket.send('{"type":"subscribe","data":"alerts"}')
                await at.until(facts.Subscribed)
                assert outcomes(witness.verdicts()) == ["held"]
                await websocket.send("{")
                await at.until(facts.Sent, 2)
                (found,) = witness.verdicts()
    assert found.outcome == FAILED


async def test_who_breaks_the_protocol_or_sends_too_large_a_message_fails() -> None:
    small = structs.replace(HERE, limits=Limits(max_message_size=1_000))
    async with trial(small) as at:
        with at.watched("sends_valid_messages", "never_sends, larger_than: 1000") as witness:
            async with listener(at.venue) as raw:
                raw.send(b"\x81\x01x")  # not masked
                await raw.read_to_end()
            await at.until(facts.Violated, code=1002)
            assert outcomes(witness.verdicts()) == ["failed", "held"]
            async with client(at.url) as websocket:
                await websocket.send("x" * 1_001)
                await listen(websocket)
            await at.until(facts.Violated, code=1009)
            found = witness.verdicts()
    assert outcomes(found) == ["failed", "failed"]
    assert found[1].failures[0].found == "one of more than 1,000 bytes"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (lambda raw: raw.writer.write_eof(), "ended the connection without a close frame"),
        (lambda raw: raw.send(raw.frame(Opcode.CLOSE, b"\x03\xe8")), None),
    ],
)
async def test_who_leaves_without_a_close_frame_fails(end: Callable[[Any], None], expected: str | None) -> None:
    async with trial() as at:
        with at.watched("closes_properly") as witness:
            async with listener(at.venue) as raw:
                end(raw)
                await at.until(facts.Ended)
            (found,) = witness.verdicts()
    assert [each.found for each in found.failures] == ([] if expected is None else [expected])
    assert found.outcome == (HELD if expected is None else FAILED)


async def test_who_does_not_answer_the_close_frame_fails_once_it_was_waited_for() -> None:
    short = structs.replace(HERE, timeouts=Timeouts(close=20_000))
    async with trial(short) as at:
        with at.watched("closes_properly, within: 10ms", "closes_properly, within: 1s") as witness:
            async with listener(at.venue) as raw:
                at.stage.controller.disconnect(code=1012)
                await raw.read_close()
                at.clock.now += 20_000
                await at.until(facts.Ended)
            found = witness.verdicts()
    assert outcomes(found) == ["failed", "not judged"]
    assert found[1].why == "the server has cut the connection after 0.020 s (the grace time is over)"


@pytest.mark.parametrize(
    "given",
    [
        lambda stage: stage.controller.emit_raw('{"type":"novel","topic":"alerts"}', topics=["alerts"]),
        lambda stage: stage.controller.emit_raw('{"type":"novel"}', client=1),
        lambda stage: (
            stage.faults.add(read_fault("unknown_type: {share: 100%, type: novel}")),
            stage.controller.emit("security_alert", {}),
        ),
    ],
)
async def test_who_crashes_on_an_unknown_type_fails(given: Callable[[Stage], object]) -> None:
    async with trial() as at:
        with at.watched("ignores_unknown_types", "closes_properly") as witness:
            async with listener(at.venue, "alerts") as raw:
                given(at.stage)
                await raw.read_until("novel")
                raw.writer.transport.abort()
                await at.until(facts.Ended)
            found = witness.verdicts()
    assert outcomes(found) == ["failed", "failed"]
    assert 'after an event of the type "novel"' in found[0].failures[0].expected


async def test_events_of_the_api_are_no_unknown_types() -> None:
    async with trial() as at:
        with at.watched("ignores_unknown_types") as witness:
            async with listener(at.venue, "alerts") as raw:
                at.stage.controller.emit("security_alert", {})
                at.stage.controller.emit_raw('{"type":"security_alert"}', topics=["alerts"])
                at.stage.controller.emit_raw("no JSON", topics=["alerts"])
                at.stage.controller.emit_raw(b"binary", topics=["alerts"], binary=True)
                await raw.read_until("no JSON")
            (found,) = at.later(witness)
    assert found.outcome == NOT_JUDGED


@pytest.mark.parametrize("reject", ["message", "handshake"])
@pytest.mark.parametrize(("waits_s", "expected"), [(9, HELD), (11, FAILED)])
async def test_who_storms_a_server_that_has_refused_it_for_good_fails(reject: Any, waits_s: int, expected: str) -> None:
    closed = structs.replace(HERE, auth=Auth(tokens=(Token("right"),), reject=reject))

    async def tries(url: str) -> None:
        with suppress(InvalidStatus):
            async with client(f"{url}?token=wrong") as websocket:
                await listen(websocket)

    async with trial(closed) as at:
        with at.watched("gives_up", "reconnects") as witness:
            await tries(at.url)
            at.clock.now += waits_s * SECOND
            await tries(at.url)
            await at.until(facts.Ended if reject == "message" else facts.Refused, 2)
            gives_up, reconnects = at.later(witness)
    assert (gives_up.outcome, reconnects.outcome) == (expected, NOT_JUDGED)


async def test_each_client_is_judged_by_its_name() -> None:
    async with trial() as at:
        with at.watched("reconnects") as witness:
            async with client(f"{at.url}?client=good") as one, client(f"{at.url}?client=flawed") as other:
                at.stage.controller.disconnect()
                await asyncio.gather(listen(one), listen(other))
            async with client(f"{at.url}?client=good"):
                await at.until(facts.Opened, 3)
                (found,) = at.later(witness)
    assert [(each.client, each.connection) for each in found.failures] == [("flawed", 2)]
    assert found.held == 1


async def test_what_counts_from_a_mark_or_a_step_is_found_on_the_real_time_line() -> None:
    script = """
scenario: s
start: 2024-01-01T00:00:00Z
duration: 1m
timeline:
  - {at: 1s, do: mark, name: there}
  - {at: 2s, do: emit, type: security_alert}
  - {at: 3s, do: disconnect, code: 1012}
expect:
  - {client: subscribes, after: emit}
  - {client: reconnects, after: disconnect}
"""
    clock = Clock()
    async with Venue(story(script, real=clock), HERE) as venue:
        at = Trial(venue, clock)
        said = ("connects, within: 1s, after: there", "reconnects, within: 1s, after: disconnect")
        with at.watched(*said) as witness:
            async with client(at.url) as websocket:
                clock.now += 7 * SECOND
                await at.stage.clock.advance("5s")
                await listen(websocket)
            await at.until(facts.Ended)
            found = at.later(witness)
    names = list(dict.fromkeys((fact.name, fact.real) for fact in at.seen if isinstance(fact, facts.Landmark)))
    assert names == [("there", 57 * SECOND), ("emit", 57 * SECOND), ("disconnect", 57 * SECOND)]
    assert outcomes(found) == ["held", "failed"]


@pytest.mark.parametrize(
    ("fault", "how"),
    [("reset: on", "reset"), ("half_close: on", "half_close"), ("close: none", None), ("close: 1005", None)],
)
async def test_a_connection_that_a_fault_ends_is_lost_and_its_end_no_fault_of_the_client_s(
    fault: str, how: str | None
) -> None:
    async with trial() as at:
        with at.watched("reconnects, within: 1s", "closes_properly") as witness:
            async with client(at.url) as websocket:
                at.stage.faults.add(read_fault(fault))
                await listen(websocket)
            await at.until(facts.Ended)
            reconnects, closes = at.later(witness)
    assert reconnects.outcome == FAILED
    assert closes.outcome != FAILED, closes.lines
    if how is not None:
        assert [fact.why for fact in at.seen if isinstance(fact, facts.Ended)] == [how]


async def test_a_client_that_misses_the_end_of_the_stream_has_lost_its_connection_at_that_end() -> None:
    async with trial() as at:
        with at.watched("reconnects, within: 1s", "never_holds, more_than: 1") as witness:
            async with listener(at.venue):  # which keeps its own half, and does nothing
                at.stage.faults.add(read_fault("half_close: on"))
                await at.until(facts.Ended)
                missed, held = at.later(witness)
                async with client(at.url):
                    await at.until(facts.Opened, 2)
                    assert witness.verdicts()[1].outcome == "held", "what the server has ended does not count"
    assert (missed.outcome, held.outcome) == (FAILED, "held")
    assert "found no attempt" in "\n".join(missed.lines)
    assert [fact.client for fact in at.seen if isinstance(fact, facts.Ended)] == [1, 2], "the end is told once"


async def test_who_gives_up_a_connection_that_a_stall_has_deadened_has_lost_it() -> None:
    async with trial() as at:
        with at.watched("reconnects, within: 1s", "closes_properly", "answers_pings") as witness:
            async with listener(at.venue) as raw:
                stall = at.stage.faults.add(read_fault("stall: on"))
                await at.until(facts.Hindered)
                raw.writer.transport.abort()
                at.stage.faults.remove(stall.id)
                await at.until(facts.Ended)
            found = at.later(witness)
    assert outcomes(found) == ["failed", "not judged", "not judged"]


async def test_attempts_that_a_fault_holds_or_hides_are_told() -> None:
    async with trial() as at:
        with at.watched("connects"):
            hang = at.stage.faults.add(read_fault("hang: on"))
            async with RawClient("127.0.0.1", at.venue.port) as raw:
                raw.send((raw.handshake_head("/ws?client=late").replace("\n", "\r\n") + "\r\n\r\n").encode())
                await at.until(facts.Knocked, name="late")
            await at.until(facts.GoneAway)
            at.stage.faults.remove(hang.id)
            refusing = at.stage.faults.add(read_fault("refuse: on"))
            at.stage.faults.remove(refusing.id)
    assert [fact.begins for fact in at.seen if isinstance(fact, facts.Hidden)] == [True, False]


async def test_who_is_there_already_is_known_when_the_witness_comes_or_begins_anew() -> None:
    async with trial() as at, client(at.url) as websocket:
        await websocket.send(subscribe())
        await at.stage.controller.journal.wait(Wanted(did="subscribes"))
        with at.watched("subscribes, topics: [alerts]") as witness:
            assert outcomes(witness.verdicts()) == ["held"]
            at.clock.now += SECOND
            witness.begin([expectation("connects"), expectation("sends_valid_messages")])
            assert outcomes(witness.verdicts()) == ["held", "not judged"]


async def test_a_witness_that_is_closed_sees_no_more() -> None:
    async with trial() as at:
        with at.watched("connects, within: 1s") as witness:
            pass
        witness.close()
        at.clock.now += LATER
        async with client(at.url):
            await at.stage.controller.journal.wait(Wanted(did="connects"))
        assert outcomes(witness.verdicts()) == ["not judged"]
        assert not at.seen


async def test_that_this_process_stood_still_is_noticed() -> None:
    seen: list[Fact] = []
    stage = story()
    with Witness(stage, [expectation("connects, within: 1s")], seen.append) as witness:
        began = stage.real()
        while stage.real() < began + 50_000:
            pass
        witness.verdicts()
    (stood,) = [fact for fact in seen if isinstance(fact, facts.Stood)]
    assert stood.real - stood.since > 25_000
