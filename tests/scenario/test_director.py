"""The director: the same scenario, seed and start give the same bytes, in any process."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pvws.scenario.director import Director
from pvws.scenario.schema import DEFAULT_START, Scenario
from pvws.sim.source import Timed

Read = Callable[[str], Scenario]
Direct = Callable[..., Director]

SECOND = 1_000_000
BUSY = """\
seed: 3
duration: 20s
network: {peers: 8, capacity: 64 MiB}
behaviours:
  uploads: {rate: 8/s, size: {lognormal: {median: 600 KiB, sigma: 1.2, max: 8 MiB}}}
  deletes: {rate: 2/s}
  churn: {rate: 20/min, downtime: 2s}
  metrics: {every: 3s}
timeline:
  - {at: 4s, do: join, peers: 3, over: 2s}
  - {at: 6s, do: leave, peers: 2, for: 4s}
  - {at: 10s, do: fill, to: 90%, over: 4s}
"""


def rest(director: Director) -> list[Timed]:
    """All that a director has left to tell."""
    events = []
    while director.peek() is not None:
        events += director.step()
    return events


def test_the_same_seed_and_start_give_the_same_bytes(read: Read, direct: Direct) -> None:
    scenario = read(BUSY)
    first, second = rest(direct(scenario)), rest(direct(scenario))
    assert first == second
    assert len(first) > 300


def test_another_seed_gives_other_bytes(read: Read, direct: Direct) -> None:
    scenario = read(BUSY)
    assert rest(direct(scenario, seed=3)) != rest(direct(scenario, seed=4))


def test_another_start_moves_all_times_and_changes_nothing_else(read: Read, direct: Direct) -> None:
    scenario, start = read(BUSY), 1_704_067_200_000_000
    early, late = rest(direct(scenario)), rest(direct(scenario, start=start))
    assert [event.at + start for event in early] == [event.at for event in late]
    assert [(event.type, event.sequence) for event in early] == [(event.type, event.sequence) for event in late]
    assert b'"timestamp":"2024-01-01T00:00:00.000Z"' in late[0].text


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_with_another_hash_seed_tells_the_same(
    hash_seed: str, tmp_path: Path, read: Read, direct: Direct
) -> None:
    script = tmp_path / "busy.yaml"
    script.write_text(f"pvws: 1\nscenario: busy\n{BUSY}", "utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "pvws", "simulate", script, "--no-serve", "--out", "-"],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    here = b"".join(event.text + b"\n" for event in rest(direct(read(BUSY), start=DEFAULT_START)))
    assert sha256(told).hexdigest() == sha256(here).hexdigest()


def test_the_duration_ends_it_and_includes_its_last_instant(read: Read, direct: Direct) -> None:
    director = direct(read("duration: 10s\nnetwork: {peers: 1}\nbehaviours: {metrics: {every: 5s}}"), start=7 * SECOND)
    events = rest(director)
    assert [event.at for event in events if event.type == "system_metrics"] == [12 * SECOND, 17 * SECOND]
    assert director.peek() is None


def test_after_the_end_there_is_no_step(read: Read, direct: Direct) -> None:
    director = direct(read("duration: 10s\nbehaviours: {metrics: {every: 5s}}"))
    rest(director)
    for _ in range(2):
        with pytest.raises(IndexError):
            director.step()
        assert director.peek() is None


def test_a_scenario_of_no_duration_is_its_first_instant(read: Read, direct: Direct) -> None:
    events = rest(direct(read("duration: 0\nnetwork: {peers: 3}\nbehaviours: {uploads: {rate: 100/s}}")))
    assert [(event.at, event.type) for event in events] == [(0, "peer_connected")] * 3


def test_sequences_count_from_zero_and_times_never_fall(read: Read, direct: Direct) -> None:
    director = direct(read(BUSY))
    events, due = [], []
    while (at := director.peek()) is not None:
        step = director.step()
        due += [at] * len(step)
        events += step
    assert [event.sequence for event in events] == list(range(len(events)))
    assert [event.at for event in events] == due == sorted(due)


def test_an_event_says_outside_what_it_is_inside(read: Read, direct: Direct) -> None:
    for event in rest(direct(read(BUSY))):
        assert event.text.startswith(f'{{"type":"{event.type}","topic":"{event.topic}","data":{{'.encode())
        assert b"\n" not in event.text


def only(director: Director, *types: str) -> list[tuple[int, bytes]]:
    return [(event.at, event.text) for event in rest(director) if event.type in types]


def test_measuring_changes_nothing_of_what_is_measured(read: Read, direct: Direct) -> None:
    with_it, without = read(BUSY), read(BUSY.replace("  metrics: {every: 3s}\n", ""))
    types = ("file_uploaded", "file_deleted", "file_replicated", "peer_connected", "peer_disconnected", "storage_alert")
    assert only(direct(with_it), *types) == only(direct(without), *types)


@pytest.mark.parametrize(
    "added", ["deletes: {rate: 9/s}", "churn: {rate: 99/min, downtime: 1s}", "u: {kind: uploads, rate: 2/s}"]
)
def test_another_behaviour_moves_no_upload_in_time_and_size(added: str, read: Read, direct: Direct) -> None:
    """Also when storage is short, so that what can be stored, and where, does depend on the others."""
    body = "duration: 60s\nnetwork: {peers: 4, capacity: 12 MiB}\nbehaviours:\n"
    body += "  uploads: {rate: 5/s, size: {lognormal: {median: 100 KiB}}}\n"

    def uploads(script: str) -> dict[str, tuple[int, int]]:
        told = [(at, json.loads(text)["data"]) for at, text in only(direct(read(script)), "file_uploaded")]
        return {data["key"]: (at, data["size"]) for at, data in told}

    alone, together = uploads(body), uploads(f"{body}  {added}\n")
    both = alone.keys() & together.keys()
    assert len(both) > 10
    assert {key: alone[key] for key in both} == {key: together[key] for key in both}


@pytest.mark.parametrize("added", ["uploads: {rate: 9/s}", "deletes: {rate: 1/s}"])
def test_another_behaviour_moves_no_peer(added: str, read: Read, direct: Direct) -> None:
    body = "duration: 60s\nnetwork: {peers: 6}\nbehaviours:\n  churn: {rate: 30/min, downtime: 3s}\n"
    types = ("peer_connected", "peer_disconnected")
    alone = only(direct(read(body)), *types)
    assert len(alone) > 20
    assert alone == only(direct(read(f"{body}  {added}\n")), *types)


@pytest.mark.parametrize("name", ["network", "cast", "timeline[0]"])
def test_the_name_of_a_behaviour_disturbs_nothing_else(name: str, read: Read, direct: Direct) -> None:
    """A behaviour has streams of its own, even if it is called as something inside is."""
    body = "network: {peers: 6}\ntimeline: [{at: 9s, do: leave, peers: 3}, {at: 10s, do: join, peers: 3, over: 9s}]\n"
    behaviours = f"behaviours: {{'{name}': {{kind: uploads, rate: 2/s}}}}"
    types = ("peer_connected", "peer_disconnected")
    assert only(direct(read(body)), *types) == only(direct(read(body + behaviours)), *types)


@pytest.mark.parametrize("steps", [0, 1, 100, 400])
def test_a_run_that_is_pickled_midway_goes_on_identically(steps: int, read: Read, direct: Direct) -> None:
    director = direct(read(BUSY))
    for _ in range(steps):
        director.step()
    frozen = pickle.dumps(director)
    expected = rest(director)
    for _ in range(2):
        copy: Any = pickle.loads(frozen)
        assert rest(copy) == expected
    assert expected
