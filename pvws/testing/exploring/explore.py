"""Tries one seed after the other until a client fails, again and again, in the run that it gives."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from pvws.scenario.loader import load
from pvws.testing.exploring.variation import Exploring, Variation
from pvws.testing.shrinking.ddmin import first_failing
from pvws.testing.subject import Subject, came, not_judged, ways
from pvws.testing.trial.result import Result

__all__ = ["Explored", "Explorer", "Failure"]


class Failure(Struct, frozen=True):
    """A seed with which a client has failed, `failed` times in so many runs; `ways` are those of the first, whose
    `result` this is.
    """

    variation: Variation
    result: Result
    ways: tuple[str, ...]
    failed: int
    runs: int

    @property
    def repeats(self) -> bool:
        """Whether it failed each time."""
        return self.failed == self.runs


class Explored(Struct, frozen=True):
    """What came of it: how many seeds were tried, the first one with which it fails each time, if any, and those with
    which it failed some times. `not_judged` are expectations that no run could judge.
    """

    tried: int
    found: Failure | None
    at_times: tuple[Failure, ...]
    not_judged: tuple[str, ...]


class Explorer:
    """Tries seeds, in their order and so many at once, until with one the client fails in each of `repeat` runs.

    A seed with which it does not fail at first is not tried again. `told` hears of each run, and in which ways it has
    failed. What comes of it is the same however many are tried at once.
    """

    def __init__(
        self,
        exploring: Exploring,
        seeds: Sequence[int],
        subject: Subject,
        *,
        repeat: int = 3,
        at_once: int = 1,
        told: Callable[[int, frozenset[str]], object] = lambda seed, failed: None,
    ) -> None:
        self._exploring = exploring
        self._seeds = seeds
        self._subject = subject
        self._repeat = repeat
        self._at_once = at_once
        self._told = told
        self._came = False
        self._found: int | None = None
        self._failures: dict[int, Failure] = {}
        self._results: dict[int, list[Result]] = {}

    async def run(self) -> None:
        """Try them. Raises InputError for a variation that is no scenario, and for a command that can't be run or is
        no client.
        """
        place = await first_failing(self._seeds, self._fails, self._at_once)
        if place is not None:
            self._found = self._seeds[place]
            self._seeds = self._seeds[: place + 1]

    def explored(self) -> Explored:
        """What has come of it so far: where `run` was cancelled, seeds that have failed are among those `at_times`."""
        tried = [seed for seed in self._seeds if self._results.get(seed)]
        return Explored(
            len(tried),
            None if self._found is None else self._failures[self._found],
            tuple(self._failures[seed] for seed in tried if seed in self._failures and seed != self._found),
            tuple(not_judged(result for seed in tried for result in self._results[seed])),
        )

    async def _fails(self, seed: int) -> bool:
        """Whether the client fails each time in the run of a seed."""
        variation = self._exploring.variation(seed)
        scenario = load(variation.text, f"seed {seed}")
        results = self._results[seed] = []
        for runs in range(1, self._repeat + 1):
            # Not yet known which run fails: the tape of each is bounded, and gone with its result.
            result = await self._subject.meet(scenario, taped=True)
            if not self._came:
                came(result)
            self._came, failed = True, ways(result)
            self._told(seed, failed)
            results.append(structs.replace(result, facts=(), tape=None))
            if runs == 1 and not failed:
                return False
            before = self._failures.get(seed, Failure(variation, result, tuple(sorted(failed)), 0, 0))
            self._failures[seed] = structs.replace(before, failed=before.failed + bool(failed), runs=runs)
        return self._failures[seed].repeats
