"""What became of messages that were to reach everybody. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

__all__ = ["Reckoning", "compare"]


class Reckoning(Struct, frozen=True):
    """What connections got, against what they were to get.

    `reach` counts the connections that got every message once, in order, unchanged, and nothing else. The others are
    counts of messages, over all connections: those that one did not get, got again, got behind a later one, or that
    were none of those it was to get.
    """

    reach: int = 0
    lost: int = 0
    repeated: int = 0
    disordered: int = 0
    strange: int = 0

    @property
    def exact(self) -> bool:
        """Whether nothing is wrong with any message."""
        return not (self.lost or self.repeated or self.disordered or self.strange)

    def __add__(self, other: "Reckoning") -> "Reckoning":
        return Reckoning(
            self.reach + other.reach,
            self.lost + other.lost,
            self.repeated + other.repeated,
            self.disordered + other.disordered,
            self.strange + other.strange,
        )


def compare(wanted: Sequence[int], got: Iterable[int]) -> Reckoning:
    """What one connection got against what it was to get, messages standing for themselves by their hashes.

    A message is taken for the first of its kind that stands behind the one before; where there is none, for one that
    came late, and where all of its kind have come, for a repetition.
    """
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place, message in enumerate(wanted):
        places[message].append(place)
    came: set[int] = set()
    last, repeated, disordered, strange = -1, 0, 0, 0
    for message in got:
        if message not in places:
            strange += 1
            continue
        missing = [place for place in places[message] if place not in came]
        if not missing:
            repeated += 1
            continue
        place = next((each for each in missing if each > last), missing[0])
        disordered += place < last
        last = max(last, place)
        came.add(place)
    lost = len(wanted) - len(came)
    return Reckoning(not (lost or repeated or disordered or strange), lost, repeated, disordered, strange)
