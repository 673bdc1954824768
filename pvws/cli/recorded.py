"""What the commands that record share: the file, its header, and what is said of it on leaving."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pvws import __version__
from pvws.cli.standard import note
from pvws.errors import InputError, Problem, PvwsError
from pvws.files.recorder import Recorder
from pvws.files.recordings import RecordingWriter
from pvws.recording.format import Header
from pvws.recording.redact import Redactor
from pvws.timestamp import Timestamp

__all__ = ["header_of", "recording_to", "redactor"]


def header_of(command: str, **fields: object) -> Header:
    """The header of a recording that a command makes from now on; `fields` are more of it."""
    return Header(recorded=Timestamp(time.time_ns() // 1000), by=f"pvws {__version__} {command}", **fields)  # type: ignore[arg-type]


def redactor(paths: Sequence[str] | None) -> Redactor:
    """What takes secrets out, and with `--redact` more. Raises InputError with every path that is none."""
    problems = []
    for path in paths or ():
        try:
            Redactor([path])
        except ValueError as error:
            problems.append(Problem("--redact", str(error), f'"{path}"'))
    if problems:
        raise InputError(*problems)
    return Redactor(paths or ())


@asynccontextmanager
async def recording_to(
    path: str, header: Header, option: str, *, conns: bool = False, redact: Redactor | None = None
) -> AsyncIterator[Recorder]:
    """A recorder for as long as this is entered; then what was recorded is told, and what went wrong.

    A failure, of a full disk for example, is told at once, and by a PvwsError at the end: until then all else goes on.
    """
    recorder = Recorder(RecordingWriter(path, header, option=option, conns=conns, redactor=redact))
    telling = asyncio.ensure_future(_tell_failure(recorder))
    try:
        yield recorder
    finally:
        telling.cancel()
        await asyncio.wait({telling})
        told = not telling.cancelled()
        try:
            await recorder.close()
        except PvwsError as error:
            if not told:
                note(str(error))
        else:
            lost = f"; {recorder.dropped:,} were lost to a slow disk" if recorder.dropped else ""
            note(f"{path}: {recorder.recorded:,} entries recorded{lost}")


async def _tell_failure(recorder: Recorder) -> None:
    note(str(await recorder.failed()))
