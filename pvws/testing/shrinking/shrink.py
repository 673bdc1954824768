"""Has a client try candidates: one counts if the client fails with it, each time, as it did with the input."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from msgspec import Struct, structs

from pvws.notation.document import parse
from pvws.notation.tree import without
from pvws.testing.shrinking.tried import Tried
from pvws.testing.standalone import written_out
from pvws.testing.subject import came, ways
from pvws.testing.trial.result import Result
from pvws.testing.verdict import Outcome

__all__ = ["Failing", "First", "judgeable"]

_C = TypeVar("_C")


class First(Struct, frozen=True):
    """What comes of the input before anything is made shorter: its runs, and in which ways they failed, if they did."""

    results: tuple[Result, ...]
    ways: tuple[str, ...]

    @property
    def failed(self) -> int:
        """How many of the runs failed."""
        return sum(bool(ways(result)) for result in self.results)

    @property
    def fails(self) -> bool:
        """Whether every run failed, so that there is something to shrink."""
        return self.failed == len(self.results)


class Failing(Generic[_C]):
    """Whether a client fails with a candidate: in each of `repeat` runs, in one of the ways in which it failed with the
    input; or in `any_way`.

    `run` runs it once; `key` is what two candidates have in common that are the same. So many runs go on `at_once`.
    Order of calls: `begin` with the input, then `fails` with others. `told` hears of each that was tried.
    """

    def __init__(
        self,
        run: Callable[[_C], Awaitable[Result]],
        key: Callable[[_C], object],
        *,
        repeat: int = 3,
        at_once: int = 1,
        any_way: bool = False,
        told: Callable[[bool], object] = lambda failed: None,
    ) -> None:
        self._run = run
        self._key = key
        self._repeat = repeat
        self._any_way = any_way
        self._ways = frozenset[str]()
        self._results: dict[object, Result] = {}
        self._tried = Tried(
            self._fails_once, key, repeat=repeat, at_once=at_once, told=lambda candidate, failed: told(failed)
        )

    @property
    def runs(self) -> int:
        """How many runs there have been, but for those of the input."""
        return self._tried.runs

    async def begin(self, candidate: _C) -> First:
        """Run the input, until a run does not fail. Raises InputError for a command that is no client."""
        results, found = list[Result](), frozenset[str]()
        while len(results) < self._repeat and (not results or found):
            results.append(await self._run(candidate))
            came(results[-1])
            found = ways(results[-1])
            self._ways |= found
        self._keep(candidate, results[-1])
        return First(tuple(results), tuple(sorted(self._ways)))

    async def fails(self, candidate: _C) -> bool:
        """Whether the client fails with it as it did with the input, each time."""
        return await self._tried.fails(candidate)

    def result(self, candidate: _C) -> Result | None:
        """The last run of a candidate that failed."""
        return self._results.get(self._key(candidate))

    async def _fails_once(self, candidate: _C) -> bool:
        result = await self._run(candidate)
        found = ways(result)
        if not (found if self._any_way else found & self._ways):
            return False
        self._keep(candidate, result)
        return True

    def _keep(self, candidate: _C, result: Result) -> None:
        self._results[self._key(candidate)] = structs.replace(result, facts=(), tape=None)


def judgeable(text: str, result: Result) -> str:
    """A scenario's text without what it expects and a run of it could not judge: that would never hold in a test."""
    verdicts = enumerate(result.verdicts)
    gone = [("expect", place) for place, verdict in verdicts if verdict.outcome is Outcome.NOT_JUDGED]
    root = without(parse(text, "the scenario"), gone)
    return written_out(without(root, [("expect",)]) if len(gone) == len(result.verdicts) else root)
