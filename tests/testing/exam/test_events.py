import json

import msgspec
import pytest

from pvws.sim.source import Cue, Timed, Verbatim
from pvws.testing.exam.events import SAMPLES, befalls, binary, every_type, raw, stream, told
from pvws.wire.events import EVENT_TYPES
from pvws.wire.topics import TOPICS
from tests.support.playing import START, director_of, rest

MS = 1_000


def played(steps: str) -> list[tuple[int, object]]:
    """What comes of some steps, with their times in milliseconds."""
    given = rest(director_of(f"duration: 9s\nnetwork: {{peers: 0}}\ntimeline:\n{steps}"))
    return [((each.at - START) // MS, each) for each in given]


def test_there_is_a_documented_event_of_each_topic() -> None:
    assert list(SAMPLES) == list(TOPICS)
    for topic, event in SAMPLES.items():
        assert EVENT_TYPES[event["type"]].topic == topic
        fields = msgspec.structs.fields(EVENT_TYPES[event["type"]])
        assert set(event["data"]) == {field.encode_name for field in fields}


def test_subscribers_of_each_topic_are_told_something() -> None:
    given = played(told("200ms", lambda event: event | {"type": "x"}))
    assert [at for at, _ in given] == [200] * 4
    texts = [each for _, each in given if isinstance(each, Verbatim)]
    assert [tuple(each.topics) for each in texts] == [(topic,) for topic in TOPICS]
    assert {json.loads(each.text)["type"] for each in texts} == {"x"}


@pytest.mark.parametrize("text", ["{'a': \"b\"}", "a\nb", "\\u0000", "ä 🚀", "#: [", "{" * 99])
def test_a_text_is_sent_as_it_stands(text: str) -> None:
    ((_, event),) = played(raw("1s", text))
    assert isinstance(event, Verbatim)
    assert event.text.decode() == text
    assert set(event.topics) == set(TOPICS)


def test_bytes_are_sent_as_they_are() -> None:
    ((_, event),) = played(binary("1s", bytes(range(256)), "alerts"))
    assert isinstance(event, Verbatim)
    assert (event.text, event.binary, tuple(event.topics)) == (bytes(range(256)), True, ("alerts",))


def test_every_type_is_sent() -> None:
    assert [each.type for _, each in played(every_type("1s")) if isinstance(each, Timed)] == list(EVENT_TYPES)


def test_a_stream_has_so_many_events_of_each_topic() -> None:
    events = [(at, each.topic) for at, each in played(stream("200ms", "10ms", 3)) if isinstance(each, Timed)]
    assert sorted({at for at, _ in events}) == [200, 210, 220]
    assert len(events) == 12
    assert {topic for _, topic in events} == set(TOPICS)


def test_behind_what_befalls_a_client_come_an_event_and_the_end() -> None:
    given = rest(director_of("network: {peers: 0}\n" + befalls(raw("200ms", "x"))))
    marks = [(each.name, (each.at - START) // MS) for each in given if isinstance(each, Cue) and each.kind == "mark"]
    assert marks == [("the message", 200), ("the end", 1_800)]
    assert [(each.at - START) // MS for each in given if isinstance(each, Timed)] == [200, *[300] * 4]
