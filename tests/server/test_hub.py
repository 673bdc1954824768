import asyncio

import pytest

from pvws.server.encoder import Plain
from pvws.server.hub import Hub
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.source import Timed, Verbatim
from pvws.wire.topics import TOPICS, Topic

PLAIN = Plain()


class Member:
    """A subscriber whose transport takes everything."""

    def __init__(self, hub: Hub, *topics: Topic) -> None:
        self.writes: list[bytes] = []
        self.subscriber = Subscriber(self.writes.append, PLAIN, SlowConsumer(), lambda: None)
        hub.join(self.subscriber, frozenset(topics))


def event(topic: Topic, text: bytes) -> Timed:
    return Timed(0, 0, topic, "test", text)


@pytest.fixture
async def hub() -> Hub:
    return Hub(asyncio.get_running_loop())


async def a_turn() -> None:
    await asyncio.sleep(0)


async def test_a_subscriber_of_one_topic_gets_nothing_of_another(hub: Hub) -> None:
    alerts, both = Member(hub, Topic.ALERTS), Member(hub, Topic.ALERTS, Topic.SYSTEM)
    hub.publish(event(Topic.SYSTEM, b"s"))
    hub.publish(event(Topic.ALERTS, b"a"))
    await a_turn()
    assert b"".join(alerts.writes) == b"\x81\x01a"
    assert b"".join(both.writes) == b"\x81\x01s\x81\x01a"


async def test_an_event_is_made_a_frame_once_and_a_turn_is_one_write_a_member(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0

    def counting(event: Timed) -> bytes:
        nonlocal made
        made += 1
        return event.text

    monkeypatch.setattr(PLAIN, "event", counting)
    members = [Member(hub, Topic.ALERTS, *([Topic.SYSTEM] if number % 2 else [])) for number in range(100)]
    for number in range(10):
        hub.publish(event(Topic.ALERTS, b"%d" % number))
    await a_turn()
    assert made == 10
    assert {len(member.writes) for member in members} == {1}
    assert len({b"".join(member.writes) for member in members}) == 1


async def test_events_published_together_reach_everybody_in_their_order_and_each_is_a_frame_once(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []

    def counting(event: Timed) -> bytes:
        made.append(event.text)
        return event.text

    monkeypatch.setattr(PLAIN, "event", counting)
    alerts, system, both = Member(hub, Topic.ALERTS), Member(hub, Topic.SYSTEM), Member(hub, Topic.ALERTS, Topic.SYSTEM)
    hub.publish(event(Topic.ALERTS, b"0"))
    hub.publish_all(
        [event(Topic.ALERTS if number % 2 else Topic.SYSTEM, b"%d" % number) for number in range(1, 7)]
        + [event(Topic.PEER_NETWORK, b"-")]
    )
    await a_turn()
    assert [member.writes for member in (alerts, system, both)] == [[b"0135"], [b"246"], [b"0123456"]]
    assert made == [b"%d" % number for number in range(7)]
    assert hub.published == {Topic.ALERTS: 4, Topic.SYSTEM: 3, Topic.PEER_NETWORK: 1, Topic.FILE_OPERATIONS: 0}


async def test_an_event_nobody_wants_costs_no_frame(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PLAIN, "event", None)
    Member(hub, Topic.ALERTS)
    hub.publish(event(Topic.SYSTEM, b"s"))
    assert hub.published[Topic.SYSTEM] == 1


async def test_a_change_of_topics_takes_effect_exactly_between_events(hub: Hub) -> None:
    member = Member(hub, Topic.ALERTS)
    hub.publish(event(Topic.ALERTS, b"1"))
    hub.publish(event(Topic.SYSTEM, b"2"))
    hub.join(member.subscriber, frozenset({Topic.SYSTEM}))
    hub.publish(event(Topic.ALERTS, b"3"))
    hub.publish(event(Topic.SYSTEM, b"4"))
    await a_turn()
    assert b"".join(member.writes) == b"\x81\x011\x81\x014"


async def test_who_has_left_gets_nothing_more(hub: Hub) -> None:
    member = Member(hub, Topic.ALERTS)
    assert len(hub) == 1
    hub.leave(member.subscriber)
    hub.leave(member.subscriber)
    hub.publish(event(Topic.ALERTS, b"1"))
    await a_turn()
    assert member.writes == []
    assert len(hub) == 0


async def test_one_can_wait_for_a_subscriber_of_certain_topics(hub: Hub) -> None:
    anybody = asyncio.ensure_future(hub.subscriber())
    for_all = asyncio.ensure_future(hub.subscriber(frozenset(TOPICS)))
    member = Member(hub)
    await a_turn()
    assert not anybody.done()
    hub.join(member.subscriber, frozenset({Topic.ALERTS}))
    await anybody
    assert not for_all.done()
    hub.join(member.subscriber, frozenset(TOPICS))
    await for_all
    await hub.subscriber()  # there is one already


async def test_a_reading_client_that_is_half_behind_congests_for_as_long_as_it_takes_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    now, unsent = 100.0, 1_000
    monkeypatch.setattr(loop, "time", lambda: now, raising=False)
    hub = Hub(loop)
    bounds = SlowConsumer(max_messages=4_000)
    stalled = Subscriber(lambda data: stalled.pause(), PLAIN, bounds, lambda: None, lambda: unsent)
    hub.join(stalled, frozenset({Topic.ALERTS}))
    for _ in range(5_000):
        hub.publish(event(Topic.ALERTS, b"x" * 100))
        hub.flush()
    assert hub.congested()
    now += 0.9
    assert hub.congested()
    now += 0.2
    assert not hub.congested(), "a client that has taken nothing for a second holds up nobody"
    unsent = 900
    assert hub.congested(), "until it reads again"
    now += 1.1
    stalled.resume()
    assert stalled.paused, "it was given more, and as many bytes are left over as the last time"
    assert hub.congested(), "but it took some"
    monkeypatch.undo()


async def test_a_message_of_several_topics_goes_once_to_everybody_concerned(hub: Hub) -> None:
    alerts, both = Member(hub, Topic.ALERTS), Member(hub, Topic.ALERTS, Topic.SYSTEM)
    peers, system = Member(hub, Topic.PEER_NETWORK), Member(hub, Topic.SYSTEM)
    hub.publish(Verbatim(0, 0, "alerts system", "joined", b"j", ("alerts", "system")))
    await a_turn()
    assert [b"".join(member.writes) for member in (alerts, both, peers, system)] == [b"\x81\x01j"] * 2 + [
        b"",
        b"\x81\x01j",
    ]
    assert hub.published["alerts system"] == 1


async def test_events_are_counted_where_nobody_has_subscribed(hub: Hub) -> None:
    hub.publish_all([event(Topic.ALERTS, b"a"), event(Topic.SYSTEM, b"s"), event(Topic.ALERTS, b"a")])
    assert (hub.published["alerts"], hub.published["system"]) == (2, 1)
