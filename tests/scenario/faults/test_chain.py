from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from pvws.scenario.faults.chain import Chain
from pvws.scenario.faults.effect import Did, Queue, Trigger
from pvws.scenario.faults.message import Message
from pvws.scenario.faults.scope import Scope
from pvws.sim.chance import Stream
from pvws.sim.source import Timed, Verbatim
from tests.scenario.faults.conftest import Passage

Made: TypeAlias = Callable[..., Passage]


def test_without_a_fault_everything_passes(passage: Made) -> None:
    story = passage()
    story.take(1, "a")
    story.reply(2, "b")
    assert story.left == [(1, "a"), (2, "b")]
    assert story.chain.due() is None
    assert story.chain.waiting() == (0, 0)


def test_what_leaves_one_fault_comes_to_the_next_at_that_instant(passage: Made) -> None:
    story = passage("latency: 100ms", "latency: 50ms")
    story.take(0, "a")
    assert story.chain.holders() == ("f1",)
    story.wait(120)
    assert story.chain.holders() == ("f2",)
    assert story.chain.waiting() == (1, 1)
    story.wait(1_000)
    assert story.left == [(150, "a")]


def test_when_something_is_released_late_the_next_fault_sees_when_it_was_due(passage: Made) -> None:
    story = passage("latency: 100ms", "latency: 50ms")
    story.take(0, "a")
    late = story.chain.release(120_000)  # nobody has asked meanwhile
    assert late == []
    assert story.chain.due() == 150_000, "not 170,000"


def test_a_message_that_a_fault_is_not_about_overtakes_those_that_it_holds(passage: Made) -> None:
    story = passage("latency: 1s, topics: [alerts]")
    story.take(0, "held")
    story.take(1, "passes", topic="system", type="system_metrics")
    story.control(2, "pong")
    assert story.texts == ["passes", "pong"]


def test_control_frames_are_late_like_all_else_where_no_messages_are_selected(passage: Made) -> None:
    story = passage("latency: 1s", "drop: 100%")
    story.take(0, "event")
    story.control(1, "pong")
    story.wait(5_000)
    assert story.left == [(1_001, "pong")], "none is dropped"


def test_a_fault_that_ends_gives_what_it_holds_to_those_behind_it(passage: Made) -> None:
    story = passage("latency: 1s", "drop: 100%")
    story.take(0, "a")
    assert story.chain.remove("f1", 10_000) == []
    assert story.chain.lost == 1
    story.take(20, "b")
    assert story.chain.remove("f2", 30_000) == []
    story.take(30, "c")
    assert story.texts == ["c"]
    assert story.chain.lost == 2, "also of faults that have ended"
    assert story.chain.names == ()


def test_a_flush_empties_every_fault_in_order(passage: Made) -> None:
    story = passage("latency: 2s", "latency: 1s")
    story.take(0, "a")
    story.wait(2_000)
    story.take(2_000, "b")
    story.end(2_500)
    assert story.texts == ["a", "b"]
    assert story.chain.waiting() == (0, 0)


def test_the_oldest_is_forgotten_first(passage: Made) -> None:
    story = passage("latency: 1s", "latency: 5s")
    story.take(0, "a")
    story.wait(1_000)
    story.take(1_100, "b")
    forgotten = [story.chain.forget(), story.chain.forget(), story.chain.forget()]
    assert [each and each.text for each in forgotten] == [b"a", b"b", None]
    assert story.chain.lost == 2


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40)), max_size=30),
    st.lists(st.integers(0, 2_000), max_size=20),
)
def test_whenever_it_is_asked_what_leaves_is_the_same(messages: list[tuple[int, int]], asked: list[int]) -> None:
    """Each message comes some time after the last and is held for some time; questions between change nothing."""

    def played(questions: list[int]) -> tuple[list[bytes], int]:
        chain, queues = Chain(), [_Held(Did(Counter())), _Held(Did(Counter()))]
        for number, queue in enumerate(queues):
            chain.add(f"{number}", Scope(), queue)
        now, left, lengths = 0, list[bytes](), 0
        for gap, held in messages:
            for question in sorted(questions):
                if now <= question < now + gap:
                    left += [each.text for each in chain.release(question)]
            now += gap
            left += [each.text for each in chain.take(Message(b"%d" % held, events=1), now)]
            lengths += 1
        left += [each.text for each in chain.release(now + 1_000)]
        return left, lengths

    assert played(asked) == played([])
    assert len(played([])[0]) == len(messages), "nothing is lost, nothing doubled"


