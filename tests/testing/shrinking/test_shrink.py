"""What counts as failing when something is shrunk: each time, as it did at first."""

from collections.abc import Iterable

import pytest

from pvws.errors import InputError
from pvws.scenario.expectations import Connects, Reconnects, Subscribes
from pvws.testing.judging.verdict import Verdict
from pvws.testing.shrinking.shrink import Failing, judgeable
from pvws.testing.trial.command import Exit
from pvws.testing.trial.result import Result, Timings
from pvws.testing.verdict import Outcome


def run(code: int, *outcomes: Outcome, attempts: int = 1) -> Result:
    kinds = (Connects(), Reconnects(), Subscribes())
    verdicts = tuple(Verdict(kind, outcome) for kind, outcome in zip(kinds, outcomes, strict=False))
    return Result(ending="exited", exit=Exit(code), verdicts=verdicts, timings=Timings(), attempts=attempts)


class Runs:
    """What the runs of each candidate come to, one behind the other."""

    def __init__(self, **codes: Iterable[int]) -> None:
        self._codes = {name: iter(each) for name, each in codes.items()}
        self.count = 0

    async def __call__(self, candidate: str) -> Result:
        self.count += 1
        return run(next(self._codes[candidate]))


async def test_a_candidate_counts_if_it_fails_each_time_as_the_input_did() -> None:
    runs = Runs(whole=[1, 2, 1], same=[2, 1, 2], other=[3], less=[1, 0])
    failing = Failing(runs, str, repeat=3)
    first = await failing.begin("whole")
    assert first.fails
    assert first.ways == ("the command exited with 1", "the command exited with 2")
    assert [await failing.fails(each) for each in ("same", "other", "less")] == [True, False, False]
    assert failing.runs == 3 + 1 + 2
    kept = failing.result("same")
    assert kept is not None
    assert kept.exit == Exit(2)
    assert failing.result("other") is None


async def test_any_failure_counts_where_that_is_wished() -> None:
    failing = Failing(Runs(whole=[1], other=[3]), str, repeat=1, any_way=True)
    await failing.begin("whole")
    assert await failing.fails("other")


async def test_an_input_that_does_not_fail_each_time_is_known() -> None:
    failing = Failing(Runs(at_times=[1, 0], never=[0]), str, repeat=3)
    at_times = await failing.begin("at_times")
    assert (at_times.fails, at_times.failed, len(at_times.results)) == (False, 1, 2)
    never = await Failing(Runs(never=[0]), str, repeat=3).begin("never")
    assert (never.fails, never.failed, never.ways) == (False, 0, ())


async def test_a_command_that_is_no_client_is_told() -> None:
    async def nobody(candidate: str) -> Result:
        return run(0, attempts=0)

    with pytest.raises(InputError, match="COMMAND"):
        await Failing(nobody, str).begin("whole")


def test_what_a_short_run_could_not_judge_is_not_expected_of_it() -> None:
    text = "scenario: x\nexpect:\n  - {client: connects}\n  - {client: reconnects}\n  - {client: subscribes}\n"
    held, failed, not_judged = Outcome.HELD, Outcome.FAILED, Outcome.NOT_JUDGED
    assert judgeable(text, run(1, held, not_judged, failed)) == text.replace("  - {client: reconnects}\n", "")
    assert judgeable(text, run(1, not_judged, not_judged, not_judged)) == "scenario: x\n"
