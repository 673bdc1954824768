"""Copies go bad, and files come in bursts."""

import pytest

from tests.support.small_run import SECOND, SmallRun, read_step


class Behaviour:
    """What a burst speeds up: it writes down how."""

    def __init__(self, run: SmallRun) -> None:
        self.run = run
        self.factors: list[tuple[float, float]] = []

    def set_factor(self, factor: float) -> None:
        self.factors.append(((self.run.kernel.now - self.run.start) / SECOND, factor))


def bad(run: SmallRun) -> list[tuple[str, int]]:
    """Copies that are corrupt: key, and number of the peer."""
    return [(key, number) for key, numbers in run.world.store.corrupt.items() for number in numbers]


# corrupt


def test_corrupt_copies_are_of_different_files_and_found_out_in_time() -> None:
    run = SmallRun(6)
    run.upload(10)
    run.script("{at: 0, do: corrupt, copies: 4}")
    run.told(10)
    assert len(bad(run)) == 4
    assert len({key for key, _ in bad(run)}) == 4
    told = run.told(60)
    assert not bad(run)
    failed = [each.payload for each in told if each.kind == "FileReplicated" and each.payload.status == "FAILED"]
    assert len(failed) == 4
    alerts = [each.payload for each in told if each.kind == "SecurityAlert"]
    assert alerts[0].category == "integrity_violation"
    assert run.world.store.copies == 30


def test_one_copy_goes_bad_unless_the_script_says_more() -> None:
    run = SmallRun(6)
    run.upload(10)
    run.script("{at: 0, do: corrupt}").told(10)
    assert len(bad(run)) == 1


def test_the_disk_of_a_peer_goes_bad() -> None:
    run = SmallRun(4)
    run.upload(10)
    run.script("{at: 0, do: corrupt, peer: peer-2}").told(10)
    assert sorted(bad(run)) == sorted((key, 1) for key in run.peer("peer-2").held)


def test_some_copies_on_a_peer_go_bad() -> None:
    run = SmallRun(4)
    run.upload(10)
    run.script("{at: 0, do: corrupt, peer: peer-2, copies: 3}").told(10)
    assert len(bad(run)) == 3
    assert {number for _, number in bad(run)} == {1}


@pytest.mark.parametrize("keys", ["", ", copies: 9", ", peer: peer-1", ", peer: nobody, copies: 2"])
def test_where_nothing_is_stored_nothing_goes_bad(keys: str) -> None:
    assert SmallRun(3).script(f"{{at: 1s, do: corrupt{keys}}}").told(90) == []


def test_a_bad_copy_that_is_deleted_or_away_bothers_nobody() -> None:
    run = SmallRun(4)
    run.upload(20)
    run.script(
        "{at: 0, do: corrupt, peer: peer-1}",
        "{at: 1s, do: leave, peer: peer-1, for: 60s}",
        "{at: 2s, do: drain, to: 0%, over: 1s}",
    )
    run.told(200)
    assert run.names() == ["peer-1", "peer-2", "peer-3", "peer-4"]


# burst


def test_a_burst_of_files_is_even() -> None:
    run = SmallRun(4).script("{at: 1s, do: burst, files: 5, over: 10s, size: 3 KB}")
    told = run.told(30, "FileUploaded")
    assert [each.at for each in told] == [1, 3, 5, 7, 9]
    assert {each.payload.size for each in told} == {3_000}
    assert len({each.payload.key for each in told}) == 5


def test_all_files_of_a_burst_may_come_at_once() -> None:
    run = SmallRun(4).script("{at: 1s, do: burst, files: 1000, over: 0, size: 1}")
    assert run.times(1, "FileUploaded") == [1] * 1_000


def test_bursts_of_one_step_upload_different_files() -> None:
    run = SmallRun(4).script("{every: 1s, do: burst, files: 3, size: {lognormal: {median: 1 KB}}}")
    told = run.told(9.9, "FileUploaded")
    assert len({each.payload.key for each in told}) == len(told) == 27
    assert len({each.payload.size for each in told}) > 20


