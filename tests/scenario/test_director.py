"""The director: the same scenario, seed, start and inputs give the same bytes, however and wherever it is played."""

import gc
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from pvws.errors import InputError
from pvws.scenario.director import Director
from pvws.scenario.inputs import input_line, inputs_head, read_inputs
from pvws.scenario.observations import FIGURES
from pvws.sim.compiled import COMPILED
from pvws.sim.source import ClientInput, Cue, Deed, Timed
from pvws.timestamp import Timestamp
from pvws.wire import codec
from pvws.world.invariants import ContradictionError
from pvws.world.store import Store
from tests.support.playing import SECOND, START, director_of, events, read_scenario, rest

BUSY = """\
seed: 3
duration: 20s
network: {peers: 8, capacity: 64 MiB}
behaviours:
  uploads: {rate: 8/s, size: {lognormal: {median: 600 KiB, sigma: 1.2, max: 8 MiB}}}
  deletes: {rate: 2/s}
  reads: {rate: 5/s, popularity: zipf}
  churn: {rate: 20/min, downtime: 2s, crash: 30%}
  metrics: {every: 3s}
timeline:
  - {at: 4s, do: join, peers: 3, over: 2s}
  - {at: 6s, do: leave, peers: 2, for: 4s}
  - {at: 7s, do: partition, groups: 2, for: 5s}
  - {at: 10s, do: fill, to: 90%, over: 4s}
  - {when: "storage_usage > 85", do: mark, name: nearly full}
  - {when: {client: subscribes}, times: always, do: burst, files: 5}
"""


def told(director: Director, *types: str) -> list[tuple[int, bytes]]:
    return [(event.at, event.text) for event in events(director, *types)]


# The same bytes


def test_the_same_seed_and_start_give_the_same_bytes() -> None:
    first, second = rest(director_of(BUSY)), rest(director_of(BUSY))
    assert first == second
    assert len(first) > 500


def test_another_seed_gives_other_bytes() -> None:
    assert rest(director_of(BUSY, seed=3)) != rest(director_of(BUSY, seed=4))


