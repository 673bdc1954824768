"""The network fills up and empties to the share that was asked for, evenly."""

import pytest

from tests.support.small_run import MEBIBYTE, SmallRun, read_step


def share(run: SmallRun) -> float:
    """Of all storage, what is used or will be by copies on their way."""
    store = run.world.store
    return (store.used_space + store.reserved_space) / store.total_space


@pytest.mark.parametrize("peers", [1, 2, 3, 8, 30])
@pytest.mark.parametrize("to", [10, 50, 92, 100])
@pytest.mark.parametrize("over", ["0s", "250ms", "8s"])
def test_a_fill_reaches_its_share_and_never_exceeds_it(peers: int, to: int, over: str) -> None:
    run = SmallRun(peers).script(f"{{at: 2s, do: fill, to: {to}%, over: {over}}}")
    for second in (2, 4, 7, 10):
        run.told(second)
        assert share(run) <= to / 100 + 1e-9
    assert share(run) == pytest.approx(to / 100, abs=0.0001)
    run.told(20)
    assert run.world.store.used_space / run.world.store.total_space == pytest.approx(to / 100, abs=0.0001)


def test_a_fill_is_even() -> None:
    run = SmallRun(8).script("{at: 2s, do: fill, to: 80%, over: 8s}")
    for second in range(3, 11):
        run.told(second - 0.001)
        assert share(run) == pytest.approx(0.1 * (second - 2), abs=0.001)


def test_a_fill_raises_an_alarm_on_its_way() -> None:
    run = SmallRun(4).script("{at: 0, do: fill, to: 97%, over: 20s}")
    told = run.told(60, "StorageAlert")
    assert [each.payload.level for each in told if not isinstance(each.payload.node, str)] == ["warning", "critical"]


def test_a_fill_of_tiny_disks_ends() -> None:
    assert len(SmallRun(3, capacity=5).script("{at: 0, do: fill, to: 100%, over: 1s}").told(60)) < 50


def test_a_fill_without_peers_or_without_space_does_nothing() -> None:
    assert SmallRun(0).script("{at: 0, do: fill, to: 100%}").told(60) == []
    assert SmallRun(2, capacity=0).script("{at: 0, do: fill, to: 100%}").told(60, "FileUploaded") == []


def test_what_is_full_enough_is_not_filled() -> None:
    run = SmallRun(4).script("{at: 1s, do: fill, to: 60%, over: 1s}", "{at: 9s, do: fill, to: 50%, over: 5s}")
    assert 1 <= max(run.times(30, "FileUploaded")) < 9


def test_a_fill_goes_on_while_peers_leave_and_join() -> None:
    run = SmallRun(6).script(
        "{at: 1s, do: fill, to: 70%, over: 20s}", "{at: 5s, do: leave, peers: 2}", "{at: 9s, do: join, peers: 4}"
    )
    run.told(40)
    assert share(run) == pytest.approx(0.7, abs=0.001)


def test_a_large_network_is_filled_with_few_files() -> None:
    run = SmallRun(24, capacity=64 * 1024 * MEBIBYTE, bandwidth=36_000_000)
    run.script("{at: 0, do: fill, to: 92%, over: 120s}")
    files = len(run.told(120, "FileUploaded"))
    assert 1_500 < files < 3_000
    assert share(run) == pytest.approx(0.92, abs=0.001)
    run.told(150)
    assert run.world.store.reserved_space < 0.01 * run.world.store.total_space


def test_the_fill_of_many_peers_costs_as_many_files_as_there_are_peers() -> None:
    few, many = (
        len(SmallRun(peers).script("{at: 0, do: fill, to: 90%, over: 0s}").told(0, "FileUploaded"))
        for peers in (30, 300)
    )
    assert many < 20 * few


def test_two_fills_of_one_step_do_not_count_twice() -> None:
    run = SmallRun(4).script("{every: 2s, times: 3, do: fill, to: 50%, over: 5s}")
    run.told(20)
    assert share(run) == pytest.approx(0.5, abs=0.001)


# drain


def full(peers: int = 6) -> SmallRun:
    run = SmallRun(peers)
    run.upload(peers * 30)
    return run


def used(run: SmallRun) -> float:
    return run.world.store.used_space / run.world.store.total_space


def test_a_drain_comes_down_to_its_share_evenly() -> None:
    run = full()
    before = used(run)
    assert before > 0.9
    run.script("{at: 0, do: drain, to: 40%, over: 10s}")
    told = run.told(15)
    assert used(run) == pytest.approx((before + 0.4) / 2, abs=0.04)
    told += run.told(25)
    assert 0.4 - 3 / (6 * 96) < used(run) <= 0.4
    assert {each.kind for each in told} >= {"FileDeleted"}
    at = [each.at for each in told if each.kind == "FileDeleted"]
    assert max(at[place + 1] - at[place] for place in range(len(at) - 1)) < 1


def test_a_drain_to_nothing_deletes_everything() -> None:
    run = full()
    run.script("{at: 0, do: drain, to: 0%, over: 0}")
    assert len(run.told(11, "FileDeleted")) == 180
    assert used(run) == 0


def test_a_drain_of_what_is_empty_enough_does_nothing() -> None:
    for run in (SmallRun(0), SmallRun(3), full()):
        run.script("{at: 0, do: drain, to: 100%, over: 3s}")
        assert run.told(30, "FileDeleted") == []


def test_a_drain_holds_its_share_against_uploads() -> None:
    run = full()
    run.script("{at: 0, do: drain, to: 20%, over: 8s}", "{at: 4s, do: burst, files: 90, over: 3s, size: 1 MiB}")
    run.told(18)
    assert used(run) <= 0.21


def test_more_files_than_are_moved_at_once_are_moved_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pvws.scenario.timeline.storage.AT_ONCE_MAX", 2)
    run = full()
    run.script("{at: 0, do: drain, to: 0%, over: 0}", "{at: 1s, do: fill, to: 60%, over: 0}")
    run.told(12)
    assert share(run) == pytest.approx(0.6, abs=0.001)


@pytest.mark.parametrize("word", ["fill", "drain"])
@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "f.yaml:1:1: timeline[0].to: expected a value, got nothing"),
        (", to: 92", 'timeline[0].to: expected a percentage between "0%" and "100%", got 92'),
        (", to: 120%", 'timeline[0].to: expected a percentage between "0%" and "100%", got "120%"'),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(word: str, keys: str, said: str) -> None:
    (complaint,) = read_step(f"{{at: 1s, do: {word}{keys}}}")[1]
    assert said in complaint
