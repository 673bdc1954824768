import json

import pytest

from pvws.scenario.expectations import GoesOn
from pvws.sim.source import Cue, Verbatim
from pvws.testing.exam.case import Case
from pvws.testing.exam.resilience import CASES
from pvws.wire.topics import TOPICS
from tests.support.playing import START, director_of, rest

BEFALLS = [case for case in CASES if any(isinstance(each, GoesOn) for each in case.scenario().expect)]


def sent(case: Case) -> dict[str, list[Verbatim]]:
    """What is sent to who has subscribed to each topic, before things are as ever again."""
    given = rest(director_of(case.scenario()), START + 250_000)
    texts = [each for each in given if isinstance(each, Verbatim)]
    return {topic: [each for each in texts if topic in each.topics] for topic in TOPICS}


@pytest.mark.parametrize("case", BEFALLS, ids=lambda case: case.id)
def test_whatever_a_client_has_subscribed_to_something_befalls_it(case: Case) -> None:
    assert all(sent(case).values())
    assert case.configuration().timeouts.ping_period == 500_000


def of(name: str) -> list[str]:
    (case,) = [case for case in CASES if case.id == f"resilience.{name}"]
    return [each.text.decode() for each in sent(case)["alerts"]]


def test_what_is_to_be_broken_is_broken_and_what_is_not_is_not() -> None:
    for text in of("invalid-json"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
    assert not any(isinstance(json.loads(text), dict) for text in of("no-object"))
    (joined,) = of("joined-messages")
    assert [json.loads(line)["type"] for line in joined.split("\n")] == ["performance_alert"] * 3
    names = ("unknown-type", "unknown-topic", "unknown-field", "missing-field", "wrong-type", "time-formats", "unicode")
    for name in (*names, "fragmented-message", "large-message", "unknown-error", "disordered"):
        assert all(isinstance(json.loads(text), dict) for text in of(name)), name


def test_a_fragmented_event_has_an_empty_frame_and_frames_that_make_it_up() -> None:
    (case,) = [case for case in CASES if case.id == "resilience.fragmented-message"]
    (event,) = sent(case)["system"]
    assert sum(event.fragments) == len(event.text)
    assert 0 in event.fragments


def test_messages_that_faults_make_are_under_a_fault() -> None:
    for name in ("empty-message", "large-message"):
        (case,) = [case for case in CASES if case.id == f"resilience.{name}"]
        cues = [each for each in rest(director_of(case.scenario()), START + 250_000) if isinstance(each, Cue)]
        assert "fault" in [cue.kind for cue in cues]
