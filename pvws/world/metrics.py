"""The metrics, read off the world."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, assert_never

from msgspec import Struct

from pvws.wire.events import (
    NetworkMetrics,
    NetworkTotals,
    PerformanceMetrics,
    PerformanceTotals,
    StorageMetrics,
    StorageTotals,
    SystemMetrics,
)
from pvws.world.reading import Reading, Window
from pvws.world.world import World

__all__ = ["METRICS_KINDS", "Figures", "MetricsKind", "figures", "measure"]

MetricsKind: TypeAlias = Literal["system_metrics", "storage_metrics", "network_metrics", "performance_metrics"]
"""An event type of the topic `system`."""

METRICS_KINDS: tuple[MetricsKind, ...] = (
    "system_metrics",
    "storage_metrics",
    "network_metrics",
    "performance_metrics",
)
"""All of them, in the documentation's order."""

_BANDWIDTH_BYTES = 36_000_000  # a second, of a peer as the cast makes them, on average
_REQUESTS_PER_SECOND = 1_000  # that a peer can answer
_REQUESTS_JUDGED = 10  # of fewer, a single one that failed would alarm
_TRANSFERS = 64  # that a peer has memory for


class Figures(Struct, frozen=True):
    """What the processors and the memory of the network do, in percent."""

    memory_usage: float
    cpu_usage: float


def figures(world: World, window: Window) -> Figures:
    """A small model: processors work for what moves and is asked, memory holds indexes and what is on its way."""
    store = world.store
    peers = len(store.connected)
    fill = store.used_space / store.total_space if store.total_space else 0.0
    moved = window.bytes_per_second / (_BANDWIDTH_BYTES * peers) if peers else 0.0
    asked = window.requests_per_second / (_REQUESTS_PER_SECOND * peers) if peers else 0.0
    under_way = store.transfers / (_TRANSFERS * peers) if peers else 0.0
    return Figures(
        memory_usage=round(min(100.0, 18 + 40 * fill + 42 * min(1.0, under_way)), 6),
        cpu_usage=round(min(100.0, 4 + 60 * moved + 60 * asked), 6),
    )


def measure(world: World, reading: Reading, kinds: Sequence[MetricsKind] = METRICS_KINDS) -> None:
    """Read the metrics off the world and tell those of the kinds asked for; then judge what they say."""
    window = reading.look(world.kernel.now)
    usage = figures(world, window)
    for kind in kinds:
        world.herald.outbox.append(_metrics(world, kind, window, usage))
    judged = {"memory_usage": usage.memory_usage, "cpu_usage": usage.cpu_usage}
    if window.requests > window.failures:  # how long an answer takes that nobody got, nobody knows
        judged["response_time"] = window.average_response_time
    if window.requests >= _REQUESTS_JUDGED or 0 == window.failures < window.requests:
        judged["error_rate"] = window.error_rate
    world.watch.performance(judged)


def _metrics(
    world: World, kind: MetricsKind, window: Window, usage: Figures
) -> SystemMetrics | StorageMetrics | NetworkMetrics | PerformanceMetrics:
    store, now = world.store, world.herald.now
    total, used, links, moved = store.total_space, store.used_space, world.overlay.links, store.traffic.bytes
    match kind:
        case "system_metrics":
            return SystemMetrics(
                StorageTotals(total, used, total - used),
                NetworkTotals(links, moved),
                PerformanceTotals(window.average_response_time, window.requests_per_second),
            )
        case "storage_metrics":
            files = len(store.available)
            factor = round(store.copies / files, 6) if files else 0.0
            return StorageMetrics(total, used, total - used, file_count=files, replication_factor=factor, timestamp=now)
        case "network_metrics":
            return NetworkMetrics(links, moved, window.bytes_per_second, window.error_rate, now)
        case "performance_metrics":
            return PerformanceMetrics(
                window.average_response_time,
                window.requests_per_second,
                window.error_rate,
                usage.memory_usage,
                usage.cpu_usage,
                now,
            )
        case _:
            assert_never(kind)
