"""Seeds are tried until a client fails each time; and what comes of it is the same however many are tried at once."""

import asyncio
from typing import cast

import pytest
from msgspec import structs

from pvws.errors import InputError
from pvws.scenario.expectations import Reconnects
from pvws.scenario.schema import Scenario
from pvws.testing.exploring.explore import Explored, Explorer
from pvws.testing.exploring.variation import Exploring
from pvws.testing.judging.verdict import Verdict
from pvws.testing.subject import Subject
from pvws.testing.trial.command import Exit
from pvws.testing.trial.result import Result, Timings
from pvws.testing.verdict import Outcome
from tests.support.playing import Folder

GOOD = Result(
    ending="exited",
    exit=Exit(0),
    verdicts=(Verdict(Reconnects(), Outcome.NOT_JUDGED),),
    timings=Timings(),
    attempts=1,
)
BAD = structs.replace(GOOD, exit=Exit(1))


class Client:
    """Stands for a subject: with some seeds it fails, always or at times."""

    def __init__(self, always: tuple[int, ...] = (), at_times: tuple[int, ...] = (), good: Result = GOOD) -> None:
        self._always = always
        self._at_times = at_times
        self._good = good
        self.met = list[int]()

    async def meet(self, scenario: Scenario, *, taped: bool = False) -> Result:
        assert taped
        self.met.append(scenario.seed)
        for _ in range(scenario.seed % 3):
            await asyncio.sleep(0)
        if scenario.seed in self._always or (scenario.seed in self._at_times and self.met.count(scenario.seed) == 1):
            return BAD
        return self._good


async def run(client: Client, seeds: int = 9, at_once: int = 1, repeat: int = 3) -> Explored:
    exploring = Exploring("scenario: x\nseed: 100\n", "f.yaml", Folder())
    seen = range(100, 100 + seeds)
    explorer = Explorer(exploring, seen, cast(Subject, client), repeat=repeat, at_once=at_once)
    await explorer.run()
    return explorer.explored()


async def test_where_no_seed_fails_all_were_tried_once() -> None:
    client = Client()
    found = await run(client)
    assert client.met == list(range(100, 109))
    assert found == Explored(9, None, (), ("reconnects",))


async def test_the_first_seed_that_fails_each_time_is_found() -> None:
    client = Client(always=(104, 106), at_times=(102,))
    found = await run(client)
    assert client.met == [100, 101, 102, 102, 102, 103, 104, 104, 104]
    assert found.tried == 5
    assert found.found is not None
    assert (found.found.variation.seed, found.found.failed, found.found.runs) == (104, 3, 3)
    assert found.found.ways == ("the command exited with 1",)
    assert found.found.result.exit == Exit(1)
    (at_times,) = found.at_times
    assert (at_times.variation.seed, at_times.failed, at_times.runs, at_times.repeats) == (102, 1, 3, False)


async def test_what_has_failed_is_known_to_who_is_interrupted() -> None:
    client, reached = Client(always=(101,)), asyncio.Event()

    def told(seed: int, failed: frozenset[str]) -> None:
        if failed:
            reached.set()

    exploring = Exploring("scenario: x\nseed: 100\n", "f.yaml", Folder())
    explorer = Explorer(exploring, range(100, 109), cast(Subject, client), told=told)
    running = asyncio.ensure_future(explorer.run())
    await reached.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    found = explorer.explored()
    assert (found.tried, found.found) == (2, None)
    (failure,) = found.at_times
    assert (failure.variation.seed, failure.failed, failure.runs) == (101, 1, 1)


@pytest.mark.parametrize("at_once", [2, 3, 20])
async def test_how_many_are_tried_at_once_changes_nothing(at_once: int) -> None:
    one, other = [await run(Client((104, 105), (101,)), at_once=number) for number in (1, at_once)]
    assert one == other


async def test_a_single_run_is_enough_where_none_is_repeated() -> None:
    client = Client(at_times=(101,))
    found = await run(client, repeat=1)
    assert client.met == [100, 101]
    assert found.found is not None


async def test_a_command_that_is_no_client_is_told_after_the_first_run() -> None:
    client = Client(good=structs.replace(GOOD, attempts=0))
    with pytest.raises(InputError, match="COMMAND"):
        await run(client)
    assert len(client.met) == 1
