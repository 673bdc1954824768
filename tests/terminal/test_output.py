import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pvws.terminal.output import Output


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends: to read from, to write to. A test that closes one puts a fresh descriptor in its place."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


async def drained(output: Output) -> None:
    await asyncio.wait_for(output.drain(), 10)


async def read_all(descriptor: int, size: int) -> bytes:
    """So many bytes, by a reader that takes them in its own time."""
    data = b""
    while len(data) < size:
        data += await asyncio.to_thread(os.read, descriptor, 10_000)
    return data


async def test_lines_of_one_turn_are_written_together_at_its_end(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: written.append(bytes(data)) or write(fd, data))
    output = Output(pipe[1])
    output.write("one")
    output.write("zwölf")
    assert written == []
    await drained(output)
    assert written == ["one\nzwölf\n".encode()]
    output.write("two")
    await drained(output)
    assert os.read(pipe[0], 100) == "one\nzwölf\ntwo\n".encode()


async def test_a_reader_that_stands_still_does_not_hold_up_the_loop_and_loses_nothing(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1])
    lines = [f"line {number}".ljust(99) for number in range(20_000)]
    for line in lines:
        output.write(line)
    draining = asyncio.ensure_future(output.drain())
    await asyncio.wait({draining}, timeout=0.05)
    assert not draining.done()
    assert output.full
    assert (await read_all(pipe[0], 2_000_000)).decode() == "\n".join(lines) + "\n"
    await asyncio.wait_for(draining, 10)
    assert not output.full


async def test_a_reader_that_has_left_is_told_of_and_further_lines_vanish(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1])
    os.dup2(pipe[1], pipe[0])  # closes the reading end
    output.write("one")
    assert isinstance(await asyncio.wait_for(output.failed(), 10), BrokenPipeError)
    output.write("two")
    await drained(output)


async def test_a_reader_that_leaves_while_much_is_waiting_is_told_of(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1])
    output.write("x" * 1_000_000)
    output.flush()
    os.dup2(pipe[1], pipe[0])
    assert isinstance(await asyncio.wait_for(output.failed(), 10), BrokenPipeError)


async def test_a_full_disk_is_told_of() -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        output = Output(descriptor)
        output.write("one")
        assert "No space left" in str(await asyncio.wait_for(output.failed(), 10))
    finally:
        os.close(descriptor)


async def test_a_file_gets_every_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        output = Output(descriptor)
        for number in range(100_000):
            output.write(str(number))
        await drained(output)
    finally:
        os.close(descriptor)
    assert path.read_text() == "".join(f"{number}\n" for number in range(100_000))


async def test_a_descriptor_that_others_made_non_blocking_is_fine(pipe: tuple[int, int]) -> None:
    os.set_blocking(pipe[1], False)
    output = Output(pipe[1])
    output.write("x" * 999_999)
    assert len(await read_all(pipe[0], 1_000_000)) == 1_000_000
    await drained(output)
    assert not os.get_blocking(pipe[1]), "it stays as it was"
