import pytest

from pvws.testing.judging.verdict import Failure, Verdict, period, title
from pvws.testing.verdict import Outcome
from tests.support.evidence import expectation


@pytest.mark.parametrize(
    "said",
    [
        "connects",
        "connects, within: 20s, after: there, tolerance: 500ms",
        "subscribes, topics: [alerts, system]",
        "reconnects, within: 1m0s, backoff: {jitter: true, least: 100ms, most: 30s}",
        "reconnects, backoff: {grows: false}",
        "never_sends, more_than: 100/s, larger_than: 1024",
        "gives_up",
    ],
)
def test_an_expectation_is_told_as_a_script_says_it(said: str) -> None:
    assert title(expectation(said)) == said


def test_a_failure_is_told_with_whom_it_is_about_and_its_evidence() -> None:
    failure = Failure("dash", 3, 1_000, "a pong", "none", ("0.1 s  pinged",))
    assert str(failure) == "dash (connection 3): expected a pong; found none\n  0.1 s  pinged"


def test_a_verdict_says_how_many_failures_it_does_not_tell() -> None:
    failure = Failure("dash", 0, 1_000, "a pong", "none")
    verdict = Verdict(expectation("answers_pings"), Outcome.FAILED, "", 0, 3, (failure,))
    assert verdict.lines == ["failed: answers_pings", "  dash: expected a pong; found none", "  and 2 more"]


def test_what_was_not_judged_says_why() -> None:
    verdict = Verdict(expectation("answers_pings"), Outcome.NOT_JUDGED, "no ping was sent")
    assert verdict.lines == ["not judged: answers_pings (no ping was sent)"]


def test_times_are_told_in_the_units_of_scripts() -> None:
    assert [period(each) for each in (500_000, 10_000_000)] == ["500ms", "10s"]
