"""Which connection of one recording is which of another: two clients that connect at once may come in either order."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

__all__ = ["partners"]

_OTHERS_MAX = 64  # that are tried with each other: past it, connections go by their order alone


def partners(first: Iterable[tuple[str, Hashable]], second: Iterable[tuple[str, Hashable]]) -> dict[str, str]:
    """The connection of the first that each of the second is, by what was on each of them, as pairs of both.

    Those that have the same name are each other's, unless they have less than half in common: then it is the one that
    has most in common, as long as there is one. What has no partner is not in it.
    """
    ones, others = _contents(first), _contents(second)
    found = {name: name for name in others if name in ones and _are_alike(ones[name], others[name])}
    free_ones = [name for name in ones if name not in found]
    free_others = [name for name in others if name not in found]
    if max(len(free_ones), len(free_others), 1) <= _OTHERS_MAX:
        shared = [
            (-common, place, one, other)
            for place, one in enumerate(free_ones)
            for other in free_others
            if (common := (ones[one] & others[other]).total())
        ]
        taken: set[str] = set()
        for _, _, one, other in sorted(shared):
            if one not in taken and other not in found:
                found[other] = one
                taken.add(one)
        free_ones = [name for name in free_ones if name not in taken]
    for name in free_ones:  # nothing in common, and so nobody better
        if name in others and name not in found:
            found[name] = name
    return found


def _contents(things: Iterable[tuple[str, Hashable]]) -> dict[str, Counter[Hashable]]:
    contents: defaultdict[str, Counter[Hashable]] = defaultdict(Counter)
    for name, thing in things:
        contents[name][thing] += 1
    return contents


def _are_alike(one: Counter[Hashable], other: Counter[Hashable]) -> bool:
    return 2 * (one & other).total() >= max(one.total(), other.total())
