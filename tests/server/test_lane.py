"""A lane: what one client gets past its audience, in the bytes that its transport is given."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from pvws.scenario.faults.effect import Did, Trigger
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.scope import Scope
from pvws.scenario.faults.spec import read_fault
from pvws.server.encoder import Deflate, Encoder, Plain, Upstream
from pvws.server.hub import Hub
from pvws.server.lane import Lane
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.chance import Stream
from pvws.sim.source import Timed, Verbatim
from pvws.stage.errands import Errands
from pvws.wire.frames import Opcode, pong_frame
from pvws.wire.profiles import UPSTREAM

SECOND = 1_000_000
ALERTS = frozenset({"alerts"})
PLAIN = Plain()


class Story:
    """A hub, one member in a lane of it, and stage time that goes on when it is told to."""

    def __init__(self, bounds: SlowConsumer = SlowConsumer(), encoder: Encoder = PLAIN) -> None:  # noqa: B008
        self.hub = Hub(asyncio.get_running_loop())
        self.errands = Errands()
        self.now = 0
        self.writes: list[bytes] = []
        self.stuck = False
        self.overflows = 0
        self.counts = Counter[str]()
        self.member = Subscriber(self._write, encoder, bounds, self._overflow)
        self.hub.join(self.member, ALERTS)
        self._sequence = 0

    def _write(self, data: bytes) -> None:
        self.writes.append(data)
        if self.stuck:
            self.member.pause()

    def _overflow(self) -> None:
        self.overflows += 1
        self.hub.leave(self.member, keep=False)
        self.member.drop()

    def lane(self, *faults: str) -> Lane:
        lane = self.hub.lane(self.member, lambda: self.now, self.errands.put)
        for number, text in enumerate(faults):
            spec = read_fault(text)
            assert isinstance(spec.fault, MessageFault)
            lane.add(f"f{number}", spec, spec.fault.effect(Stream(0, f"{number}"), Did(self.counts)))
        return lane

    def publish(self, text: bytes, at: int | None = None, topic: str = "alerts") -> None:
        self._sequence += 1
        self.hub.publish(Timed(self.now if at is None else at, self._sequence, topic, "storage_alert", text))

    async def until(self, now: int) -> None:
        await asyncio.sleep(0)
        self.now = now
        self.errands.run(now)
        await asyncio.sleep(0)

    @property
    def got(self) -> bytes:
        return b"".join(self.writes)


def frame(text: bytes) -> bytes:
    return bytes((0x81, len(text))) + text


@pytest.fixture
async def story() -> Story:
    return Story()


async def test_through_a_lane_without_faults_goes_what_goes_through_an_audience_in_one_write_a_turn(
    story: Story,
) -> None:
    story.publish(b"before")
    story.lane()
    story.publish(b"a")
    story.publish(b"not for it", topic="system")
    story.publish(b"b")
    await asyncio.sleep(0)
    story.hub.restore(story.member)
    story.publish(b"after")
    await asyncio.sleep(0)
    assert story.writes == [frame(b"before"), frame(b"a") + frame(b"b"), frame(b"after")]
    assert story.member.lane is None


async def test_replies_and_control_frames_keep_their_place_behind_what_is_held(story: Story) -> None:
    story.lane("latency: 1s")
    story.publish(b"event")
    story.member.reply(b"reply", Opcode.TEXT, "pong")
    story.member.send(pong_frame(b"control"))
    await story.until(SECOND - 1)
    assert story.writes == []
    await story.until(SECOND)
    assert story.writes == [frame(b"event") + frame(b"reply") + pong_frame(b"control")]


async def test_what_is_held_leaves_when_the_lane_ends_and_before_anything_else(story: Story) -> None:
    story.lane("latency: 1h")
    story.publish(b"held")
    story.hub.restore(story.member)
    story.publish(b"next")
    await story.until(2 * 3_600 * SECOND)
    assert story.got == frame(b"held") + frame(b"next")
    assert story.errands.peek() is None, "nothing of it is left"


async def test_topics_can_change_in_a_lane_and_welcome_events_go_through_it(story: Story) -> None:
    story.lane("latency: 1s")
    assert story.member.topics == ALERTS
    story.hub.join(story.member, frozenset({"system"}))
    story.member.tell(Timed(0, 0, "system", "system_metrics", b"welcome"))
    story.publish(b"no more")
    story.publish(b"yes", topic="system")
    assert story.member.topics == {"system"}
    await story.until(SECOND)
    assert story.got == frame(b"welcome") + frame(b"yes")
    story.hub.restore(story.member)
    assert story.member.audience is not None
    assert story.member.audience.topics == {"system"}


async def test_a_backlog_that_was_there_before_goes_first(story: Story) -> None:
    story.stuck = True
    story.publish(b"1")
    await asyncio.sleep(0)
    story.publish(b"2")
    story.lane("latency: 1s")
    story.publish(b"3")
    await story.until(SECOND)
    story.stuck = False
    story.member.resume()
    assert story.got == frame(b"1") + frame(b"2") + frame(b"3")


async def test_the_hub_knows_who_is_in_a_lane_and_whom_faults_hold(story: Story) -> None:
    story.lane("latency: 1s")
    assert len(story.hub) == 1
    assert list(story.hub.members()) == [story.member]
    assert story.hub.late() == []
    story.publish(b"held")
    await asyncio.sleep(0)
    assert story.hub.late() == [story.member]
    assert story.member.held_back
    assert story.member.holders == ("f0",)
    assert story.member.waiting() == (1, 4)
    assert not story.hub.congested(), "nobody waits for a fault at speed max"
    story.hub.leave(story.member)
    assert len(story.hub) == 0


async def test_who_waits_for_a_subscriber_finds_one_in_a_lane(story: Story) -> None:
    story.lane()
    await story.hub.subscriber(ALERTS)
    story.hub.leave(story.member)
    lane = story.hub.lane(story.member, lambda: 0, story.errands.put)
    assert lane.topics is None
    waiting = asyncio.ensure_future(story.hub.subscriber(ALERTS))
    await asyncio.sleep(0)
    story.hub.join(story.member, ALERTS)
    await waiting


async def test_the_ledger_owes_writes_and_loses_what_goes_past_faults(story: Story) -> None:
    story.lane("drop: 100%, nth: 2", "latency: 1s")
    for text in (b"1", b"2", b"3"):
        story.publish(text)
    await asyncio.sleep(0)
    figures = story.hub.delivery.stage()
    assert (figures.owed, figures.written, figures.lost, figures.pending) == (3, 0, 1, 2)
    await story.until(SECOND)
    (client,) = story.hub.delivery.clients()
    assert (client.written, client.pending, client.lost) == (2, 0, 1)
    assert story.counts == {"dropped": 1, "delayed": 2}


async def test_what_waits_behind_faults_for_a_slow_transport_is_pending_until_it_is_taken_or_dropped() -> None:
    story = Story()
    story.lane("latency: 1s")
    story.stuck = True
    for text in (b"1", b"2"):
        story.publish(text)
    await story.until(SECOND)
    story.publish(b"3")
    await story.until(2 * SECOND)
    figures = story.hub.delivery.stage()
    assert (figures.owed, figures.written, figures.pending) == (3, 2, 1)
    story.hub.leave(story.member)
    story.member.drop()
    figures = story.hub.delivery.stage()
    assert (figures.written, figures.lost, figures.pending) == (2, 1, 0)


@pytest.mark.parametrize("messages", [3, 5])
async def test_what_faults_hold_counts_towards_the_bounds_of_the_backlog(messages: int) -> None:
    story = Story(SlowConsumer(max_messages=4))
    story.lane("latency: 1h")
    for number in range(messages):
        story.publish(b"%d" % number)
    await asyncio.sleep(0)
    assert story.overflows == (messages > 4)
    if messages > 4:
        figures = story.hub.delivery.stage()
        assert (figures.owed, figures.lost) == (5, 5)
        assert story.got == b""


async def test_with_drop_oldest_the_oldest_that_is_held_is_lost() -> None:
    story = Story(SlowConsumer("drop_oldest", max_messages=2))
    story.lane("latency: 1s")
    for number in range(5):
        story.publish(b"%d" % number)
    await story.until(SECOND)
    assert story.got == frame(b"3") + frame(b"4")
    assert story.member.dropped == 3
    assert story.hub.delivery.stage().lost == 3


async def test_by_size_as_well() -> None:
    story = Story(SlowConsumer("drop_oldest", max_bytes=100))
    story.lane("latency: 1s")
    for number in range(4):
        story.publish(b"%d" % number * 40)
    await story.until(SECOND)
    assert story.got == frame(b"2" * 40) + frame(b"3" * 40)


async def test_a_message_that_goes_as_it_stands_keeps_its_frames(story: Story) -> None:
    story.lane()
    story.hub.publish(Verbatim(0, 0, "alerts system", "raw", b"abcd", ("alerts", "system"), fragments=(1, 3)))
    story.hub.publish(Verbatim(0, 1, "alerts", "raw", b"\x00\xff", ("alerts",), binary=True))
    await asyncio.sleep(0)
    assert story.got == b"\x01\x01a\x80\x03bcd" + b"\x82\x02\x00\xff"


async def test_an_event_is_compressed_in_a_lane_as_it_is_without_one() -> None:
    text = b"x" * 300
    encoder = Deflate(15, 256)
    story = Story(encoder=encoder)
    story.publish(text)
    await asyncio.sleep(0)
    story.lane()
    story.publish(text)
    await asyncio.sleep(0)
    assert story.writes[0] == story.writes[1]


async def test_something_can_be_done_behind_the_message_that_is_on_its_way_and_before_the_next(story: Story) -> None:
    lane = story.lane()
    done: list[Callable[[], None]] = []
    lane.afterwards(lambda: story.hub.leave(story.member))
    story.publish(b"1")
    story.publish(b"2")
    await asyncio.sleep(0)
    assert story.got == frame(b"1")
    assert not done


async def test_when_time_is_set_back_what_is_held_leaves_at_once(story: Story) -> None:
    lane = story.lane("latency: 1s")
    await story.until(50 * SECOND)
    story.publish(b"held")
    await asyncio.sleep(0)
    lane.set_back()
    story.now = 0
    story.publish(b"anew")
    await story.until(SECOND)
    assert story.got == frame(b"held") + frame(b"anew")


@pytest.mark.parametrize(
    "encoder", [Plain(), Deflate(15, 16), Upstream(UPSTREAM)], ids=["plain", "deflate", "upstream"]
)
async def test_what_no_fault_touches_is_a_frame_made_once_for_all_under_faults_and_none(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Counter[str]()

    def counted(name: str) -> None:
        make = getattr(encoder, name)

        def counting(*arguments: object) -> bytes:
            made[name] += 1
            return make(*arguments)  # type: ignore[no-any-return]

        monkeypatch.setattr(encoder, name, counting)

    stories = [Story(encoder=encoder) for _ in range(4)]
    hub = stories[0].hub
    for story in stories[1:]:
        story.hub.leave(story.member)
        story.hub = hub
        hub.join(story.member, ALERTS)
    for story in stories[2:]:
        story.lane("duplicate: 10%, topics: [alerts]")
    counted("event")
    counted("message")
    hub.publish_all([Timed(0, number, "alerts", "storage_alert", b'{"type":"x%d"}' % number) for number in range(100)])
    await asyncio.sleep(0)
    doubled = stories[2].counts["duplicated"]
    assert doubled == stories[3].counts["duplicated"] > 0
    assert made["event"] == 100
    assert made["message"] == 4 * doubled, "of those that are doubled, in both lanes, each twice"
    assert stories[0].got == stories[1].got != stories[2].got == stories[3].got


async def test_of_what_is_published_together_each_lane_gets_its_topics_in_their_order() -> None:
    one, other, acting = Story(), Story(), Story()
    for story, topics in ((other, {"alerts", "system"}), (acting, {"system"})):
        story.hub.leave(story.member)
        story.hub = one.hub
        story.hub.join(story.member, frozenset(topics))
    one.lane("drop: 100%, nth: 2")
    other.lane()
    lane = acting.lane()
    done: list[str] = []
    lane.add("act", Scope(nth=2), Trigger(Did(), lambda: lane.afterwards(lambda: done.append(acting.got.decode()))))
    one.hub.publish_all(
        [
            Timed(0, 0, "alerts", "storage_alert", b"0"),
            Timed(0, 1, "system", "system_metrics", b"1"),
            Verbatim(0, 2, "alerts system", "raw", b"2", ("alerts", "system")),
            Timed(0, 3, "peer_network", "peer_joined", b"3"),
            Timed(0, 4, "alerts", "storage_alert", b"4"),
        ]
    )
    assert done == [""], "behind the second, which is still to be written"
    await asyncio.sleep(0)
    assert one.got == frame(b"0") + frame(b"4"), "its second was lost"
    assert other.got == frame(b"0") + frame(b"1") + frame(b"2") + frame(b"4")
    assert acting.got == frame(b"1") + frame(b"2")
    figures = one.hub.delivery.stage()
    assert (figures.owed, figures.written, figures.lost) == (9, 8, 1)
