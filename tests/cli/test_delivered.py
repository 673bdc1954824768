from pvws.cli.delivered import delivered
from pvws.server.encoder import Plain
from pvws.server.settings import SlowConsumer
from pvws.server.subscriber import Subscriber
from pvws.sim.source import Timed
from pvws.stage.stage import Stage
from tests.stage.test_stage import Guest

PLAIN = Plain()
ALERTS = frozenset({"alerts"})


def subscribed(stage: Stage, name: str, *, stuck: bool = False) -> Subscriber:
    stage.note(Guest(), "connects")
    member = Subscriber(lambda data: member.pause() if stuck else None, PLAIN, SlowConsumer(), lambda: None)
    member.name = name
    stage.hub.join(member, ALERTS)
    return member


def clocked(stage: Stage) -> list[int]:
    """Has the ledger's clock moved by hand."""
    now = [0]
    stage.delivery.clock = lambda: now[0]
    return now


async def test_where_nobody_came_nothing_is_said() -> None:
    stage = Stage()
    stage.hub.publish(Timed(0, 0, "alerts", "test", b"x"))
    assert delivered(stage) == []


async def test_who_came_and_got_nothing_is_told() -> None:
    stage = Stage()
    stage.note(Guest(), "connects")
    assert delivered(stage) == ["  delivered nothing: none of 1 client was subscribed to what happened"]


async def test_how_much_arrived_and_how_late() -> None:
    stage = Stage()
    now = clocked(stage)
    subscribed(stage, "aa")
    subscribed(stage, "bb")
    stage.hub.publish_all([Timed(0, 0, "alerts", "test", b"x")], 0)
    now[0] = 1_234
    stage.hub.flush()
    assert delivered(stage) == [
        "  delivered 2 of 2 to 2 clients; late by 1.23ms (p50), 1.23ms (p99), 1.23ms (worst)",
    ]


async def test_those_who_got_less_are_named() -> None:
    stage = Stage()
    clocked(stage)
    subscribed(stage, "a" * 32)
    slow, gone = subscribed(stage, "b" * 32, stuck=True), subscribed(stage, "c" * 32, stuck=True)
    for _ in range(3):
        stage.hub.publish_all([Timed(0, 0, "alerts", "test", b"x")], 0)
        stage.hub.flush()
    stage.hub.leave(gone)
    gone.drop()
    stage.delivery.gone(gone)
    assert slow.behind()[0] == 2
    assert delivered(stage) == [
        "  delivered 5 of 9 to 3 clients, 2 lost, 2 pending; late by 0s (p50), 0s (p99), 0s (worst)",
        "    client bbbbbbbb: 1 written, 2 pending; late by 0s (p50), 0s (p99), 0s (worst)",
        "    client cccccccc: 1 written, 2 lost; late by 0s (p50), 0s (p99), 0s (worst)",
    ]
