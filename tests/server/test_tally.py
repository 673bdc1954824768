from pvws.server.tally import Tally


def test_what_clients_were_never_sent_stays_counted_when_they_go() -> None:
    tally = Tally()
    tally.opened()
    tally.opened()
    tally.closed(dropped=3)
    assert (tally.active, tally.connections, tally.dropped) == (1, 2, 3)
