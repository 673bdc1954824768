"""What the benchmark of watching makes of what `pvws watch` says on leaving."""

from pvws.terminal.ledger import Ledger
from pvws.timestamp import Timestamp
from pvws.wire.messages import Pong
from tests.benchmarks.watching import COUNT, _results


def test_the_summary_of_watch_is_understood() -> None:
    ledger = Ledger()
    ledger.connected(0.0)
    for number in range(101):
        late_s = 0.07 if number > 90 else 0.0
        ledger.saw(Pong(Timestamp(number * 20_000)), 500.0 + number * 0.02 + late_s)
    counted, _, late = _results("log", 12.0, "\n".join(ledger.summary(510.0)))
    assert counted.value == 100 * 101 / COUNT
    assert (late.value, late.unit) == (70.0, "ms")
