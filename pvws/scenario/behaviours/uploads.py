"""Files come in."""

from typing import Annotated

from msgspec import Meta

from pvws.scenario.behaviours.arrivals import Arriving
from pvws.scenario.behaviours.uploading import Uploading
from pvws.scenario.distributions import Quantity
from pvws.scenario.play import Play
from pvws.scenario.quantities import DurationDistribution, SizeDistribution
from pvws.sim.distributions import Lognormal

__all__ = ["DEFAULT_SIZE", "Uploads"]

DEFAULT_SIZE = Quantity(Lognormal(median=2 * 1024**2, sigma=1.5, max=4 * 1024**3), least=1)
"""Half of all files are below 2 MiB, one in twenty above 24 MiB: as on a disk with documents and photos."""


class Uploads(Arriving, frozen=True, kw_only=True):
    """Files come in at random peers that have room, and are copied from there."""

    size: Annotated[SizeDistribution, Meta(description="How large the files are.")] = DEFAULT_SIZE
    lifetime: Annotated[
        DurationDistribution | None,
        Meta(description="How long a file is kept, then it is deleted; left out: for ever."),
    ] = None

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        Uploading(self, name, play)