def test_another_start_moves_all_times_and_changes_nothing_else() -> None:
    early, late = events(director_of(BUSY, start=0)), events(director_of(BUSY, start=START))
    assert [event.at + START for event in early] == [event.at for event in late]
    assert [(event.type, event.sequence) for event in early] == [(event.type, event.sequence) for event in late]


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_with_another_hash_seed_tells_the_same(hash_seed: str) -> None:
    program = (
        "import sys; from tests.support.playing import director_of, events\n"
        "sys.stdout.buffer.writelines(event.text for event in events(director_of(sys.stdin.read())))"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        input=BUSY.encode(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    here = b"".join(event.text for event in events(director_of(BUSY)))
    assert sha256(there).hexdigest() == sha256(here).hexdigest()


@pytest.mark.parametrize("taken", [0, 1, 100, 700])
def test_a_run_that_is_pickled_midway_goes_on_identically(taken: int) -> None:
    director = director_of(BUSY)
    if taken:
        director.take(None, taken)
    frozen = pickle.dumps(director)
    expected = rest(director)
    for _ in range(2):
        copy: Any = pickle.loads(frozen)
        assert rest(copy) == expected
    assert expected


def test_looking_after_contradictions_changes_nothing() -> None:
    assert rest(director_of(BUSY, paranoid=True)) == rest(director_of(BUSY))


# From the first instant to the last


def test_the_duration_ends_it_and_includes_its_last_instant() -> None:
    director = director_of("duration: 10s\nnetwork: {peers: 1}\nbehaviours: {metrics: {every: 5s}}", start=7 * SECOND)
    measured = events(director, "system_metrics")
    assert [event.at for event in measured] == [12 * SECOND, 17 * SECOND]


def test_after_the_end_nothing_is_due_and_nothing_is_taken() -> None:
    director = director_of("duration: 10s\nbehaviours: {metrics: {every: 5s}}")
    rest(director)
    assert director.peek() is None
    assert director.take(None, 10) == []
    assert director.take(START + 3_600 * SECOND, 10) == []


def test_a_scenario_of_no_duration_is_its_first_instant() -> None:
    told = events(director_of("duration: 0\nnetwork: {peers: 3}\nbehaviours: {uploads: {rate: 100/s}}"))
    assert [(event.at, event.type) for event in told] == [
        *[(START, "peer_connected")] * 3,
        (START, "network_topology_changed"),
    ]


def test_a_quiet_scenario_ends_though_nothing_more_is_told() -> None:
    director = director_of("network: {peers: 0}\nbehaviours: {reads: {rate: 1/s}}")
    assert rest(director) == []
    assert director.peek() is None


# What a source promises


def test_messages_are_numbered_and_times_never_fall() -> None:
    given = events(director_of(BUSY, sequence=70))
    assert [event.sequence for event in given] == list(range(70, 70 + len(given)))
    assert [event.at for event in given] == sorted(event.at for event in given)


def test_the_next_number_is_known() -> None:
    director = director_of(BUSY, sequence=5)
    assert director.sequence == 5
    taken = [each for each in director.take(None, 30) if isinstance(each, Timed)]
    assert director.sequence == 5 + len(taken)


def test_nothing_is_taken_from_behind_the_instant_that_was_asked_for() -> None:
    director = director_of(BUSY)
    until = START + 5 * SECOND
    taken = rest(director, until)
    assert max(each.at for each in taken) <= until
    due = director.peek()
    assert due is not None
    assert due > until
    assert director.take(until, 10) == []


def test_it_stops_soon_after_the_limit() -> None:
    """An instant of the kernel is told as a whole: when eight peers join at once, that is eight events."""
    director = director_of(BUSY)
    assert [each.type for each in director.take(None, 1) if isinstance(each, Timed)] == ["peer_connected"] * 8
    assert len(director.take(None, 1)) == 1
    assert 100 <= len(director.take(None, 100)) < 110


def test_an_event_says_outside_what_it_is_inside() -> None:
    for event in events(director_of(BUSY)):
        assert event.text.startswith(f'{{"type":"{event.type}","topic":"{event.topic}","data":{{'.encode())
        assert event.text.endswith(f',"timestamp":"{Timestamp(event.at).text}"}}'.encode())
        assert b"\n" not in event.text


def test_peek_tells_when_the_next_thing_happens() -> None:
    director, times = director_of("duration: 10s\nnetwork: {peers: 0}\nbehaviours: {metrics: {every: 5s}}"), []
    while (at := director.peek()) is not None:
        times += [(at, each.at) for each in director.take(at, 1)]
    assert times == [(at, at) for at in (START + 5 * SECOND, START + 10 * SECOND) for _ in range(4)]


# Cues


CUED = """\
duration: 3s
network: {peers: 0}
behaviours: {metrics: {every: 1s, kinds: [system_metrics]}}
timeline:
  - {at: 1s, do: mark, name: one}
  - {at: 1s, do: disconnect, clients: 50%, code: 1012, reason: bye}
  - {at: 2s, do: pause, for: 5s}
"""


def test_a_cue_is_the_last_in_its_list_and_what_is_behind_it_comes_next() -> None:
    director = director_of(CUED)
    lists = []
    while director.peek() is not None:
        lists.append([getattr(each, "kind", "") or getattr(each, "type", "") for each in director.take(None, 100)])
    assert lists == [["mark"], ["disconnect"], ["system_metrics", "pause"], ["system_metrics", "system_metrics"]]


def test_a_cue_within_a_step_divides_it() -> None:
    """Whoever puts several things into the outbox at once: those behind the cue wait until they are asked for."""
    director = director_of("duration: 5s\nnetwork: {peers: 0}")
    first, cue, second = (
        Cue(START + 1, "mark", name="a"),
        Cue(START + 1, "mark", name="b"),
        Cue(START + 1, "mark", name="a"),
    )

    def cue_all(cues: list[Cue]) -> None:
        for each in cues:
            director.play.world.herald.cue(each)

    director.play.kernel.schedule(START + 1, cue_all, [first, cue, second])
    assert director.take(None, 100) == [first]
    assert director.peek() == START + 1
    copy = pickle.loads(pickle.dumps(director))
    for each in (director, copy):
        assert each.take(START, 100) == [cue]
        assert each.take(None, 100) == [second]
        assert each.peek() is None


def test_cues_say_what_the_script_says() -> None:
    cues = [each for each in rest(director_of(CUED)) if isinstance(each, Cue)]
    assert cues[0] == Cue(START + SECOND, "mark", name="one")
    assert (cues[1].at, cues[1].share, cues[1].code, cues[1].reason) == (START + SECOND, 0.5, 1012, "bye")
    assert cues[2] == Cue(START + 2 * SECOND, "pause", micros=5 * SECOND)


def test_cues_have_no_number() -> None:
    given = rest(director_of(CUED))
    assert [each.sequence for each in given if isinstance(each, Timed)] == [0, 1, 2]


def test_a_raw_message_is_given_as_it_stands() -> None:
    body = "duration: 1s\nnetwork: {peers: 0}\ntimeline: [{at: 1s, do: emit, raw: '{oops', topic: alerts, type: odd}]"
    assert rest(director_of(body)) == [Timed(START + SECOND, 0, "alerts", "odd", b"{oops")]


# Conditions


def crossings(director: Director, figure: str, holds: Callable[[float], bool]) -> tuple[list[int], list[int]]:
    """When a figure of the run begins to be as asked, and when the script marks that."""
    read, _ = FIGURES[figure]
    true, marked, was = [], [], False
    while director.peek() is not None:
        marked += [each.at for each in director.take(None, 1) if isinstance(each, Cue)]
        now = holds(read(director.play))
        if now and not was:
            true.append(director.play.kernel.now)
        was = now
    return true, marked


UP_AND_DOWN = """\
duration: 60s
network: {peers: 4, capacity: 100 MiB, latency: 1ms}
timeline:
  - {at: 1s, do: fill, to: 80%, over: 5s}
  - {at: 20s, do: drain, to: 10%, over: 5s}
  - {at: 40s, do: fill, to: 80%, over: 5s}
"""


def test_a_condition_is_followed_once_at_the_instant_when_it_comes_true() -> None:
    director = director_of(f'{UP_AND_DOWN}  - {{when: "storage_usage > 50", do: mark, name: x}}\n')
    true, marked = crossings(director, "storage_usage", lambda usage: usage > 50)
    assert len(true) == 2
    assert marked == true[:1]


@pytest.mark.parametrize(("times", "number"), [("2", 2), ("always", 2), ("1", 1)])
def test_a_condition_is_followed_again_when_it_comes_true_again(times: str, number: int) -> None:
    director = director_of(f'{UP_AND_DOWN}  - {{when: "storage_usage > 50", times: {times}, do: mark, name: x}}\n')
    true, marked = crossings(director, "storage_usage", lambda usage: usage > 50)
    assert marked == true[:number]


def test_a_condition_is_followed_after_a_delay() -> None:
    director = director_of(f'{UP_AND_DOWN}  - {{when: "storage_usage > 50", in: 3s, do: mark, name: x}}\n')
    true, marked = crossings(director, "storage_usage", lambda usage: usage > 50)
    assert marked == [true[0] + 3 * SECOND]


def test_conditions_that_answer_each_other_for_ever_are_refused() -> None:
    """Each makes the other come true, and time stands still: better a sentence than a stage that tells no end."""
    body = "duration: 9s\nbehaviours: {uploads: {rate: 1/s, arrivals: fixed}}\ntimeline:\n"
    body += '  - {when: "files % 2 == 1", times: always, do: burst, files: 1, over: 0s}\n'
    answer = '  - {when: "files % 2 == 0 and files > 0", times: always, do: burst, files: 1, over: 0s}\n'
    with pytest.raises(InputError) as error:
        rest(director_of(body + answer))
    expected = "expected a condition that comes true at most 1000 times at one instant, got more"
    assert str(error.value) == f'timeline[0].when: {expected} (an "in" lets time go on)'
    assert len(rest(director_of(body + answer.replace("do:", "in: 100ms, do:")))) > 100


# Clients


ANSWERING = """\
duration: 30s
network: {peers: 3}
behaviours: {metrics: {every: 2s, kinds: [system_metrics]}}
timeline:
  - {when: {client: connects}, times: always, do: mark, name: connected}
  - {when: {client: subscribes, topic: alerts}, do: emit, type: storage_alert}
  - {when: {client: sends, type: ping, nth: 2}, in: 3s, do: mark, name: second ping}
"""


def did(at: float, deed: Deed, topic: str = "", message: str = "") -> ClientInput:
    return ClientInput(START + round(at * SECOND), 1, deed, topic, message)


def test_what_a_client_does_takes_effect_at_that_instant() -> None:
    director = director_of(ANSWERING)
    deed = did(1, "connects")
    assert director.tell(deed) == deed
    assert director.take(START + SECOND - 1, 100)[-1].at == START
    assert director.peek() == START + SECOND
    assert director.take(None, 1) == [Cue(START + SECOND, "mark", name="connected")]


def test_what_a_client_does_takes_effect_behind_all_that_was_taken() -> None:
    director = director_of(ANSWERING)
    taken = director.take(START + 4 * SECOND, 100)
    assert taken[-1].at == START + 4 * SECOND
    deed = director.tell(did(2, "connects"))
    assert deed is not None
    assert (deed.at, deed.behind) == (START + 4 * SECOND, True)
    assert director.take(None, 1) == [Cue(deed.at, "mark", name="connected")]


def test_what_a_client_does_comes_before_all_else_of_its_instant() -> None:
    director = director_of(ANSWERING)
    director.take(START + 3 * SECOND, 100)
    director.tell(did(4, "subscribes", topic="alerts"))
    kinds = [each.type for each in director.take(START + 4 * SECOND, 100) if isinstance(each, Timed)]
    assert kinds == ["storage_alert", "system_metrics"]


def test_a_step_waits_for_the_nth_time() -> None:
    director = director_of(ANSWERING)
    for at in (1, 2, 3):
        director.tell(did(at, "sends", message="ping"))
    director.tell(did(1.5, "sends", message="auth"))
    cues = [each for each in rest(director) if isinstance(each, Cue)]
    assert cues == [Cue(START + 5 * SECOND, "mark", name="second ping")]


def test_what_nobody_waits_for_has_no_effect() -> None:
    director = director_of("duration: 3s")
    assert director.tell(did(1, "connects")) is None


def test_what_a_client_does_after_the_end_has_no_effect() -> None:
    director = director_of(ANSWERING)
    rest(director)
    assert director.tell(did(30, "connects")) is None
    assert director_of(ANSWERING).tell(did(30.000001, "connects")) is None
    assert director_of(ANSWERING).tell(did(30, "connects")) == did(30, "connects")


def test_inputs_from_a_journal_give_what_they_gave() -> None:
    """Also when a client did something after what was taken already, and so a little later than it did."""
    director = director_of(BUSY)
    taken, journal = director.take(None, 200), [inputs_head("made-up", 3, START)]
    for late in (0, -2, 5):
        deed = director.tell(ClientInput(taken[-1].at + late * SECOND, 1, "subscribes", "alerts"))
        assert deed is not None
        journal.append(input_line(deed, START))
    taken += rest(director)
    again = director_of(BUSY, inputs=read_inputs("\n".join([*journal, ""]), "journal", START))
    assert rest(again) == taken
    assert taken != rest(director_of(BUSY))


# Neighbours: adding a behaviour changes no event of the others


ROOMY = """\
duration: 60s
network: {peers: 6, capacity: 1 TiB, latency: 2ms}
behaviours:
  uploads: {rate: 5/s, size: {lognormal: {median: 100 KiB}}, lifetime: {exponential: 20s}}
  updates: {rate: 1/s, of: uploads}
  deletes: {rate: 0.5/s, of: uploads}
  churn: {rate: 5/min, downtime: 3s}
"""
MEASURED = ("system_metrics", "network_metrics", "storage_metrics", "performance_metrics", "performance_alert")


@pytest.mark.parametrize(
    ("added", "caused"),
    [
        ("metrics: {every: 3s}", MEASURED),
        ("reads: {rate: 9/s, popularity: zipf}", ()),
        ("incidents: {rate: 1/s}", ("security_alert",)),
        ("other: {kind: metrics, every: 7s, kinds: [network_metrics]}", MEASURED),
    ],
)
def test_what_a_behaviour_adds_is_its_own_events_alone(added: str, caused: tuple[str, ...]) -> None:
    alone, together = told(director_of(ROOMY)), events(director_of(f"{ROOMY}  {added}\n"))
    assert [(event.at, event.text) for event in together if event.type not in caused] == alone
    assert bool(caused) == any(event.type in caused for event in together)
    assert len(alone) > 1_000


def test_another_behaviours_uploads_change_no_file_and_no_peer() -> None:
    added = "more: {kind: uploads, rate: 4/s, size: 50 KiB, lifetime: 5s}"
    alone, together = told(director_of(ROOMY)), told(director_of(f"{ROOMY}  {added}\n"))
    keys = {json.loads(text)["data"].get("key") for _, text in alone}
    assert [each for each in together if json.loads(each[1])["data"].get("key") in keys] == alone
    assert len(together) > len(alone) + 200


@pytest.mark.parametrize(
    "added", ["deletes: {rate: 9/s}", "churn: {rate: 99/min, downtime: 1s}", "u: {kind: uploads, rate: 2/s}"]
)
def test_another_behaviour_moves_no_upload_in_time_and_size(added: str) -> None:
    """Also when storage is short, so that what can be stored, and where, does depend on the others."""
    body = "duration: 60s\nnetwork: {peers: 4, capacity: 12 MiB}\nbehaviours:\n"
    body += "  uploads: {rate: 5/s, size: {lognormal: {median: 100 KiB}}}\n"

    def uploads(script: str) -> dict[str, tuple[int, int]]:
        loaded = [(at, json.loads(text)["data"]) for at, text in told(director_of(script), "file_uploaded")]
        return {data["key"]: (at, data["size"]) for at, data in loaded}

    alone, together = uploads(body), uploads(f"{body}  {added}\n")
    both = alone.keys() & together.keys()
    assert len(both) > 10
    assert {key: alone[key] for key in both} == {key: together[key] for key in both}


@pytest.mark.parametrize("added", ["uploads: {rate: 9/s}", "deletes: {rate: 1/s}"])
def test_another_behaviour_moves_no_peer(added: str) -> None:
    body = "duration: 60s\nnetwork: {peers: 6}\nbehaviours:\n  churn: {rate: 30/min, downtime: 3s}\n"
    types = ("peer_connected", "peer_disconnected")
    alone = told(director_of(body), *types)
    assert len(alone) > 20
    assert alone == told(director_of(f"{body}  {added}\n"), *types)


@pytest.mark.parametrize("name", ["network", "cast", "timeline[0]", "links of timeline[0]"])
def test_the_name_of_a_behaviour_disturbs_nothing_else(name: str) -> None:
    """A behaviour has streams of its own, even if it is called as something inside is."""
    body = "network: {peers: 6}\ntimeline: [{at: 9s, do: leave, peers: 3}, {at: 10s, do: join, peers: 3, over: 9s}]\n"
    behaviours = f"behaviours: {{'{name}': {{kind: uploads, rate: 2/s}}}}"
    types = ("peer_connected", "peer_disconnected")
    assert told(director_of(body), *types) == told(director_of(body + behaviours), *types)


@pytest.mark.parametrize("rate", [20, 30_000])
def test_what_is_put_down_to_be_added_up_does_not_pile_up_though_nothing_is_told(rate: int) -> None:
    body = f"duration: 1s\nbehaviours: {{uploads: {{rate: 20/s, until: 200ms}}, reads: {{rate: {rate}/s}}}}"
    director = director_of(body)
    traffic = director.play.world.store.traffic
    while director.peek() is not None:
        director.take(None, 256)
        assert not traffic.answered
        assert not traffic.stored
    assert traffic.requests > rate / 2


# A world that contradicts itself


@pytest.mark.skipif(COMPILED, reason="puts something else in place of what is compiled")
def test_a_paranoid_one_finds_a_world_that_contradicts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Store.upload

    def upload(store: Store, *arguments: Any) -> Any:
        store.used_space += 1
        return right(store, *arguments)

    monkeypatch.setattr(Store, "upload", upload)
    body = "seed: 9\nduration: 5s\nbehaviours: {uploads: {rate: 1/s, arrivals: fixed}}"
    assert rest(director_of(body))
    with pytest.raises(ContradictionError) as error:
        rest(director_of(body, paranoid=True))
    first, *sentences = str(error.value).split("\n")
    assert first == (
        "the simulated network contradicts itself by 2024-01-01T00:00:01.000Z, with seed 9; please report this"
    )
    assert any(sentence.startswith("used_space, by peers is ") for sentence in sentences)


# What it costs, by its causes


FIREHOSE = """\
duration: 10m
network: {peers: 8, capacity: 1 TiB, latency: 1ms}
behaviours:
  uploads: {rate: 150/s, size: 20 KiB, lifetime: {exponential: 500ms}}
  reads: {rate: 50/s, popularity: zipf, of: uploads}
  updates: {rate: 20/s}
  metrics: {every: 1s}
  incidents: {rate: 2/s}
timeline:
  - {every: 2s, do: slow, factor: 3, for: 1s}
  - {every: 5s, do: leave, for: 1s}
  - {every: 3s, do: corrupt, copies: 2}
  - {when: "files > 10", times: always, do: burst, behaviour: reads, factor: 2, for: 1s}
"""


def test_an_event_costs_one_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded, right = list[object](), codec._encode
    monkeypatch.setattr(codec, "_encode", lambda told: encoded.append(told) or right(told))  # type: ignore[func-returns-value]
    director = director_of(FIREHOSE)
    given = rest(director, START + 3 * SECOND)
    assert len(encoded) == len(given) > 1_000


def test_what_a_run_holds_does_not_grow_with_time() -> None:
    """After 70 s, when incidents begin to be forgotten, it has all that it ever has: objects, agenda and pickle."""
    director, sizes = director_of(FIREHOSE), []
    for seconds in (70, 140):
        rest(director, START + seconds * SECOND)
        gc.collect()
        sizes.append((len(gc.get_objects()), len(director.play.kernel), len(pickle.dumps(director))))
    (objects, agenda, size), (later_objects, later_agenda, later_size) = sizes
    assert later_objects < objects + 1_000
    assert later_agenda < agenda + 200
    assert later_size < 1.1 * size
    assert director.play.world.store.traffic.requests > 20_000


def test_a_script_that_was_read_once_is_played_again_and_again() -> None:
    """Nothing of a run is left in the scenario: a list that is gone through in order begins anew."""
    body = "behaviours: {uploads: {rate: 5/s, size: {values: [1 KiB, 2 KiB, 3 KiB], order: cycle}}}"
    scenario = read_scenario(body)
    assert rest(director_of(scenario)) == rest(director_of(scenario))


def test_a_step_that_can_not_be_taken_says_where_it_stands() -> None:
    director = director_of('timeline:\n  - {at: 1s, do: emit, type: storage_alert, data: {value: "${peer.first.id}"}}')
    with pytest.raises(InputError, match=r"^[^:]+\.yaml:[0-9]+:5: timeline\[0\]\.data\.value: expected a number"):
        rest(director)


def test_steps_that_an_expectation_counts_from_are_announced_before_they_are_taken_and_no_others() -> None:
    timeline = """
network: {peers: 0}
timeline:
  - {at: 1s, do: emit, type: security_alert}
  - {at: 2s, do: emit, type: network_alert}
"""
    given = rest(director_of(timeline + "expect:\n  - {client: connects, after: emit}\n"))
    told = [f"{each.kind} {each.name}" if isinstance(each, Cue) else each.type for each in given]
    assert told == ["step emit", "security_alert", "step emit", "network_alert"]
    assert not [each for each in rest(director_of(timeline)) if isinstance(each, Cue)]
