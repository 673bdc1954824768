"""The parts of a run, and doing something again and again."""

from pvws.scenario.play import BEHAVIOURS, TIMELINE, Repeater
from pvws.sim.kernel import Kernel


def test_a_repeater_begins_with_a_gap_and_takes_each_gap_anew() -> None:
    kernel, gaps, acted = Kernel(100), iter([5, 1, 7, 1000]), list[int]()
    Repeater(kernel, gaps.__next__, lambda: acted.append(kernel.now), rank=0).begin()
    kernel.run(200)
    assert acted == [105, 106, 113]


def test_at_one_instant_the_world_acts_first_then_the_timeline_then_behaviours() -> None:
    kernel, acted = Kernel(0), list[str]()
    Repeater(kernel, lambda: 5, lambda: acted.append("behaviour"), rank=BEHAVIOURS).begin()
    kernel.schedule(5, acted.append, "timeline", rank=TIMELINE)
    kernel.schedule(5, acted.append, "world")
    kernel.run(5)
    assert acted == ["world", "timeline", "behaviour"]
