"""What the server's own process takes of its machine: who watches these over hours sees what grows."""

import asyncio
import os
import sys
import time
from pathlib import Path

from msgspec import Struct

__all__ = ["ProcessFigures", "process_figures"]


class ProcessFigures(Struct, frozen=True):
    """`resident` memory in bytes, CPU time in microseconds, open files and sockets, and how many there may be, tasks of
    asyncio, and blocks of memory that Python's allocator has given out, of which every living object has at least one.

    What the system does not tell is None.
    """

    resident: int | None
    cpu: int
    descriptors: int | None
    descriptors_max: int | None
    tasks: int
    blocks: int


def process_figures() -> ProcessFigures:
    """As it is now; to be called in the event loop. A tenth of a millisecond, and one more for 3,000 open files."""
    return ProcessFigures(
        resident=_resident(),
        cpu=time.process_time_ns() // 1_000,
        descriptors=_descriptors(),
        descriptors_max=_descriptors_max(),
        tasks=len(asyncio.all_tasks()),
        blocks=sys.getallocatedblocks(),
    )


def _resident() -> int | None:
    try:
        pages = Path("/proc/self/statm").read_bytes().split()[1]
    except OSError:  # only Linux has it
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int | None:
    for folder in ("/proc/self/fd", "/dev/fd"):  # Linux, and macOS
        try:
            return sum(1 for _ in Path(folder).iterdir()) - 1  # the one that reads the folder is there as well
        except OSError:
            pass
    return None


def _descriptors_max() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft
