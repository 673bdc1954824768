"""The timeline has faults begin and end: it asks the stage, which does it."""

import pickle

import pytest

from pvws.errors import InputError
from pvws.scenario.faults.spec import FaultSpec, read_fault
from pvws.scenario.timeline.faulting import Fault, Unfault
from pvws.sim.source import Cue
from tests.support.small_run import SmallRun, read_step


def cues(run: SmallRun) -> list[Cue]:
    return [each.payload for each in run.told(9, "Cue")]


def test_a_fault_is_asked_of_the_stage_with_its_scope() -> None:
    run = SmallRun(3).script("{at: 2s, do: fault, latency: 200ms +- 50ms, topics: [alerts], for: 30s}")
    (cue,) = cues(run)
    assert (cue.kind, cue.name) == ("fault", "timeline[0] 1")
    assert isinstance(cue.asked, FaultSpec)
    assert str(cue.asked) == "latency: 200ms +- 50ms, topics: [alerts], for: 30s"


def test_each_time_its_chance_is_another() -> None:
    run = SmallRun(3).script("{every: 2s, times: 3, do: fault, drop: 10%}")
    assert [cue.name for cue in cues(run)] == ["timeline[0] 1", "timeline[0] 2", "timeline[0] 3"]


def test_the_sender_is_whoever_did_what_was_waited_for() -> None:
    run = SmallRun(3).script("{when: {client: subscribes}, do: fault, drop: 10%, client: sender}")
    run.client("subscribes", "alerts")
    (cue,) = cues(run)
    assert isinstance(cue.asked, FaultSpec)
    assert str(cue.asked) == "drop: 10%, client: 1"


def test_nobody_is_the_sender_where_no_client_was_waited_for() -> None:
    run = SmallRun(3).script("{at: 1s, do: fault, drop: 10%, client: sender}")
    with pytest.raises(InputError, match="client: expected a client that the step is taken because of"):
        cues(run)


def test_an_end_is_asked_for_by_name_or_of_all() -> None:
    run = SmallRun(3).script("{at: 1s, do: unfault, name: storm}", "{at: 2s, do: unfault}")
    assert [(cue.kind, cue.name) for cue in cues(run)] == [("unfault", "storm"), ("unfault", "")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("do: fault", "one kind of fault"),
        ("do: fault, drop: 10%, latency: 1s", '"latency" and "drop"'),
        ("do: fault, drop: 10%, attempts: 3", '"attempts"'),
        ("do: fault, drp: 10%", 'did you mean "drop"?'),
        ("do: fault, drop: 10%, clients: 10%, client: 3", 'nothing beside "client"'),
    ],
)
def test_a_wrong_one_is_told_with_its_line(text: str, said: str) -> None:
    _, complaints = read_step(f"{{at: 1s, {text}}}")
    assert any(said in str(complaint) for complaint in complaints), complaints


def test_a_step_is_a_fault_and_can_be_pickled_with_its_run() -> None:
    step, complaints = read_step("{at: 1s, do: fault, drop: 10%, client: 3}")
    assert not complaints
    assert isinstance(step.action, Fault)
    assert step.action.kind == "drop"
    assert pickle.loads(pickle.dumps(step.action)) == step.action
    assert read_fault("drop: 10%, client: 3").fault == step.action.fault
    assert Unfault().name is None
