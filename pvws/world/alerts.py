"""Alerts: figures against their thresholds, with hysteresis (contract, "An alert's life")."""

from msgspec import Struct

from pvws.wire.events import AlertLevel

__all__ = ["DEFAULT_THRESHOLDS", "METRICS", "Alarm", "Crossing", "Metric", "Thresholds"]


class Thresholds(Struct, frozen=True):
    """At or above `warning` and `critical` a figure alarms; below `clear` it is well again. In the figure's unit."""

    warning: float
    critical: float
    clear: float


class Metric(Struct, frozen=True):
    """A figure that can alarm: what it is called in a message, with its unit, and its thresholds unless others are
    given.
    """

    title: str
    unit: str
    thresholds: Thresholds


METRICS: dict[str, Metric] = {
    "storage_usage": Metric("Storage usage", "%", Thresholds(80.0, 95.0, 75.0)),
    "peer_storage_usage": Metric("Storage usage of a peer", "%", Thresholds(90.0, 98.0, 85.0)),
    "memory_usage": Metric("Memory usage", "%", Thresholds(85.0, 95.0, 80.0)),
    "cpu_usage": Metric("CPU usage", "%", Thresholds(80.0, 95.0, 70.0)),
    "response_time": Metric("Average response time", " s", Thresholds(0.5, 2.0, 0.3)),
    "error_rate": Metric("Error rate", "", Thresholds(0.05, 0.2, 0.02)),
    "unreachable_peers": Metric("Share of unreachable peers", "%", Thresholds(25.0, 50.0, 10.0)),
    "auth_failure": Metric("Failed authentications in a minute", "", Thresholds(5.0, 20.0, 1.0)),
    "unknown_peer": Metric("Unknown peers in a minute", "", Thresholds(1.0, 5.0, 1.0)),
    "integrity_violation": Metric("Integrity violations in a minute", "", Thresholds(1.0, 5.0, 1.0)),
    "rate_abuse": Metric("Abused rate limits in a minute", "", Thresholds(5.0, 20.0, 1.0)),
}
"""Every figure that can alarm, by name."""

DEFAULT_THRESHOLDS: dict[str, Thresholds] = {name: metric.thresholds for name, metric in METRICS.items()}
"""When each of them does."""


class Crossing(Struct, frozen=True):
    """A threshold was crossed: which level that means, and where the threshold lies."""

    level: AlertLevel
    threshold: float


class Alarm:
    """Watches one figure. It speaks when a level is reached and when all is well again, and never in between."""

    __slots__ = ("level", "thresholds")

    def __init__(self, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self.level: AlertLevel = "info"
        """The worst level reached since all was well, `info` being well."""

    @property
    def calm(self) -> tuple[float, float]:
        """Between these values of the figure, the first included and the second not, it has nothing to say."""
        thresholds = self.thresholds
        match self.level:
            case "info":
                return float("-inf"), thresholds.warning
            case "warning":
                return thresholds.clear, thresholds.critical
            case _:
                return thresholds.clear, float("inf")

    def observe(self, value: float) -> Crossing | None:
        """The crossing that this value of the figure is, if it is one."""
        thresholds = self.thresholds
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
