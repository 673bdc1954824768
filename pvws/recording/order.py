"""Entries of several connections brought into the order of time."""

from collections.abc import Iterable
from heapq import merge

from pvws.recording.document import Document
from pvws.recording.format import SECONDS_MAX, Entry

__all__ = ["in_order"]


def in_order(document: Document, connections: Iterable[Iterable[Entry]]) -> list[Entry]:
    """All entries of a document's connections in the order of time; those of one instant in the connections' order.

    What belongs to a connection stays in its own order: each must be in the order of time by itself. Raises InputError
    for what lasts longer than a recording can.
    """
    entries = list(merge(*connections, key=lambda entry: entry.t))
    if entries and entries[-1].t > SECONDS_MAX * 1_000_000:
        document.problem((), f"something that lasts at most {SECONDS_MAX} seconds", "times that are further apart")
    document.check()
    return entries
