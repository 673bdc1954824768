"""Tries one seed after the other until a client fails, again and again, in the run that it gives."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from pvws.scenario.loader import load
from pvws.testing.exploring.variation import Exploring, Variation
from pvws.testing.shrinking.ddmin import first_failing
from pvws.testing.subject import Subject, came, not_judged, ways
from pvws.testing.trial.result import Result

__all__ = ["Explored", "Failure", "explore"]


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


class _Exploring:
    def __init__(
        self, exploring: Exploring, subject: Subject, repeat: int, told: Callable[[int, frozenset[str]], object]
    ) -> None:
        self._exploring = exploring
        self._subject = subject
        self._repeat = repeat
        self._told = told
        self._came = False
        self.failures: dict[int, Failure] = {}
        self.results: dict[int, list[Result]] = {}

    async def fails(self, seed: int) -> bool:
        """Whether the client fails each time in the run of a seed."""
        variation = self._exploring.variation(seed)
        scenario = load(variation.text, f"seed {seed}")
        results = self.results[seed] = []
        failures = list[frozenset[str]]()
        for _ in range(self._repeat):
            # Not yet known which run fails: the tape of each is bounded, and gone with its result.
            result = await self._subject.meet(scenario, taped=True)
            if not self._came:
                came(result)
            self._came, failed = True, ways(result)
            self._told(seed, failed)
            results.append(result if failed and not results else structs.replace(result, facts=(), tape=None))
            if failed:
                failures.append(failed)
            elif len(results) == 1:
                return False
        self.failures[seed] = Failure(variation, results[0], tuple(sorted(failures[0])), len(failures), len(results))
        return self.failures[seed].repeats


async def explore(
    exploring: Exploring,
    seeds: Sequence[int],
    subject: Subject,
    *,
    repeat: int = 3,
    at_once: int = 1,
    told: Callable[[int, frozenset[str]], object] = lambda seed, failed: None,
) -> Explored:
    """Try seeds, in their order and so many at once, until with one the client fails in each of `repeat` runs.

    A seed with which it does not fail at first is not tried again. `told` hears of each run, and in which ways it has
    failed. What comes of it is the same however many are tried at once. Raises InputError for a variation that is no
    scenario, and for a command that can't be run or is no client.
    """
    trying = _Exploring(exploring, subject, repeat, told)
    place = await first_failing(seeds, trying.fails, at_once)
    tried = seeds if place is None else seeds[: place + 1]
    results = [result for seed in tried for result in trying.results.get(seed, ())]
    return Explored(
        len(tried),
        None if place is None else trying.failures[seeds[place]],
        tuple(failure for seed in tried if (failure := trying.failures.get(seed)) and not failure.repeats),
        tuple(not_judged(results)),
    )
