"""Pauses between attempts to connect: whether they grow, within bounds, and whether chance has a part in them. Pure.

What is judged fails only what can't be right. With jitter a pause may well be shorter than the one before: full jitter
draws each evenly between nothing and a ceiling that doubles (Brooker, "Exponential Backoff And Jitter", 2015). Then
growth shows only over a series, and six pauses are the fewest of which the later half is longer than the earlier one
in all but one of some four hundred runs.
"""

from collections.abc import Sequence
from itertools import pairwise

from pvws.scenario.expectations import Backoff
from pvws.sim.agenda import Instant
from pvws.testing.judging.outages import Pause
from pvws.testing.judging.verdict import period

__all__ = ["ALIKE_MIN", "JITTERED_PAUSES_MIN", "MEASURED_MICROS", "no_chance", "no_growth", "out_of_bounds"]

MEASURED_MICROS = 2_000
"""What a pause may be shorter, and still count: timers of some runtimes fire a millisecond early."""

JITTERED_PAUSES_MIN = 6
"""In one outage, for growth with jitter to be judged."""

ALIKE_MIN = 3
"""Pauses that are the same, for that to say something: two may be by chance."""

_ALIKE_SHARE = 0.02  # of a pause: by chance one of fifty is so near to another
_ALIKE_MICROS = 5_000  # what a timer errs
_BUSY_SHARE, _BUSY_MICROS = 0.1, 50_000  # what a busy machine adds to one


def out_of_bounds(pause: Pause, backoff: Backoff, tolerance: Instant) -> str | None:
    """What is wrong with one pause, that may be too long by the tolerance; None if nothing is."""
    if pause.seen and pause.micros + MEASURED_MICROS < backoff.least:
        return f"a pause of {_s(pause.micros)}, where none is to be shorter than {period(backoff.least)}"
    if backoff.most is not None and pause.seen and pause.micros - pause.stood > backoff.most + tolerance:
        return f"a pause of {_s(pause.micros)}, where none is to be longer than {period(backoff.most)}"
    return None


def no_growth(pauses: Sequence[Pause], backoff: Backoff) -> str | None:
    """What is wrong with how the pauses of an outage grow; None if nothing is, or nothing can be said yet.

    Without jitter each is to be longer than the one before, by more than timers err, unless that has reached `most`.
    With it growth shows over a series alone; where there may be none, pauses that are all the same do not grow either.
    """
    seen = [pause for pause in pauses if pause.seen]
    if not backoff.grows:
        return None
    if not backoff.jitter:
        for before, after in pairwise(seen):
            longest: float = before.micros - before.stood
            if backoff.most is not None:
                longest = min(longest, backoff.most - _err(backoff.most) * 2)
            if after.micros <= longest + _err(longest):
                return f"a pause of {_s(after.micros)} behind one of {_s(before.micros)}, where each is to be longer"
        return None
    if backoff.jitter == "any" and _are_alike(seen, backoff.most):
        return f"pauses that are all the same, where they are to grow: {_listed(seen)}"
    if len(seen) < JITTERED_PAUSES_MIN:
        return None
    if backoff.most is not None and max(pause.micros for pause in seen[: len(seen) // 2]) > backoff.most // 2:
        return None  # they are at the ceiling already, where they grow no more
    half = len(seen) // 2
    earlier, later = sum(p.micros for p in seen[:half]), sum(p.micros - p.stood for p in seen[-half:])
    if later > earlier:
        return None
    return f"pauses that do not grow: {_listed(seen)}"


def no_chance(outages: Sequence[Sequence[Pause]]) -> str | None:
    """Where chance has no part in pauses: they are all alike, or as the last time; None if nothing shows that."""
    last = [pause for pause in outages[-1] if pause.seen and not pause.stood] if outages else []
    if len(last) >= ALIKE_MIN and all(_alike(last[0].micros, pause.micros) for pause in last[1:]):
        return f"pauses that are all the same: {_listed(last)}"
    if len(last) > ALIKE_MIN and all(pause.micros > _ALIKE_MICROS for pause in last):
        ratios = [after.micros / before.micros for before, after in pairwise(last)]
        if max(ratios) - min(ratios) < _ALIKE_SHARE * min(ratios):
            return f"pauses that each are {ratios[0]:.2f} times the one before: {_listed(last)}"
    pairs = [
        (one.micros, other.micros)
        for before, after in pairwise(outages)
        for one, other in zip(before, after, strict=False)
        if one.seen and other.seen and not one.stood and not other.stood
    ]
    if len(pairs) >= ALIKE_MIN and all(_alike(*pair) for pair in pairs):
        return f"the same pauses each time: {_listed(last)}"
    return None


def _are_alike(pauses: Sequence[Pause], most: Instant | None) -> bool:
    """Whether pauses below the longest that is allowed have not grown, but for what a busy machine adds to them."""
    last = [pause.micros for pause in pauses]
    if len(last) < ALIKE_MIN or (most is not None and last[0] >= most - _err(most) * 2):
        return False
    # What this process stood still makes a pause seem longer, never shorter: the first may have been that much shorter.
    spread, growth = max(last) - min(last), last[-1] - last[0] + pauses[0].stood
    return spread <= max(_BUSY_MICROS, _BUSY_SHARE * max(last)) and growth <= max(_BUSY_MICROS // 2, last[0] // 5)


def _alike(one: Instant, other: Instant) -> bool:
    return abs(one - other) <= _err(max(one, other))


def _err(micros: float) -> float:
    """How far the same pause may be measured otherwise."""
    return max(_ALIKE_MICROS, _ALIKE_SHARE * micros)


def _listed(pauses: Sequence[Pause]) -> str:
    return ", ".join(_s(pause.micros) for pause in pauses[-8:])


def _s(micros: Instant) -> str:
    return f"{micros / 1_000_000:.3f} s"
