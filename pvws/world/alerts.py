"""Alerts: a figure against its thresholds, with hysteresis (contract, "An alert's life")."""

from msgspec import Struct

from pvws.wire.events import AlertLevel

__all__ = ["Alarm", "Crossing", "Thresholds"]


class Thresholds(Struct, frozen=True):
    """At or above `warning` and `critical` a figure alarms; below `clear` it is well again. In the figure's unit."""

    warning: float
    critical: float
    clear: float


class Crossing(Struct, frozen=True):
    """A threshold was crossed: which level that means, and where the threshold lies."""

    level: AlertLevel
    threshold: float


class Alarm:
    """Watches one figure. It speaks when a level is reached and when all is well again, and never in between."""

    __slots__ = ("_thresholds", "level")

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self.level: AlertLevel = "info"
        """The worst level reached since all was well, `info` being well."""

    def observe(self, value: float) -> Crossing | None:
        """The crossing that this value of the figure is, if it is one."""
        thresholds = self._thresholds
        if value >= thresholds.critical:
            return self._rise("critical", thresholds.critical)
        if value >= thresholds.warning and self.level == "info":
            return self._rise("warning", thresholds.warning)
        if value < thresholds.clear and self.level != "info":
            self.level = "info"
            return Crossing("info", thresholds.clear)
        return None

    def _rise(self, level: AlertLevel, threshold: float) -> Crossing | None:
        if self.level == level:
            return None
        self.level = level
        return Crossing(level, threshold)
