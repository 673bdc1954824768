"""How peers go and come back."""

from typing import Any

import pytest

from pvws.scenario.behaviours.absences import Absence, Absences
from pvws.scenario.behaviours.churn import Churn
from pvws.scenario.distributions import Quantity
from pvws.scenario.weights import Weighted
from pvws.sim.chance import Stream
from pvws.sim.distributions import Constant
from pvws.wire.events import PeerConnected, PeerDisconnected, PeerHealthChanged

SECOND = 1_000_000


def absence(micros: int = 5 * SECOND, *, crashes: bool = False, replaced: bool = False) -> Absence:
    return Absence("timeout", crashes=crashes, replaced=replaced, micros=micros)


def presence(play: Any, until: int) -> list[tuple[int, str, str]]:
    told = play.told(until, (PeerConnected, PeerDisconnected))
    names = {peer.id: peer.name for peer in play.world.peers}
    return [
        (at, "came" if isinstance(payload, PeerConnected) else payload.reason, names[payload.id])
        for at, payload in told
    ]


def test_a_peer_goes_and_comes_back_in_time(rehearsal: Any) -> None:
    play = rehearsal()
    absences = Absences(Churn(rate=1.0), "c", play)
    assert absences.send(play.peers()[1], absence())
    assert presence(play, 60 * SECOND) == [(0, "timeout", "peer-2"), (5 * SECOND, "came", "peer-2")]


def test_a_peer_that_is_away_is_not_sent_away(rehearsal: Any) -> None:
    play = rehearsal()
    absences = Absences(Churn(rate=1.0), "c", play)
    first, second = play.peers()[:2]
    play.world.disconnect(first, "shutdown")
    play.world.crash(second)
    assert not absences.send(first, absence())
    assert not absences.send(second, absence())


def test_so_many_always_stay_and_those_that_have_crashed_do_not_count(rehearsal: Any) -> None:
    play = rehearsal(peers=4)
    absences = Absences(Churn(rate=1.0, least=2), "c", play)
    peers = play.peers()
    play.world.crash(peers[0])
    assert absences.send(peers[1], absence())
    assert not absences.send(peers[2], absence())
    assert [peer.name for peer in play.peers()] == ["peer-3", "peer-4"]


def test_one_that_goes_silently_is_missed_and_given_up(rehearsal: Any) -> None:
    play = rehearsal()
    absences = Absences(Churn(rate=1.0), "c", play)
    absences.send(play.peers()[0], absence(60 * SECOND, crashes=True))
    told = play.told(80 * SECOND, (PeerConnected, PeerDisconnected, PeerHealthChanged))
    kinds = [type(payload) for _, payload in told]
    assert kinds == [PeerHealthChanged, PeerHealthChanged, PeerDisconnected, PeerConnected]
    assert [payload.status for _, payload in told[:2]] == ["UNKNOWN", "OFFLINE"]
    assert told[3][0] == 60 * SECOND


def test_one_that_is_back_before_it_is_missed_was_never_away(rehearsal: Any) -> None:
    play = rehearsal()
    absences = Absences(Churn(rate=1.0), "c", play)
    absences.send(play.peers()[0], absence(2 * SECOND, crashes=True))
    assert presence(play, 80 * SECOND) == []
    assert len(play.peers()) == 4


def test_one_that_is_replaced_never_comes_back(rehearsal: Any) -> None:
    play = rehearsal()
    absences = Absences(Churn(rate=1.0), "c", play)
    absences.send(play.peers()[0], absence(replaced=True))
    assert presence(play, 600 * SECOND) == [(0, "timeout", "peer-1"), (5 * SECOND, "came", "peer-5")]


def test_somebody_else_may_have_it_back_and_send_it_away_again_meanwhile(rehearsal: Any) -> None:
    play = rehearsal()
    absences = Absences(Churn(rate=1.0), "c", play)
    peer = play.peers()[0]
    absences.send(peer, absence(30 * SECOND))
    play.told(10 * SECOND)
    play.world.connect(peer, Stream(1, "test"))
    play.told(20 * SECOND)
    play.world.disconnect(peer, "evicted")
    assert presence(play, 600 * SECOND) == [(20 * SECOND, "evicted", "peer-1")], "and not back at 30 s"


def test_an_absence_is_what_the_script_says_of_it() -> None:
    spec = Churn(
        rate=1.0,
        downtime=Quantity(Constant(7 * SECOND)),
        reasons=Weighted(("evicted", "timeout"), (3.0, 1.0)),
        crash=0.25,
        newcomers=0.5,
    )
    absences, chance = Absences(spec, "c", Nowhere()), Stream(1, "test")  # type: ignore[arg-type]
    drawn = [absences.draw(chance) for _ in range(4_000)]
    assert {each.micros for each in drawn} == {7 * SECOND}
    for share, wanted in (
        (sum(each.reason == "evicted" for each in drawn), 0.75),
        (sum(each.crashes for each in drawn), 0.25),
        (sum(each.replaced for each in drawn), 0.5),
    ):
        assert share / len(drawn) == pytest.approx(wanted, abs=0.03)


class Nowhere:
    """A play that gives streams and nothing else."""

    @property
    def chance(self) -> "Nowhere":
        return self

    def stream(self, name: str) -> Stream:
        return Stream(1, name)
