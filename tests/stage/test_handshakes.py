from typing import Any

import pytest

from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.faults.spec import read_fault
from pvws.server.room import Caller, Hold
from pvws.stage.stage import Stage
from tests.support.staged import SECOND, story

REFUSED = Refusal(503, "Service Unavailable\n")


def knock(stage: Stage, name: str = "") -> Refusal | Hold | None:
    """What becomes of one more handshake."""
    return stage.attempt(Caller("127.0.0.1", name))


def held(stage: Stage, name: str = "") -> list[Refusal | None]:
    """How a handshake that is held now goes on, once it does."""
    answers: list[Refusal | None] = []
    hold = knock(stage, name)
    assert isinstance(hold, Hold)
    hold.go_on = answers.append
    return answers


def counts(stage: Stage, which: str = "f1") -> dict[str, int]:
    return dict(stage.faults.find(which).counts)


async def test_the_first_so_many_that_it_concerns_are_refused_and_all_are_numbered() -> None:
    stage = story()
    stage.faults.add(read_fault("status: 503, attempts: 2, client: dash"))
    names = ["dash", "", "dash", "dash", "other"]
    assert [knock(stage, name) for name in names] == [REFUSED, None, REFUSED, None, None]
    assert stage.attempts == 5
    assert counts(stage) == {"refused": 2}
    assert stage.delivery.faults == {"refused": 2}


async def test_one_number_alone_may_be_meant() -> None:
    stage = story()
    stage.faults.add(read_fault("status: 503, client: 2"))
    assert [knock(stage) for _ in range(3)] == [None, REFUSED, None]


async def test_chance_decides_for_each_by_its_number_and_the_seed_alone() -> None:
    def refused(seed: int, *others: str) -> list[bool]:
        stage = story(seed=seed)
        for other in others:
            stage.faults.add(read_fault(other))
        stage.faults.add(read_fault("status: 503, clients: 50%, name: half"))
        return [knock(stage) is not None for _ in range(40)]

    assert refused(1) == refused(1, "status: 401, client: nobody") != refused(2)
    assert 8 < sum(refused(1)) < 32


async def test_who_hangs_goes_on_when_the_fault_ends_and_meets_the_next() -> None:
    stage = story()
    stage.faults.add(read_fault("hang: on"))
    one, other = held(stage), held(stage)
    assert counts(stage) == {"hung": 2}
    stage.faults.add(read_fault("status: 503, client: 2"))
    assert (one, other) == ([], [])
    stage.faults.remove("f1")
    assert (one, other) == ([None], [REFUSED])
    assert knock(stage) is None


async def test_a_hang_ends_with_its_window_in_stage_time() -> None:
    stage = story()
    stage.faults.add(read_fault("hang: on, for: 5s"))
    answers = held(stage)
    await stage.clock.advance("4999ms")
    assert answers == []
    await stage.clock.advance("1ms")
    assert answers == [None]


async def test_delays_add_up_in_stage_time_and_the_first_refusal_counts() -> None:
    stage = story()
    for fault in ("slow_handshake: 2s", "slow_handshake: 3s", "status: 503", "hang: on"):
        stage.faults.add(read_fault(fault))
    answers = held(stage)
    await stage.clock.advance("4999ms")
    assert answers == []
    await stage.clock.advance("1ms")
    assert answers == [REFUSED]
    assert "hung" not in stage.delivery.faults


async def test_a_slow_handshake_whose_fault_has_ended_is_answered_then() -> None:
    stage = story()
    stage.faults.add(read_fault("slow_handshake: 2s, for: 1s"))
    stage.faults.add(read_fault("slow_handshake: 1s"))
    answers = held(stage)
    await stage.clock.advance("1999ms")
    assert answers == []
    await stage.clock.advance("1ms")
    assert answers == [None]
    assert len(stage.faults._handshakes) == 0


@pytest.mark.parametrize("fault", ["hang: on", "slow_handshake: 2s"])
async def test_who_did_not_wait_is_forgotten(fault: str) -> None:
    stage = story()
    stage.faults.add(read_fault(fault))
    hold: Any = knock(stage)
    answers: list[Refusal | None] = []
    hold.go_on = answers.append
    assert len(stage.faults._handshakes) == 1
    hold.dropped(hold)
    assert len(stage.faults._handshakes) == 0
    stage.faults.clear()
    await stage.clock.advance(3 * SECOND)
    assert answers == []
