"""The watch: every figure of the world that can alarm, and the alerts that tell of it."""

from collections.abc import Callable, Iterable, Mapping

from mypy_extensions import mypyc_attr

from pvws.limits import ALERT_PEERS_MAX, INTEGER_MAX
from pvws.sim.kernel import Kernel
from pvws.wire.events import (
    AlertLevel,
    NetworkAlert,
    PerformanceAlert,
    SecurityAlert,
    SecurityCategory,
    StorageAlert,
)
from pvws.world.alerts import METRICS, Alarm, Crossing, Thresholds
from pvws.world.entities import Peer
from pvws.world.herald import Herald
from pvws.world.security import INCIDENT_WINDOW_MICROS, Incidents

__all__ = ["Watch"]

_MARGIN = 1e-6  # percent: figures are rounded to six decimals before they are judged, so look a little earlier
_NEVER = INTEGER_MAX + 1  # bytes; a whole number, since comparing those is what happens at every event


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Watch:
    """Looks at figures when they may have crossed a threshold, and tells the crossings.

    `thresholds` has those figures that may alarm at all, by name. `high` and `low` are bytes used in the whole
    network: from `high` on and below `low` the figure deserves a look, and in between it can have nothing to say.
    """

    __slots__ = ("_alarms", "_herald", "_incidents", "_kernel", "_peer_alarms", "_thresholds", "high", "low")

    def __init__(self, kernel: Kernel, herald: Herald, thresholds: Mapping[str, Thresholds]) -> None:
        self._kernel = kernel
        self._herald = herald
        self._thresholds = dict(thresholds)
        self._alarms = {name: Alarm(each) for name, each in thresholds.items() if name != "peer_storage_usage"}
        self._peer_alarms: dict[int, Alarm] = {}
        self._incidents: dict[SecurityCategory, Incidents] = {}
        self.high = _NEVER
        self.low = -1

    def uncleared(self) -> list[tuple[str, AlertLevel, int | None]]:
        """What alarms now: figure as alerts call it, level, and the number of the peer where it is about one."""
        alarms = [(name, alarm.level, None) for name, alarm in self._alarms.items() if alarm.level != "info"]
        peers = [
            ("storage_usage", alarm.level, number)
            for number, alarm in self._peer_alarms.items()
            if alarm.level != "info"
        ]
        return [*alarms, *peers]

    def storage(self, used: int, total: int) -> None:
        """Look at the storage of the whole network, in bytes; without any there is nothing to say."""
        alarm = self._alarms.get("storage_usage")
        if alarm is None or not total:
            self.high, self.low = _NEVER, -1
            return
        crossing = self._observe("storage_usage", usage := _percent(used, total))
        self.low, self.high = _bounds(alarm, total)
        if crossing is not None:
            message = _sentence("storage_usage", usage, crossing)
            told = crossing.level, message, "storage_usage", usage, crossing.threshold, self._herald.now
            self._herald.outbox.append(StorageAlert(*told))

    def peer(self, peer: Peer) -> None:
        """Look at the storage of one peer."""
        thresholds = self._thresholds.get("peer_storage_usage")
        if thresholds is None:
            peer.heed(-1, _NEVER)
            return
        alarm = self._peer_alarms.get(peer.number) or Alarm(thresholds)
        usage = _percent(peer.used, peer.capacity)
        crossing = alarm.observe(usage)
        peer.heed(*_bounds(alarm, peer.capacity))
        if crossing is None:
            return
        self._peer_alarms[peer.number] = alarm
        message = _sentence("storage_usage", usage, crossing, of=f" of {peer.name}")
        self._herald.outbox.append(
            StorageAlert(
                crossing.level, message, "storage_usage", usage, crossing.threshold, self._herald.now, node=peer.id
            )
        )

    def alarms(self, peer: Peer) -> bool:
        """Whether there is an alert of this peer's own that has not been cleared."""
        alarm = self._peer_alarms.get(peer.number)
        return alarm is not None and alarm.level != "info"

    def gone(self, peer: Peer) -> None:
        """A peer will not be back: nothing of what the network stores is with it. Should it come, it is looked at."""
        alarm = self._peer_alarms.pop(peer.number, None)
        if alarm is not None and alarm.level != "info":
            peer.heed(-1, 0)
            crossing = Crossing("info", alarm.thresholds.clear)
            message = _sentence("storage_usage", 0.0, crossing, of=f" of {peer.name}, which is gone,")
            told = crossing.level, message, "storage_usage", 0.0, crossing.threshold, self._herald.now
            self._herald.outbox.append(StorageAlert(*told, node=peer.id))

    def performance(self, figures: Mapping[str, float]) -> None:
        """Look at figures of performance, by name."""
        for name, value in figures.items():
            crossing = self._observe(name, value)
            if crossing is not None:
                message = _sentence(name, value, crossing)
                told = crossing.level, message, name, value, crossing.threshold, self._herald.now
                self._herald.outbox.append(PerformanceAlert(*told))

    def reach(self, missing: int, known: int, who: Callable[[], Iterable[Peer]]) -> None:
        """Look at how many peers can't be reached, of how many. `who` gives them, and is asked when that is told."""
        value = _percent(missing, known)
        crossing = self._observe("unreachable_peers", value)
        if crossing is None:
            return
        message = _sentence("unreachable_peers", value, crossing)
        peers = [peer.id for _, peer in zip(range(ALERT_PEERS_MAX), who(), strict=False)]
        told = crossing.level, message, "unreachable_peers", value, crossing.threshold, self._herald.now
        self._herald.outbox.append(NetworkAlert(*told, peers=peers))

    def incident(self, category: SecurityCategory, source: str, attempts: int) -> None:
        """Something happened that looks like an attack: so many attempts from a peer's id or an address."""
        if category not in self._incidents:
            self._incidents[category] = Incidents(category)
        self._incidents[category].add(self._kernel.now, source, attempts)
        self._kernel.after(INCIDENT_WINDOW_MICROS, self._judge_incidents, category)
        self._judge_incidents(category)

    def incidents(self, category: SecurityCategory) -> int:
        """How many attempts of a kind there were within the last minute."""
        incidents = self._incidents.get(category)
        return 0 if incidents is None else incidents.lately(self._kernel.now)

    def _judge_incidents(self, category: SecurityCategory) -> None:
        value = float(self.incidents(category))
        crossing = self._observe(category, value)
        if crossing is not None:
            source = self._incidents[category].source
            message = _sentence(category, value, crossing, of=f", latest from {_short(source)}")
            told = crossing.level, message, category, value, crossing.threshold, self._herald.now
            self._herald.outbox.append(SecurityAlert(*told, source=source, category=category))

    def _observe(self, name: str, value: float) -> Crossing | None:
        alarm = self._alarms.get(name)
        return None if alarm is None else alarm.observe(value)


def _bounds(alarm: Alarm, total: int) -> tuple[int, int]:
    """Bytes below which, and from which on, an alarm deserves a look."""
    low, high = alarm.calm
    return (
        -1 if low == float("-inf") else int((low + _MARGIN) * total / 100) + 1,
        _NEVER if high == float("inf") else int((high - _MARGIN) * total / 100),
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 6) if whole else 0.0


def _short(source: str) -> str:
    return source if len(source) <= 15 else f"{source[:8]}…"  # an IPv4 address stays whole


def _sentence(name: str, value: float, crossing: Crossing, of: str = "") -> str:
    metric = METRICS[name]
    where = "below" if crossing.level == "info" else "at or above"
    return f"{metric.title}{of} is {_written(value)}{metric.unit}, {where} {_written(crossing.threshold)}{metric.unit}"


def _written(figure: float) -> str:
    """With all its decimals, of which there are six at most: a rounded one could seem to be on the other side."""
    return f"{figure:.6f}".rstrip("0").rstrip(".")