def test_times_and_sizes_of_a_burst_are_the_same_whoever_has_room() -> None:
    script = "{at: 1s, do: burst, files: 40, over: 10s, size: {lognormal: {median: 1 KB, max: 90 KB}}}"
    one, other = SmallRun(3).script(script), SmallRun(9).script(script)
    assert [(at, each.key, each.size) for at, _, each in one.told(30, "FileUploaded")] == [
        (at, each.key, each.size) for at, _, each in other.told(30, "FileUploaded")
    ]


def test_a_behaviour_does_more_for_a_while() -> None:
    run = SmallRun(1)
    behaviour = run.behaviours["uploads"] = Behaviour(run)
    run.script("{at: 2s, do: burst, behaviour: uploads, factor: 7, for: 3s}").told(30)
    assert behaviour.factors == [(2, 7), (5, 1)]


def test_a_behaviour_does_ten_times_as_much_until_the_end_unless_the_script_says() -> None:
    run = SmallRun(1)
    behaviour = run.behaviours["uploads"] = Behaviour(run)
    run.script("{at: 2s, do: burst, behaviour: uploads}").told(30)
    assert behaviour.factors == [(2, 10)]


def test_a_burst_that_is_taken_again_meanwhile_lasts_longer() -> None:
    run = SmallRun(1)
    behaviour = run.behaviours["uploads"] = Behaviour(run)
    run.script("{every: 2s, times: 2, do: burst, behaviour: uploads, factor: 3, for: 3s}").told(30)
    assert behaviour.factors == [(2, 3), (4, 3), (7, 1)]


def test_of_several_bursts_the_one_that_began_last_and_is_not_over_counts() -> None:
    run = SmallRun(1)
    behaviour = run.behaviours["uploads"] = Behaviour(run)
    run.script(
        "{at: 1s, do: burst, behaviour: uploads, factor: 2, for: 9s}",
        "{at: 2s, do: burst, behaviour: uploads, factor: 3, for: 2s}",
        "{at: 4s, do: burst, behaviour: uploads, factor: 4, for: 7s}",
    ).told(30)
    settled = dict(behaviour.factors)
    assert settled == {1: 2, 2: 3, 4: 4, 10: 4, 11: 1}


def test_a_behaviour_that_does_not_run_is_not_sped_up() -> None:
    assert SmallRun(1).script("{at: 2s, do: burst, behaviour: uploads, for: 1s}").told(30) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("burst", 'f.yaml:1:14: timeline[0].do: expected "behaviour" or "files" beside it, got neither'),
        ("burst, files: 0", "f.yaml:1:28: timeline[0].files: expected a whole number from 1 to 1000000, got 0"),
        (
            "burst, files: 1000001",
            "f.yaml:1:28: timeline[0].files: expected a whole number from 1 to 1000000, got 1000001",
        ),
        ("burst, files: 3, for: 1s", 'f.yaml:1:36: timeline[0].for: expected nothing beside "files", got "1s"'),
        ("burst, files: 3, factor: 2", 'f.yaml:1:39: timeline[0].factor: expected nothing beside "files", got 2'),
        ("burst, behaviour: x, size: 1", 'f.yaml:1:41: timeline[0].size: expected nothing beside "behaviour", got 1'),
        (
            "burst, behaviour: x, files: 1",
            'f.yaml:1:42: timeline[0].files: expected nothing beside "behaviour", got 1',
        ),
        ("corrupt, copies: 0", "f.yaml:1:31: timeline[0].copies: expected a whole number from 1 to 1000000, got 0"),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(keys: str, said: str) -> None:
    assert read_step(f"{{at: 1s, do: {keys}}}")[1] == [said]


def test_what_is_meant_is_known_before_the_run() -> None:
    step, _ = read_step("{at: 1s, do: burst, behaviour: storm}")
    assert step.action.behaviour_names() == [(("behaviour",), "storm")]
    step, _ = read_step("{at: 1s, do: burst, files: 500}")
    assert (list(step.action.behaviour_names()), step.action.repetitions(1)) == ([], 500)
    step, _ = read_step("{at: 1s, do: corrupt, peer: peer-3, copies: 5}")
    assert (step.action.peer_names(), step.action.repetitions(1)) == ([(("peer",), "peer-3")], 5)
