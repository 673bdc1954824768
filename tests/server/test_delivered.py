from pvws.histogram import Spread
from pvws.server.delivered import EventDelivery, StageDelivery
from pvws.sim.source import Timed

EVENT = Timed(0, 0, "alerts", "test", b"x")


def test_lateness_is_from_due_to_written_and_never_below_zero() -> None:
    assert EventDelivery(EVENT, due=100, encoded=90, written=350, reached=1, of=1).lateness == 250
    assert EventDelivery(EVENT, due=100, encoded=90, written=95, reached=1, of=1).lateness == 0


def test_what_was_not_written_was_not_late() -> None:
    assert EventDelivery(EVENT, due=100, encoded=90, written=None, reached=0, of=0).lateness is None


def test_what_is_owed_and_neither_written_nor_lost_is_pending() -> None:
    assert StageDelivery(events=5, owed=10, written=6, lost=1, lateness=Spread(), total_lateness=0).pending == 3
