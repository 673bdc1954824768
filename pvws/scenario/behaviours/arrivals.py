"""What behaviours have in common in a script: when they run, and how often something arrives."""

from collections.abc import Iterator
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, field

from pvws import units
from pvws.notation.quantities import Duration, Factor, Percentage, Period, Rate
from pvws.sim.arrivals import Arrivals
from pvws.sim.profile import DAY, Bursts, Daily, Level, Product, Profile
from pvws.sim.profile import Ramp as Slope

__all__ = ["Arriving", "Day", "Keys", "Lasting", "Peak", "Ramp", "plain_name"]

_PREFIX = "behaviours."

Keys: TypeAlias = tuple[str, ...]
"""Where a value stands in a behaviour: keys from the outside in."""


class Peak(Struct, frozen=True):
    """The rate goes up again and again: during the last `for` of each `every`."""

    every: Annotated[Period, Meta(description="From one peak to the next; the first ends so long after the beginning.")]
    factor: Annotated[Factor, Meta(description="How many times the rate it is then.")]
    length: Annotated[Period, Meta(description="How long each lasts; shorter than `every`.")] = field(name="for")


class Day(Struct, frozen=True):
    """The rate follows the hour: a wave with the same average, its lowest point half a day from its highest."""

    low: Annotated[Percentage, Meta(description="How much of the rate is left when it is quietest.")]
    busiest: Annotated[Duration, Meta(lt=DAY, description="When it is highest: so long after midnight, UTC.")] = (
        14 * 3_600_000_000
    )


class Ramp(Struct, frozen=True):
    """The rate goes from what it is at the beginning to another, evenly, and stays there."""

    to: Annotated[Rate, Meta(description="The rate at its end.")]
    over: Annotated[Period, Meta(description="How long it takes.")]


class Lasting(Struct, frozen=True, kw_only=True):
    """What runs for a part of the scenario, or all of it."""

    begins: Annotated[Duration, Meta(description="When it begins, since the start.")] = field(default=0, name="from")
    ends: Annotated[Duration | None, Meta(description="When it ends, since the start; left out: never.")] = field(
        default=None, name="until"
    )

    def mistakes(self) -> Iterator[tuple[Keys, str]]:
        """What is wrong with it although each value is right: where that stands, and what was expected there."""
        if self.ends is not None and self.ends <= self.begins:
            yield ("until",), f"a duration above {units.duration_notation(self.begins)}, when it begins"


class Arriving(Lasting, frozen=True, kw_only=True):
    """What happens again and again, at a rate."""

    rate: Annotated[Rate, Meta(description="How often it happens, on average.")]
    arrivals: Annotated[Arrivals, Meta(description="By chance, as from many independent people, or evenly.")] = (
        "poisson"
    )
    peak: Annotated[Peak | None, Meta(description="Bursts.")] = None
    day: Annotated[Day | None, Meta(description="Day and night.")] = None
    ramp: Annotated[Ramp | None, Meta(description="Growth, or decline.")] = None

    def mistakes(self) -> Iterator[tuple[Keys, str]]:
        """What is wrong with it although each value is right: where that stands, and what was expected there."""
        yield from super().mistakes()
        if self.peak is not None and self.peak.length >= self.peak.every:
            yield ("peak", "for"), f"a duration below {units.duration_notation(self.peak.every)}, which `every` is"

    def profile(self, start: int) -> Profile:
        """Arrivals a second over stage time, for a run that starts at an instant."""
        begin = start + self.begins
        factors: list[Profile] = [Level(self.rate)]
        if self.ramp is not None:
            factors[0] = Slope(self.rate, self.ramp.to, begin, self.ramp.over)
        if self.peak is not None:
            every, length = self.peak.every, self.peak.length
            factors.append(Bursts(self.peak.factor, every, length, begin - length))
        if self.day is not None:
            factors.append(Daily(self.day.low, self.day.busiest))  # midnight of 1970-01-01 is instant 0
        return factors[0] if len(factors) == 1 else Product(tuple(factors))


def plain_name(name: str) -> str:
    """What a behaviour is called in the script: `uploads` of `behaviours.uploads`."""
    return name.removeprefix(_PREFIX)
