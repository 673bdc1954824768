from pvws.limits import FAILURES_TOLD_MAX
from pvws.testing.judging.facts import Knocked, Pinged, Ponged, Stood
from tests.support.evidence import FAILED, HELD, at, comes, outcome, verdict


def test_a_process_that_stood_still_gives_that_time_to_whoever_was_waited_for() -> None:
    evidence = [*comes(0), at(100, Pinged), at(2_500, Stood, 0, since=500_000)]
    assert outcome("answers_pings, within: 1s", [*evidence, at(3_100, Ponged)], 9_000) == HELD
    assert outcome("answers_pings, within: 1s", [*evidence, at(3_101, Ponged)], 9_000) == FAILED
    early = [*comes(0), at(50, Stood, 0, since=10_000), at(100, Pinged)]
    assert outcome("answers_pings, within: 1s", [*early, at(1_101, Ponged)], 9_000) == FAILED


def test_what_was_overdue_before_this_process_stood_still_has_failed() -> None:
    evidence = [*comes(0), at(100, Pinged), at(2_500, Stood, 0, since=1_100_001), at(2_600, Ponged)]
    assert outcome("answers_pings, within: 1s", evidence, 9_000) == FAILED


def test_many_failures_are_counted_and_some_of_them_told() -> None:
    pings = [at(number, Pinged) for number in range(100)]
    found = verdict("answers_pings, within: 1s", [*comes(0), *pings], 9_000)
    assert (found.failed, len(found.failures)) == (100, FAILURES_TOLD_MAX)


def test_what_a_failure_began_with_stands_first_in_its_evidence_however_much_came_behind() -> None:
    knocks = [at(200 + number, Ponged, payload=b"x") for number in range(100)]
    (failure,) = verdict("answers_pings, within: 1s", [*comes(0), at(100, Pinged), *knocks], 9_000).failures
    assert failure.evidence[0] == "     0.100 s  [1] was sent a ping"
    assert len(failure.evidence) == 12


def test_how_much_time_is_left_is_said_of_what_is_not_decided() -> None:
    found = verdict("connects, within: 2s", [at(100, Knocked)], 500)
    assert found.why == "a client that connects within 2s of the start: there are 1.500 s left for that"
