import pytest

from pvws.testing.judging.verdict import Verdict
from pvws.testing.trial.command import Exit
from pvws.testing.trial.result import Ending, Result, Timings
from pvws.testing.verdict import Outcome
from tests.support.evidence import expectation

CONNECTS = expectation("connects")


def result(ending: Ending, code: int, *outcomes: Outcome) -> Result:
    verdicts = tuple(Verdict(CONNECTS, outcome) for outcome in outcomes)
    return Result(ending=ending, exit=Exit(code), verdicts=verdicts, timings=Timings())


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (result("exited", 0), True),
        (result("exited", 0, Outcome.HELD), True),
        (result("exited", 1, Outcome.HELD), False),
        (result("exited", 0, Outcome.HELD, Outcome.FAILED), False),
        (result("exited", 0, Outcome.NOT_JUDGED), False),
        (result("timed out", 0, Outcome.HELD), False),
        (result("stopped", 0, Outcome.HELD), False),
        (result("enough", 143, Outcome.HELD), True),
        (result("enough", 0, Outcome.NOT_JUDGED), False),
    ],
)
def test_what_passes(found: Result, passed: bool) -> None:
    assert found.passed is passed


def test_what_could_not_be_judged_has_neither_held_nor_failed() -> None:
    found = result("exited", 0, Outcome.NOT_JUDGED)
    assert not found.held
    assert not found.failed
