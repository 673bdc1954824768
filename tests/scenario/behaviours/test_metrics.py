"""The network is measured every so often, behind all else of the same instant."""

from typing import Any

from pvws.scenario.behaviours.metrics import Metrics
from pvws.scenario.behaviours.uploads import Uploads
from pvws.scenario.quantities import Constant
from pvws.wire.events import FileUploaded, NetworkMetrics, PerformanceMetrics, StorageMetrics, SystemMetrics

SECOND = 1_000_000


def test_all_four_kinds_are_told_every_so_often(rehearsal: Any) -> None:
    play = rehearsal()
    Metrics(2 * SECOND).begin("m", play)
    kinds = (SystemMetrics, StorageMetrics, NetworkMetrics, PerformanceMetrics)
    told = [(at, type(payload)) for at, payload in play.told(7 * SECOND)]
    assert told == [(second * SECOND, kind) for second in (2, 4, 6) for kind in kinds]


def test_what_happens_at_the_same_instant_is_measured(rehearsal: Any) -> None:
    play = rehearsal()
    Metrics(SECOND).begin("m", play)
    Uploads(1.0, "fixed", Constant(100)).begin("u", play)
    told = [payload for _, payload in play.told(SECOND)]
    assert isinstance(told[0], FileUploaded)
    assert isinstance(told[1], SystemMetrics)
    assert told[1].storage.used_space == 100
