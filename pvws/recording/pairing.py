"""Which of some instants belong to which of others, and which of some places are in order."""

from bisect import bisect_left
from collections.abc import Sequence

__all__ = ["longest_rising", "pairs_in_time"]

_CELLS_MAX = 2_000_000  # of a table of ways: a second of reckoning


def pairs_in_time(first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of places in two rising series of instants: all of the shorter one, in order, as near in time as can be.

    So where one of many alike is missing, the others keep their partners. Where there would be too many ways to do it,
    the first belongs to the first, and so on.
    """
    if len(first) > len(second):
        return [(a, b) for b, a in pairs_in_time(second, first)]
    spare = len(second) - len(first)
    if spare == 0 or not first or len(first) * (spare + 1) > _CELLS_MAX:
        return [(place, place) for place in range(len(first))]
    # The best way to pair the first n with some of the first n + skipped: cost[skipped]; all that is needed is a row.
    cost = [0] * (spare + 1)
    ways: list[list[bool]] = []
    for place, at in enumerate(first):
        row: list[bool] = []
        best: int | None = None
        costs = []
        for skipped in range(spare + 1):
            here = cost[skipped] + abs(second[place + skipped] - at)
            takes = best is None or here < best
            best = here if takes or best is None else best
            costs.append(best)
            row.append(takes)
        cost = costs
        ways.append(row)
    pairs = []
    skipped = spare
    for place in range(len(first) - 1, -1, -1):
        while not ways[place][skipped]:
            skipped -= 1
        pairs.append((place, place + skipped))
    return pairs[::-1]


def longest_rising(values: Sequence[int]) -> set[int]:
    """The places of a longest part of some different values that rises: what must be moved, is the rest."""
    tails: list[int] = []  # the least value with which a rising part of each length may end
    places: list[int] = []
    before: list[int | None] = []
    for place, value in enumerate(values):
        length = bisect_left(tails, value)
        before.append(places[length - 1] if length else None)
        if length == len(tails):
            tails.append(value)
            places.append(place)
        else:
            tails[length], places[length] = value, place
    found: set[int] = set()
    at = places[-1] if places else None
    while at is not None:
        found.add(at)
        at = before[at]
    return found
