"""What a process takes is told as it is: a file that is opened, a task and an object more are seen."""

import asyncio
import os
from pathlib import Path

import pytest

from pvws.server import own_process
from pvws.server.own_process import process_figures

linux = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells of all this")


@linux
async def test_what_is_opened_begun_and_made_is_counted_until_it_is_gone() -> None:
    before = process_figures()
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(10)]
    tasks = [asyncio.ensure_future(asyncio.sleep(60)) for _ in range(5)]
    made = [object() for _ in range(10_000)]
    there = process_figures()
    for file in files:
        os.close(file)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (there.descriptors or 0) - (before.descriptors or 0) == len(files)
    assert there.tasks - before.tasks == len(tasks)
    assert there.blocks - before.blocks >= len(made)
    made.clear()
    after = process_figures()
    assert (after.descriptors, after.tasks) == (before.descriptors, before.tasks)
    assert after.blocks < there.blocks - 9_000
    assert after.cpu >= before.cpu
    assert (after.descriptors_max or 0) >= (after.descriptors or 0)


@linux
async def test_memory_is_that_which_the_process_has_by_now() -> None:
    before = process_figures().resident or 0
    taken = bytearray(os.urandom(1 << 20) * 32)
    assert (process_figures().resident or 0) - before > len(taken) // 2


async def test_what_the_system_does_not_tell_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> object:
        raise FileNotFoundError

    monkeypatch.setattr(own_process.Path, "iterdir", absent)
    monkeypatch.setattr(own_process.Path, "read_bytes", absent)
    told = process_figures()
    assert (told.descriptors, told.resident) == (None, None)
    assert told.tasks == 1
