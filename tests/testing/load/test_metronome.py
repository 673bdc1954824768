from pvws.sim.source import ClientInput, Timed
from pvws.testing.load.metronome import FIRST_DUE_MICROS, Metronome
from pvws.wire.codec import decode_server_message
from pvws.wire.topics import Topic

TOPIC = Topic.FILE_OPERATIONS


def test_events_are_due_at_even_intervals_a_tenth_of_a_second_from_the_beginning_on() -> None:
    metronome = Metronome(TOPIC, 1_000.0)
    assert metronome.peek() == FIRST_DUE_MICROS
    given = metronome.take(FIRST_DUE_MICROS + 2_500, 100)
    assert [event.at - FIRST_DUE_MICROS for event in given] == [0, 1_000, 2_000]
    assert metronome.peek() == FIRST_DUE_MICROS + 3_000


def test_no_more_are_given_than_there_are_and_than_are_wanted_at_once() -> None:
    metronome = Metronome(TOPIC, None, events=5, at_once=2)
    assert metronome.peek() == 0
    assert [len(metronome.take(None, limit)) for limit in (1, 100, 100, 100)] == [1, 2, 2, 0]
    assert metronome.peek() is None


def test_each_is_a_documented_event_with_its_number_in_its_key() -> None:
    (event,) = Metronome(TOPIC, None, events=1).take(None, 1)
    assert isinstance(event, Timed)
    message = decode_server_message(event.text)
    assert (event.topic, event.type, event.sequence) == (TOPIC, "file_uploaded", 0)
    assert message.data.key == "0" * 64  # type: ignore[union-attr]
    assert 250 < len(event.text) < 350


def test_nothing_that_clients_do_changes_it() -> None:
    metronome = Metronome(TOPIC, None, events=1)
    metronome.tell(ClientInput(0, 1, "connects"))
    assert metronome.peek() == 0
