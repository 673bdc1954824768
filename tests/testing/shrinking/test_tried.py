"""What has been tried is not tried again, and what fails must fail each time."""

import asyncio

from pvws.testing.shrinking.tried import Tried


async def test_a_candidate_fails_only_if_it_fails_each_time() -> None:
    runs = dict.fromkeys("abc", 0)

    async def trial(candidate: str) -> bool:
        runs[candidate] += 1
        return candidate == "a" or (candidate == "b" and runs["b"] < 3)

    told = list[tuple[str, bool]]()
    tried = Tried(trial, str, repeat=3, told=lambda candidate, failed: told.append((candidate, failed)))
    assert [await tried.fails(each) for each in "abc"] == [True, False, False]
    assert runs == {"a": 3, "b": 3, "c": 1}, "one run that does not fail is enough"
    assert [await tried.fails(each) for each in "abc"] == [True, False, False]
    assert (tried.runs, tried.again) == (7, 3)
    assert told == [("a", True), ("b", False), ("c", False)]


async def test_candidates_with_one_key_are_one() -> None:
    async def trial(candidate: str) -> bool:
        return True

    tried = Tried(trial, len, repeat=1)
    assert await tried.fails("ab")
    assert await tried.fails("cd")
    assert tried.runs == 1


async def test_so_many_runs_go_on_at_a_time_however_many_ask() -> None:
    now, most = 0, 0

    async def trial(candidate: int) -> bool:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return True

    tried = Tried(trial, int, at_once=2)
    await asyncio.gather(*map(tried.fails, range(6)))
    assert most == 2
