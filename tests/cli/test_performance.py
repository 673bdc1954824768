import hashlib
from pathlib import Path

import pytest

from pvws.cli.files import opened
from pvws.cli.performance import Deaf, Performance
from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.scenario.loop import Loop
from pvws.scenario.schema import DEFAULT_START, Scenario
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.stage.stage import Stage
from pvws.terminal.output import Output

TEXT = """
scenario: answers
duration: 2s
speed: max
network: {peers: 3, capacity: 1 MiB}
alerts: {storage_usage: {warning: 10, critical: 90, clear: 5}}
timeline:
  - {at: 1s, do: fill, to: 50%, over: 250ms}
  - {at: 1500ms, do: mark, name: full}
  - {when: {client: subscribes}, do: emit, type: security_alert}
"""


@pytest.fixture
def scenario() -> Scenario:
    """Two seconds at whose end storage alarms."""
    return load(TEXT, "answers.yaml")


def director(scenario: Scenario, *inputs: ClientInput) -> Director:
    return Director(scenario, start=DEFAULT_START, seed=0, duration=scenario.duration, inputs=inputs)


def on_stage(performance: Performance) -> Stage:
    return Stage(performance.source, start=DEFAULT_START, speed=None, observers=[performance])


async def test_it_counts_writes_and_takes_the_digest_of_what_it_hears(tmp_path: Path, scenario: Scenario) -> None:
    performance = Performance(scenario, DEFAULT_START, director(scenario))
    path = tmp_path / "out"
    with opened("--out", str(path)) as file:
        performance.output = Output(file.fileno())
        performance.published([Timed(0, 0, "alerts", "a", b"{1}"), Timed(0, 1, "alerts", "b", b"{2}")], 0)
        performance.published([Timed(0, 2, "alerts", "a", b"{3}")], 0)
        await performance.output.drain()
    assert path.read_bytes() == b"{1}\n{2}\n{3}\n"
    assert performance.tally.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert performance.tally.types == {"a": 2, "b": 1}


async def test_a_whole_run_is_looked_at_and_summed_up(scenario: Scenario, capsys: pytest.CaptureFixture[str]) -> None:
    performance = Performance(scenario, DEFAULT_START, director(scenario))
    stage = on_stage(performance)
    assert performance.look(stage).peers == 0
    await stage.play()
    performance.end()
    look = performance.look(stage)
    assert (look.played, look.clients, look.peers, look.mark) == (2_000_000, 0, 3, "full")
    assert look.events == performance.tally.total > 3
    assert look.storage is not None
    assert 0.4 < look.storage < 0.6
    assert look.alerts >= 1
    head, *lines = performance.summary(stage)
    assert head.startswith(f"answers: {look.events} events in 2s, played in ")
    assert "  marks: full at 1.5s" in lines
    assert "storage_usage (warning)" in lines[-1]
    assert capsys.readouterr().err == "pvws: mark full at 1.5s\n"


async def test_a_run_that_is_stopped_tells_how_far_it_came(scenario: Scenario) -> None:
    performance = Performance(scenario, DEFAULT_START, director(scenario))
    stage = on_stage(performance)
    assert performance.summary(stage)[0] == "answers: 0 events in 0s"


async def test_a_loop_has_played_longer_than_a_round(scenario: Scenario) -> None:
    loop = Loop(scenario, start=DEFAULT_START, seed=0, duration=scenario.duration)
    performance = Performance(scenario, DEFAULT_START, loop)
    stage = on_stage(performance)
    while loop.director.play.start == DEFAULT_START or stage.now().micros < loop.director.play.start:
        stage._pacer._play(0)  # a loop has no end to play to
    assert performance.look(stage).played > scenario.duration


async def test_other_cues_are_not_told(scenario: Scenario, capsys: pytest.CaptureFixture[str]) -> None:
    performance = Performance(scenario, DEFAULT_START, director(scenario))
    performance.cued(Cue(DEFAULT_START, "pause", micros=1))
    assert capsys.readouterr().err == ""
    assert performance.tally.last_mark is None


def test_a_deaf_run_is_that_of_its_inputs_whatever_clients_do(scenario: Scenario) -> None:
    subscribes = ClientInput(DEFAULT_START + 500_000, 1, "subscribes", topic="alerts")
    once = director(scenario, subscribes)
    deaf = Deaf(director(scenario, subscribes))
    assert deaf.tell(subscribes) is None
    assert deaf.peek() == once.peek()
    told = deaf.take(None, 10_000)
    assert told == once.take(None, 10_000)
    assert [each.type for each in told if isinstance(each, Timed)].count("security_alert") == 1
