from pvws.testing.exam.contract import CASES
from pvws.wire.events import EVENT_TYPES
from tests.support.playing import director_of, events

BY_ID = {case.id: case for case in CASES}


def test_limits_are_those_of_the_documentation() -> None:
    expected = [str(each) for name in ("rate", "size") for each in BY_ID[f"contract.message-{name}"].scenario().expect]
    assert "more_than=100.0" in expected[0]
    assert "larger_than=1048576" in expected[1]


def test_every_type_of_event_is_played() -> None:
    played = events(director_of(BY_ID["contract.every-event"].scenario()))
    assert {event.type for event in played} >= EVENT_TYPES.keys()


def test_what_a_client_does_at_the_end_counts_in_one_case_and_its_exit_code_in_another() -> None:
    assert [case.id for case in CASES if case.judges_end] == ["contract.closes-on-sigterm"]
    assert [case.id for case in CASES if case.rules] == ["contract.ends-on-sigterm"]
