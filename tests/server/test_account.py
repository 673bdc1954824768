from pvws.server.account import Account, Stretch
from pvws.server.audience import Audience
from pvws.server.encoder import Plain
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber

PLAIN = Plain()


def lagging(frames: int) -> tuple[Audience, Subscriber]:
    """An audience with a member that has not got so many frames."""
    audience = Audience(frozenset({"alerts"}), PLAIN)
    member = Subscriber(lambda data: None, PLAIN, SlowConsumer(), lambda: None)
    audience.join(member)
    member.pause()
    audience.extend([b"frame"] * frames)
    audience.mark(audience.end, 0)
    audience.flush()
    return audience, member


def stretches(account: Account) -> list[tuple[int, int]]:
    return [(each.first, each.end) for each in account.strays or ()]


def test_what_moves_to_a_members_own_queue_is_a_stretch_of_the_log() -> None:
    audience, member = lagging(5)
    member.send(b"reply")
    assert stretches(member.account) == [(0, 5)]
    member.send(b"another")
    assert stretches(member.account) == [(0, 5)], "nothing was published between"
    assert audience.delivery.stage().pending == 5


def test_what_is_dropped_goes_from_the_front_of_it_and_is_lost() -> None:
    audience, member = lagging(5)
    member.send(b"reply")
    member.account.dropped(2)
    assert stretches(member.account) == [(2, 5)]
    member.account.dropped()
    assert member.account.strays is None
    assert member.account.lost == audience.delivery.lost == 5
    member.account.dropped()
    assert member.account.lost == 5


def test_what_is_written_late_is_counted_and_waits_no_more() -> None:
    audience, member = lagging(5)
    member.send(b"reply")
    audience.delivery.clock = lambda: 1_000
    member.resume()
    assert member.account.strays is None
    assert sum(member.account.counts or ()) == 5
    assert audience.delivery.stage().pending == 0


def test_a_stretch_of_nothing_is_none() -> None:
    audience, member = lagging(0)
    member.account.moved(audience, 3, 3)
    member.account.missed(audience, 3, 3)
    assert (member.account.strays, member.account.lost) == (None, 0)
    assert Stretch(audience, 1, 4, [(0, 3)]).end == 4
