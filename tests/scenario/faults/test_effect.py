from collections import Counter
from collections.abc import Sequence

from pvws.scenario.faults.effect import Did, Effect, Queue, Sometimes, Trigger
from pvws.scenario.faults.message import Message
from pvws.sim.chance import Stream


def test_what_was_done_is_counted_wherever_that_is_to_be_known() -> None:
    here, there = Counter[str](), Counter[str]()
    did = Did(here, there)
    did("dropped")
    did("dropped", 2)
    assert here == there == {"dropped": 3}


def test_an_effect_as_such_lets_everything_pass() -> None:
    effect, message = Effect(Did()), Message(b"x")
    assert effect.take(message, 0) == (message,)
    assert (effect.due(), effect.release(0), effect.flush(), effect.forget()) == (None, (), (), None)


def test_a_queue_keeps_messages_in_order_and_knows_how_much_it_holds() -> None:
    queue = Queue(Did())
    for until, text in ((5, b"a"), (3, b"bb"), (9, b"ccc")):
        queue.hold(Message(text), until)
    assert queue.due() == 5
    assert (queue.messages_held, queue.bytes_held) == (3, 6)
    assert [each.text for each in queue.release(5)] == [b"a", b"bb"], "the second does not overtake the first"
    assert (queue.messages_held, queue.bytes_held) == (1, 3)
    assert [each.text for each in queue.flush()] == [b"ccc"]
    assert (queue.messages_held, queue.bytes_held) == (0, 0)
    assert queue.due() is None


def test_a_queue_forgets_the_oldest() -> None:
    queue = Queue(Did())
    queue.hold(Message(b"a"), 1)
    queue.hold(Message(b"b"), 1)
    oldest = queue.forget()
    assert oldest is not None
    assert oldest.text == b"a"
    assert queue.messages_held == 1


def test_a_trigger_has_something_done_and_lets_the_message_pass() -> None:
    done = list[str]()
    trigger, message = Trigger(Did(), lambda: done.append("done")), Message(b"x")
    assert trigger.take(message, 0) == (message,)
    assert done == ["done"]


def test_what_chance_spares_need_not_come_and_draws_the_same_numbers() -> None:
    class Marking(Sometimes):
        def change(self, message: Message) -> Sequence[Message]:
            return (Message(message.text + b"!"),)

    one_by_one, at_once = (Marking(0.25, Stream(0, "marks"), Did()) for _ in range(2))
    messages = [Message(b"%d" % number) for number in range(100)]
    expected = [left for message in messages for left in one_by_one.take(message, 0)]
    left = list[Message]()
    while len(left) < len(messages):
        spared = at_once.spare(min(7, len(messages) - len(left)))
        left += messages[len(left) : len(left) + spared]
        if spared < 7 and len(left) < len(messages):
            left += at_once.touch(messages[len(left)], 0)
    assert left == expected
    assert at_once.chance.random() == one_by_one.chance.random()


def test_an_effect_that_knows_nothing_of_that_spares_nothing() -> None:
    message = Message(b"x")
    assert Effect(Did()).spare(5) == 0
    assert Effect(Did()).touch(message, 0) == (message,)
