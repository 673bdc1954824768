from collections import Counter

from pvws.cli.delivered import delivered
from pvws.scenario.faults.spec import read_fault
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


async def test_what_faults_did_is_told_in_total_and_of_each_client() -> None:
    stage = Stage()
    guest = Guest(2)
    guest.member = subscribed(stage, "a" * 32)
    stage.note(guest, "connects")
    subscribed(stage, "b" * 32)
    stage.faults.add(read_fault("drop: 100%, nth: 1, client: 2"))
    stage.faults.add(read_fault("duplicate: 100%, client: 2"))
    stage.faults.add(read_fault("stale: 1h, client: nobody"))
    for number in range(3):
        stage.hub.publish(Timed(0, number, "alerts", "test", b"x"))
    stage.hub.flush()
    assert [line for line in delivered(stage) if "fault" in line] == [
        "    fault f1 (drop: 100%, client: 2, nth: 1): 1 dropped",
        "    fault f2 (duplicate: 100%, client: 2): 2 duplicated",
        "    client aaaaaaaa: 2 written, 1 lost, by faults 1 dropped, 2 duplicated",
    ]


async def test_of_many_faults_the_latest_are_told() -> None:
    stage = Stage()
    subscribed(stage, "a" * 32)
    for number in range(10):
        stage.delivery.keep_fault(f"f{number}", "drop: 1%", Counter(dropped=1))
    stage.hub.publish(Timed(0, 0, "alerts", "test", b"x"))
    stage.hub.flush()
    lines = [line.strip() for line in delivered(stage) if "fault" in line]
    assert lines[0] == "fault f2 (drop: 1%): 1 dropped"
    assert lines[-1] == "and 2 faults before them"


async def test_where_everybody_is_under_faults_nobody_is_said_not_to_have_kept_up() -> None:
    stage = Stage()
    guest = Guest()
    guest.member = subscribed(stage, "a" * 32)
    stage.note(guest, "connects")
    stage.faults.add(read_fault("stale: 1h"))
    stage.hub.publish(Timed(0, 0, "alerts", "test", b"x"))
    stage.hub.flush()
    assert delivered(stage)[0].endswith("delivered 1 of 1 to 2 clients; all of it past faults")
