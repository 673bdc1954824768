"""Random scenarios are played, and all that they tell must be true: of the network, and to a client that follows it."""

import re
import subprocess
import sys
from itertools import count

import pytest

from pvws.scenario.behaviours.kinds import BEHAVIOUR_KINDS
from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.timeline.actions import STEPS
from pvws.sim.compiled import COMPILED
from pvws.sim.source import Cue
from pvws.wire.events import EVENT_TYPES
from pvws.world.cast import Cast
from pvws.world.entities import File, Peer, Transfer
from pvws.world.store import Store
from tests.swarm.__main__ import main
from tests.swarm.script import EMITTED, draw
from tests.swarm.trial import EVENTS_MANY, EVENTS_MAX, trial

SEEDS = range(30)
MANY_SEEDS = range(1_000, 2_500)
SEEDS_AT_ONCE = 50


def checked(seed: int, events_max: int = EVENTS_MAX) -> None:
    """Play a seed. A failure says how to repeat it."""
    try:
        problems = trial(seed, events_max)
    except Exception as error:
        pytest.fail(f"python -m tests.swarm {seed}\n{type(error).__name__}: {error}")
    if problems:
        pytest.fail("\n".join([f"python -m tests.swarm {seed}", *problems]), pytrace=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_a_scenario_says_what_it_tells_is_true(seed: int) -> None:
    checked(seed)


@pytest.mark.long
@pytest.mark.timeout(280)
@pytest.mark.parametrize("first", MANY_SEEDS[::SEEDS_AT_ONCE])
def test_whatever_many_scenarios_say_what_they_tell_is_true(first: int) -> None:
    for seed in range(first, first + SEEDS_AT_ONCE):
        checked(seed)


@pytest.mark.long
@pytest.mark.timeout(280)
@pytest.mark.parametrize("first", MANY_SEEDS[: len(MANY_SEEDS) // 10 : 10])
def test_whatever_many_scenarios_say_what_they_tell_for_long_is_true(first: int) -> None:
    for seed in range(first, first + 10):
        checked(seed, EVENTS_MANY)


# What is drawn


def test_a_seed_is_always_the_same_script() -> None:
    assert [draw(seed) for seed in SEEDS] == [draw(seed) for seed in SEEDS]
    assert len({draw(seed) for seed in SEEDS}) == len(SEEDS)


def test_the_language_takes_all_that_is_drawn() -> None:
    for seed in range(100):
        load(draw(seed), "swarm.yaml")


def test_together_the_seeds_say_all_that_can_be_said() -> None:
    words = set(re.findall(r"[a-z_]+", " ".join(map(draw, SEEDS))))
    assert {*BEHAVIOUR_KINDS, *STEPS} <= words
    assert {"at", "every", "when", "if", "client", "always", "groups", "share", "extra", "raw"} <= words
    assert {"uniform", "exponential", "lognormal", "normal", "pareto", "choice", "values"} <= words
    assert {"arrivals", "peak", "day", "ramp", "lifetime", "popularity", "of", "crash", "newcomers", "least"} <= words


def test_together_the_seeds_tell_all_that_can_be_told() -> None:
    told, emitted, cues = set(), 0, set()
    for seed in SEEDS:
        scenario = load(draw(seed), "swarm.yaml")
        director = Director(scenario, start=0, seed=scenario.seed, duration=scenario.duration)
        for each in director.take(None, 500):
            if isinstance(each, Cue):
                cues.add(each.kind)
            elif EMITTED.encode() in each.text:
                emitted += 1
            else:
                told.add(each.type)
    assert told >= set(EVENT_TYPES)
    assert emitted >= 5
    assert cues >= {"mark"}


# Mistakes that it must find


def finds_something() -> bool:
    return any(trial(seed) for seed in SEEDS)


def test_it_finds_a_copy_that_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Store._arrive

    def _arrive(store: Store, transfer: Transfer) -> None:
        copies = store.copies
        right(store, transfer)
        store.copies = copies

    monkeypatch.setattr(Store, "_arrive", _arrive)
    assert finds_something()


@pytest.mark.skipif(COMPILED, reason="puts something else in place of what is compiled")
def test_it_finds_a_deletion_that_nobody_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is right, and what it says isn't the whole truth."""
    right = Store.delete

    def delete(store: Store, file: File) -> None:
        right(store, file)
        outbox = store._outbox
        outbox[:] = [each for each in outbox if getattr(each, "type", "") != "file_deleted"]

    monkeypatch.setattr(Store, "delete", delete)
    assert finds_something()


def test_it_finds_a_run_that_is_another_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    right, made = Cast.make, count()

    def make(cast: Cast, *arguments: object) -> Peer:
        peer = right(cast, *arguments)  # type: ignore[arg-type]
        peer.port = 1 + next(made) % 65_535
        return peer

    monkeypatch.setattr(Cast, "make", make)
    assert finds_something()


# The command that repeats what was found


def odd(seed: int, events_max: int = EVENTS_MAX) -> list[str]:
    """Something is wrong with odd numbers, with some only after a while."""
    return [f"{seed} is odd"] if seed % 2 and (seed < 7 or events_max > EVENTS_MAX) else []


def test_the_command_prints_the_script_and_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["5"]) == 0
    assert capsys.readouterr().out == f"{draw(5)}\n0 of 1 seeds found something\n"
    monkeypatch.setattr("tests.swarm.__main__.trial", odd)
    assert main(["4", "7"]) == 1
    assert capsys.readouterr().out == "seed 5: 5 is odd\nseed 7: 7 is odd\n2 of 4 seeds found something\n"


def test_the_command_runs_as_a_failure_says_it() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.swarm", "4"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert draw(4) in done.stdout


@pytest.mark.parametrize("arguments", [[], ["-1"], ["x"], ["1", "2", "3"]])
def test_what_is_no_seed_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: " in capsys.readouterr().err


def test_a_failure_says_how_to_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.trial", lambda seed, events_max: ["a peer is its own neighbour"])
    with pytest.raises(pytest.fail.Exception, match=r"^python -m tests\.swarm 17\na peer is its own neighbour$"):
        checked(17)
