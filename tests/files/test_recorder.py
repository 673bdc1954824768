import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pvws.errors import PvwsError
from pvws.files.recorder import Recorder
from pvws.files.recordings import RecordingWriter, open_recording
from pvws.recording.format import Entry, Gap, Header, Mark, Message

SUFFIXES = ["", ".gz", ".zst"]


def message(number: int, size: int = 0) -> Message:
    return Message(number, "recv", b'{"n":%d,"x":"%s"}' % (number, b"x" * size))


def entries(path: Path) -> list[Entry]:
    with open_recording(str(path)) as recording:
        return list(recording)


@pytest.mark.parametrize("suffix", SUFFIXES)
async def test_what_was_drained_can_be_read_while_it_goes_on(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.pvrec.jsonl{suffix}"
    recorder = Recorder(RecordingWriter(str(path), Header(note="n")))
    for number in range(100):
        recorder.record(message(number))
    await recorder.drain()
    assert entries(path) == [message(number) for number in range(100)]
    recorder.record(Mark(100, "end"))
    await recorder.close()
    assert entries(path)[-1] == Mark(100, "end")
    await recorder.close()
    assert (recorder.recorded, recorder.dropped) == (101, 0)


async def test_an_entry_is_in_the_file_soon_without_anybody_asking(tmp_path: Path) -> None:
    path = tmp_path / "a.pvrec.jsonl"
    recorder = Recorder(RecordingWriter(str(path), Header()))
    recorder.record(message(1))
    await recorder._drained.wait()
    assert entries(path) == [message(1)]
    await recorder.close()


async def test_past_its_bound_it_drops_and_says_how_much(tmp_path: Path) -> None:
    path = tmp_path / "a.pvrec.jsonl"
    recorder = Recorder(RecordingWriter(str(path), Header()), held_bytes_max=3_000)
    for number in range(10):
        recorder.record(message(number, 800))
    assert recorder.full
    await recorder.drain()
    assert not recorder.full
    recorder.record(message(10))
    await recorder.close()
    read = entries(path)
    kept = [entry for entry in read if isinstance(entry, Message)]
    size = len(message(9, 800).data)
    assert [entry.t for entry in kept] == [0, 1, 10]
    assert read[2] == Gap(10, "the disk was slower than the stream", messages=8, bytes=8 * size, micros=8)
    assert recorder.dropped == 8


async def test_what_was_dropped_at_the_very_end_is_told_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.pvrec.jsonl"
    recorder = Recorder(RecordingWriter(str(path), Header()), held_bytes_max=1_100)
    for number in range(4):
        recorder.record(message(number, 800))
    await recorder.close()
    assert entries(path) == [
        message(0, 800),
        Gap(3, "the disk was slower than the stream", messages=3, bytes=3 * len(message(1, 800).data), micros=2),
    ]


async def test_a_full_disk_is_told_with_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.pvrec.jsonl"
    writer = RecordingWriter(str(path), Header())
    writer._file = FullDisk(writer._file, 400)  # type: ignore[assignment]
    recorder = Recorder(writer)
    for number in range(3):
        recorder.record(message(number))
    await recorder.drain()
    for number in range(20):
        recorder.record(message(number, 100))
    trouble = await recorder.failed()
    assert str(trouble) == (
        f"{path}: the recording ends here, it can't be written any further: no space left on device; "
        "3 entries are kept and can be read"
    )
    recorder.record(message(99))
    with pytest.raises(PvwsError, match="3 entries are kept"):
        await recorder.close()
    assert entries(path) == [message(number) for number in range(3)]


class FullDisk:
    """A file on a disk with so much room."""

    def __init__(self, file: object, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(28, os.strerror(28))
        written = min(self._room, len(data))
        self._room -= written
        return int(self._file.write(data[:written]))  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


KILLED = """
import asyncio, sys
from pvws.files.recorder import Recorder
from pvws.files.recordings import RecordingWriter
from pvws.recording.format import Header, Message

async def main():
    recorder = Recorder(RecordingWriter(sys.argv[1], Header()))
    number = 0
    while True:
        recorder.record(Message(number, "recv", b'{"n":%d}' % number))
        number += 1
        if number % 1000 == 0:
            await recorder.drain()
            print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_kill_9_in_mid_recording_loses_at_most_what_was_not_flushed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.pvrec.jsonl{suffix}"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(3):
        flushed = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    read = entries(path)
    assert len(read) >= flushed
    assert read == [Message(number, "recv", b'{"n":%d}' % number) for number in range(len(read))]


async def test_its_clock_begins_with_it(tmp_path: Path) -> None:
    moments = iter([5_000, 5_007])
    recorder = Recorder(RecordingWriter(str(tmp_path / "a"), Header()), clock=lambda: next(moments))
    assert recorder.now() == 7
    await recorder.close()


async def test_a_loop_goes_on_while_the_disk_stands_still(tmp_path: Path) -> None:
    writer = RecordingWriter(str(tmp_path / "a"), Header())
    read, write = os.pipe()
    writer._file.close()
    writer._file = os.fdopen(write, "wb", buffering=0)  # type: ignore[assignment]
    recorder = Recorder(writer)
    for number in range(200):
        recorder.record(message(number, 1_000))
    recorder._hand_over()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not recorder._drained.is_set(), "nobody reads the pipe"
    got = b""
    while len(got) < 200_000:
        got += await asyncio.to_thread(os.read, read, 65_536)
    await recorder.drain()
    await recorder.close()
    os.close(read)