_WHICH = st.sampled_from(
    [
        "",
        "topics: [alerts]",
        "types: [storage_alert]",
        "topics: [system, alerts]",
        "nth: 2",
        "nth: 3, count: 4",
        "count: 5",
    ]
)
_FAULTS = st.sampled_from(
    [
        "drop: 30%",
        "duplicate: {share: 40%, copies: 2}",
        "corrupt: {how: any, share: 50%}",
        "empty: 20%",
        "reorder: 2",
        "join: 2",
        "latency: {uniform: {from: 0ms, to: 3ms}}",
        "fragment: 3",
    ]
)


@given(st.lists(st.tuples(_FAULTS, _WHICH), min_size=1, max_size=3), st.integers(0, 1_000_000))
def test_events_that_come_together_are_touched_as_if_each_came_by_itself(
    faults: list[tuple[str, str]], seed: int
) -> None:
    texts = [f"{fault}, {which}" if which else fault for fault, which in faults]
    together, alone, chance = Passage(*texts), Passage(*texts), Stream(seed, "events")
    left, one_by_one, number, now, since = list[Message](), list[Message](), 0, 0, 0
    for _ in range(12):
        share = list[Timed]()
        for _ in range(chance.between(1, 12)):
            now, number = now + chance.choice((0, 0, 300, 2_000)), number + 1
            share.append(_event(now, number, chance))
        taken = together.chain.take_events(share, _told, since)
        left += [_told(share[each]) if isinstance(each, int) else each for each in taken]
        for event in share:
            one_by_one += alone.chain.take(_told(event), event.at)
        since = now
        assert left == one_by_one
        assert together.chain.waiting() == alone.chain.waiting()
        assert together.chain.due() == alone.chain.due()
        assert together.chain.lost == alone.chain.lost
    assert together.counts == alone.counts
    assert together.chain.flush(now) == alone.chain.flush(now)


def test_of_an_event_that_no_fault_touches_nothing_is_made(passage: Made) -> None:
    events = [Timed(number, number, "alerts", "storage_alert", b"%d" % number) for number in range(1_000)]
    for faults in (["duplicate: 10%"], ["duplicate: 10%, topics: [alerts]"], ["drop: 5%", "duplicate: 5%"]):
        story, made = passage(*faults), list[Timed]()

        def told(event: Timed, made: list[Timed] = made) -> Message:
            made.append(event)
            return _told(event)

        story.chain.take_events(events, told, 0)
        assert 70 < len(made) < 130
        assert len(made) == story.counts.total(), "only of those that one of them touches"
    for faults in (
        [],
        ["latency: 1s, topics: [system]"],
        ["drop: 100%, types: [file_uploaded]", "drop: 100%, nth: 1001"],
    ):
        assert passage(*faults).chain.take_events(events, _told, 0) == list(range(1_000))


def test_no_event_comes_before_the_time_it_is(passage: Made) -> None:
    story = passage("latency: 1s")
    assert story.chain.take_events([Timed(1, 0, "alerts", "storage_alert", b"late")], _told, 500) == []
    assert story.chain.due() == 1_000_500


def test_a_chain_acts_while_something_may_be_done_behind_a_message(passage: Made) -> None:
    story = passage("drop: 1%")
    assert not story.chain.acts
    story.chain.add("act", Scope(), Trigger(Did(), lambda: None))
    assert story.chain.acts
    story.chain.remove("act", 0)
    assert not story.chain.acts


def _event(at: int, number: int, chance: Stream) -> Timed:
    topics = chance.choice((("alerts",), ("system",), ("peer_network",), ("alerts", "system")))
    kind = chance.choice(("storage_alert", "system_metrics"))
    text = b'{"type":"%s","number":%d}' % (kind.encode(), number)
    if len(topics) > 1:
        return Verbatim(at, number, " ".join(topics), kind, text, topics)
    return Timed(at, number, topics[0], kind, text)


def _told(event: Timed) -> Message:
    topics = event.topics if isinstance(event, Verbatim) else (event.topic,)
    return Message(event.text, topics=topics, type=event.type, events=1, verbatim=isinstance(event, Verbatim))


class _Held(Queue):
    """Holds each message for as many microseconds as its text says, in order."""

    def take(self, message: Message, now: int) -> tuple[Message, ...]:
        self.hold(message, now + int(message.text))
        return ()
