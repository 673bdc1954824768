from pvws.scenario.timeline.actions import word_of
from pvws.testing.exam.reconnect import CASES


def test_in_every_case_a_connection_is_lost_or_refused() -> None:
    for case in CASES:
        words = [word_of(step.action) for step in case.scenario().timeline]
        assert {"disconnect", "fault"} & set(words), case.id


def test_where_chance_decides_two_are_compared_and_a_failure_has_to_come_twice() -> None:
    assert [case.id for case in CASES if case.by_chance] == ["reconnect.backoff", "reconnect.jitter"]
    (case,) = [case for case in CASES if case.copies > 1]
    assert (case.id, case.copies, len(case.rules), case.alone) == ("reconnect.jitter", 2, 1, True)
