"""When a step is taken: at a time, every so often, when a condition comes true, when a client does something."""

from typing import Any

import pytest

from pvws.expression.trouble import ExpressionError
from pvws.scenario.observations import Observations
from pvws.scenario.triggers import At, ClientDoes, Every, Taking, Trigger, Watcher, When, begin, condition
from tests.support.small_run import START, SmallRun

SECOND = 1_000_000


class Diary:
    """An act that writes down when it was done, in seconds, and for the how-manieth time."""

    def __init__(self, run: SmallRun) -> None:
        self.run = run
        self.entries: list[tuple[float, int]] = []

    def act(self, observations: Observations) -> None:
        self.entries.append(((self.run.kernel.now - START) / SECOND, observations.number))

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.entries]


def begun(trigger: Trigger, guard: str | None = None, peers: int = 4) -> tuple[SmallRun, Diary]:
    run = SmallRun(peers)
    diary = Diary(run)
    begin(trigger, "timeline[0]", run, diary.act, guard)
    return run, diary


def test_at_a_time_it_is_taken_once() -> None:
    run, diary = begun(At(3 * SECOND))
    run.told(100)
    assert diary.entries == [(3, 1)]


@pytest.mark.parametrize(
    ("trigger", "times"),
    [
        (Every(3 * SECOND, 3 * SECOND), [3, 6, 9, 12]),
        (Every(3 * SECOND, 0), [0, 3, 6, 9, 12]),
        (Every(3 * SECOND, SECOND, times=2), [1, 4]),
        (Every(3 * SECOND, SECOND, until=7 * SECOND), [1, 4, 7]),
        (Every(3 * SECOND, SECOND, until=7 * SECOND - 1), [1, 4]),
        (Every(3 * SECOND, SECOND, until=SECOND, times=9), [1]),
    ],
)
def test_every_so_often_it_is_taken_again(trigger: Every, times: list[float]) -> None:
    run, diary = begun(trigger)
    run.told(13)
    assert diary.entries == [(at, number) for number, at in enumerate(times, 1)]


@pytest.mark.parametrize("last", [{"times": 2}, {"until": 2 * SECOND}])
def test_behind_the_last_time_nothing_is_left_to_do(last: dict[str, int]) -> None:
    run, _ = begun(Every(SECOND, SECOND, **last), peers=0)
    run.told(2)
    assert run.kernel.peek() is None


def test_a_guard_lets_it_pass_only_while_it_holds() -> None:
    run, diary = begun(Every(SECOND, SECOND, times=5), "time >= 2 and time != 4")
    run.told(20)
    assert diary.entries == [(2, 1), (3, 2), (5, 3)]


def test_when_a_condition_comes_true_it_is_taken_once_and_at_once() -> None:
    run, diary = begun(When("peers < 3"))
    run.script("{at: 2s, do: leave, peers: 2, for: 4s}", "{at: 8s, do: leave, peers: 2}")
    run.told(20)
    assert diary.entries == [(2, 1)]


@pytest.mark.parametrize(("times", "taken"), [(1, [3]), (2, [3, 9]), (None, [3, 9, 15])])
def test_a_condition_may_come_true_again(times: int | None, taken: list[float]) -> None:
    run, diary = begun(When("peers < 3", times, SECOND))
    run.script("{every: 6s, from: 2s, do: leave, peers: 2, for: 3s}")
    run.told(19)
    assert diary.times == taken


def test_what_is_true_from_the_start_has_come_true_when_it_is_first_looked_at() -> None:
    run, diary = begun(When("peers > 1", None))
    run.script("{every: 5s, do: mark, name: now}")
    run.told(20)
    assert diary.times == [1]


def test_what_changes_in_silence_is_noticed_within_a_second() -> None:
    run, diary = begun(When("time > 7.5", None))
    run.told(20)
    assert diary.times == [8]


def test_what_stays_true_is_no_reason_to_be_taken_again() -> None:
    run, diary = begun(When("files > 2", None))
    run.script("{at: 1s, do: burst, files: 8, over: 8s}")
    run.told(20)
    assert diary.times == [3]


def test_a_condition_may_ask_how_often_the_step_was_taken() -> None:
    run, diary = begun(When("n < 2 and peers < 3", None))
    run.script("{every: 4s, do: leave, peers: 2, for: 2s}")
    run.told(40)
    assert diary.times == [4, 8]


def told(deed: ClientDoes, *deeds: Any) -> list[float]:
    run, diary = begun(deed)
    for second, each in enumerate(deeds, 1):
        run.told(second)
        run.client(*each)
    run.told(60)
    return diary.times


def test_what_a_client_does_has_it_taken() -> None:
    deeds = [
        ("connects",),
        ("subscribes", "system"),
        ("subscribes", "alerts"),
        ("sends", "", "ping"),
        ("subscribes", "alerts"),
    ]
    assert told(ClientDoes("connects"), *deeds) == [1]
    assert told(ClientDoes("subscribes"), *deeds) == [2]
    assert told(ClientDoes("subscribes", "alerts"), *deeds) == [3]
    assert told(ClientDoes("subscribes", "alerts", nth=2), *deeds) == [5]
    assert told(ClientDoes("subscribes", times=None), *deeds) == [2, 3, 5]
    assert told(ClientDoes("subscribes", nth=2, times=None), *deeds) == [3, 5]
    assert told(ClientDoes("subscribes", nth=2, times=1), *deeds) == [3]
    assert told(ClientDoes("subscribes", times=2, delay=10 * SECOND), *deeds) == [12, 13]
    assert told(ClientDoes("sends", type="ping"), *deeds) == [4]
    assert told(ClientDoes("sends", type="auth"), *deeds) == []
    assert told(ClientDoes("disconnects"), *deeds) == []


def test_steps_of_one_instant_are_taken_in_their_order() -> None:
    run = SmallRun(2).script(
        "{at: 1s, do: mark, name: a}", "{every: 1s, do: mark, name: b}", "{at: 1s, do: mark, name: c}"
    )
    assert [each.payload.name for each in run.told(1)] == ["a", "b", "c"]


@pytest.mark.parametrize("seconds", [0, 3, 7])
def test_a_run_that_is_put_away_is_taken_up_where_it_was(seconds: float) -> None:
    run = SmallRun(6).script(
        "{every: 2s, times: 5, do: leave, for: 3s}",
        "{when: peers < 5, times: 2, in: 1s, do: emit, type: peer_connected, data: {id: '${n} ${peer.random.name}'}}",
        "{when: {client: connects, nth: 2}, do: mark, name: twice}",
    )
    run.told(seconds)
    run.client("connects")
    again = run.copy()
    for each in (run, again):
        each.client("connects")
    assert again.told(30) == run.told(30)


def test_a_condition_is_parsed_once_and_knows_its_names() -> None:
    assert condition("peers > 3") is condition("peers > 3")
    with pytest.raises(ExpressionError):
        condition("pears > 3")


def test_a_watcher_that_has_done_its_times_is_quiet() -> None:
    run, diary = begun(At(0))
    observations = Observations(run, run.chance.stream("x"))
    watcher = Watcher(When("peers > 0", 1), Taking(diary.act, None, observations, run), observations, run, "x")
    for _ in range(3):
        watcher.look()
    run.told(1)
    assert len(diary.entries) == 2
