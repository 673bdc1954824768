"""The exam examined: a good client passes all of it, and a flawed one fails just the cases that are about its flaw."""

import asyncio
from collections.abc import Sequence

import pytest

from pvws.testing.exam.catalogue import CASES
from tests.exam.grid import FAILS, MAY_FAIL, QUIET, hurried, sample, wrong_of
from tests.exam.subjects import REFERENCE, flawed, flaws

EXAMS = 8  # at a time
PARTS = 3  # so that they can be run side by side
UNFIT = "subscribes-to-nothing"  # what comes of that is in tests/testing/exam/test_examine.py


def none_is_wrong(verdicts: Sequence[str]) -> None:
    """Fail with each verdict that is not as it should be, and its evidence."""
    if verdicts:
        pytest.fail("\n".join(verdicts), pytrace=False)


async def all_wrong_of(chosen: Sequence[str], exams: int, jobs: int) -> list[str]:
    """What is not as it should be of some flaws: with the cases that each fails, in less time, and another."""
    gate = asyncio.Semaphore(exams)

    async def wrong_of_flaw(flaw: str) -> list[str]:
        cases = [*(hurried(CASES[each]) for each in FAILS[flaw]), *sample(flaw, 1)]
        async with gate:
            wrong = await wrong_of(flawed(flaw), cases, FAILS[flaw], MAY_FAIL.get(flaw, ()), jobs)
            return [f"{flaw}: {text}" for text in wrong]

    return [text for texts in await asyncio.gather(*map(wrong_of_flaw, chosen)) for text in texts]


@pytest.mark.timeout(240)
async def test_a_good_client_passes_the_whole_exam() -> None:
    none_is_wrong(await wrong_of(REFERENCE, list(CASES.values()), (), jobs=12))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("part", range(PARTS))
async def test_a_flawed_one_fails_what_is_about_its_flaw_and_passes_what_is_not(part: int) -> None:
    chosen = [flaw for flaw in FAILS if flaw != UNFIT and flaw not in QUIET]
    none_is_wrong(await all_wrong_of(chosen[part::PARTS], EXAMS, jobs=4))


@pytest.mark.timeout(240)
async def test_so_does_one_whose_pauses_are_flawed() -> None:
    none_is_wrong(await all_wrong_of(QUIET, exams=4, jobs=1))


def test_every_flaw_has_its_cases_and_every_case_a_client_that_fails_it() -> None:
    assert set(FAILS) == set(flaws())
    failed = {case for cases in FAILS.values() for case in cases}
    assert (failed - set(CASES), set(CASES) - failed) == (set(), set())


@pytest.mark.long
@pytest.mark.timeout(280)
@pytest.mark.parametrize("flaw", [flaw for flaw in FAILS if flaw != UNFIT])
async def test_the_whole_exam_of_a_flawed_client(flaw: str) -> None:
    none_is_wrong(await wrong_of(flawed(flaw), list(CASES.values()), FAILS[flaw], MAY_FAIL.get(flaw, ()), jobs=6))
