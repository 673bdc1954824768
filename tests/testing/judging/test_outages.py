from pvws.testing.judging.clients import Party
from pvws.testing.judging.facts import Opened
from pvws.testing.judging.outages import Outage, Pause


def test_an_outage_tells_what_the_client_has_done() -> None:
    outage = Outage(Party("a", 0), 1, 0, Opened(real=0), frozenset())
    assert outage.story == "no attempt"
    outage.pauses.append(Pause(5))
    assert outage.story == "1 attempt"
    outage.pauses.append(Pause(5))
    outage.refusals = 1
    assert outage.story == "2 attempts, 1 of them refused"
