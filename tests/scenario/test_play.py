"""The parts of a run, and in which order they act at one instant."""

import pickle

from pvws.scenario.play import BEHAVIOURS, MEASUREMENTS, TIMELINE, Holds, Play
from pvws.sim.kernel import Kernel
from tests.support.playing import START, director_of


def test_at_one_instant_the_network_acts_first_then_the_timeline_then_behaviours_then_measurements() -> None:
    kernel, acted = Kernel(0), list[str]()
    for rank, name in ((MEASUREMENTS, "metrics"), (BEHAVIOURS, "uploads"), (TIMELINE, "join"), (0, "arrival")):
        kernel.schedule(5, acted.append, name, rank=rank)
    kernel.run(5)
    assert acted == ["arrival", "join", "uploads", "metrics"]


def test_a_play_remembers_when_it_began() -> None:
    play = director_of("network: {peers: 2}").play
    play.kernel.run(START + 5)
    assert (play.start, play.kernel.now) == (START, START + 5)
    assert (play.behaviours, play.watchers, play.listeners) == ({}, [], [])


def test_a_play_has_those_behaviours_that_can_be_sped_up_by_name() -> None:
    play = director_of("behaviours: {uploads: {rate: 1/s}, storm: {kind: churn, rate: 1/s}}").play
    assert list(play.behaviours) == ["uploads", "storm"]


def test_a_pickled_play_shares_its_parts_as_before() -> None:
    play = director_of("behaviours: {uploads: {rate: 1/s}}").play
    again: Play = pickle.loads(pickle.dumps(play))
    assert again.world.kernel is again.kernel
    assert again.world.store.connected is not play.world.store.connected


def test_who_set_a_thing_last_counts_and_behind_them_who_set_it_before() -> None:
    holds, thing, other = Holds(), ("rate", "uploads"), ("rate", "deletes")
    assert holds.take(thing, "a", 2.0) == 2
    assert holds.take(thing, "b", 3.0) == 3
    assert holds.take(other, "a", 9.0) == 9
    assert holds.release(thing, "b", 1.0) == 2
    assert holds.take(thing, "b", 4.0) == 4
    assert holds.take(thing, "a", 5.0) == 5
    assert holds.release(thing, "a", 1.0) == 4
    assert holds.release(thing, "a", 1.0) == 4
    assert holds.release(thing, "b", 1.0) == 1
    assert holds.release(thing, "b", 1.0) == 1
