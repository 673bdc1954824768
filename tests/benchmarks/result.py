"""What a benchmark gives."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """A figure, and the bound that it must keep, if it has one."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the bounds are kept."""
        return not (self.at_most is not None and self.value > self.at_most) and not (
            self.at_least is not None and self.value < self.at_least
        )
