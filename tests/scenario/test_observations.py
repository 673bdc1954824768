"""What conditions and templates may ask about: each figure is what the network says, and nothing else has a name."""

import json
from collections import Counter

import pytest

from pvws.scenario.director import Director
from pvws.scenario.observations import FIGURES, OBSERVATIONS, Observations
from pvws.scenario.play import Play
from pvws.scenario.triggers import condition
from pvws.sim.chance import Stream
from pvws.sim.source import ClientInput
from pvws.timestamp import Timestamp
from pvws.world.truth import truth
from tests.support.playing import SECOND, START, director_of, events, rest

EVENTFUL = """\
seed: 5
duration: 60s
network: {peers: 9, capacity: 8 MiB, bandwidth: 300 KB, latency: {uniform: {from: 1ms, to: 90ms}}, replication: 2}
behaviours:
  uploads: {rate: 2/s, size: {lognormal: {median: 200 KiB, max: 2 MiB}}}
  updates: {rate: 1/s}
  reads: {rate: 2/s}
  churn: {rate: 20/min, downtime: 4s}
timeline:
  - {at: 10s, do: partition, share: 40%, for: 20s}
  - {at: 15s, do: crash, peers: 2}
  - {at: 20s, do: slow, peers: 3, factor: 60}
  - {at: 40s, do: join}
"""


def played(seconds: float) -> Director:
    """A run in which all sorts of things have happened, after some seconds."""
    director = director_of(EVENTFUL)
    rest(director, START + int(seconds * SECOND))
    return director


def asked(director: Director, seed: int = 1) -> Observations:
    return Observations(director.play, Stream(seed, "test"))


def empty() -> Play:
    director = director_of("network: {peers: 0}")
    rest(director)
    return director.play


# Figures


def counted(play: Play) -> dict[str, float]:
    """Every figure, reckoned the long way: from what the network says is true, and from its peers and files."""
    world, told = play.world, truth(play.world)
    here = [peer for peer in told.peers if peer.connected]
    copies = [copy for file in told.files for copy in file.copies]
    synced = [copy for copy in copies if copy.status == "SYNCED"]
    available = [file for file in told.files if any(copy.status == "SYNCED" for copy in file.copies)]
    total = sum(peer.capacity for peer in here)
    used = sum(peer.used for peer in here)
    pairs = {
        frozenset((peer.number, other.number))
        for side in world.overlay.sides
        for peer in side
        for other in world.overlay.neighbours(peer)
    }
    return {
        "time": (play.kernel.now - START) / SECOND,
        "peers": len(here),
        "known_peers": len(told.peers),
        "missing_peers": sum(peer.missed for peer in world.peers),
        "degraded_peers": sum(peer.status == "DEGRADED" for peer in told.peers),
        "clusters": len({peer.group for peer in world.peers if peer.connected and not peer.crashed}),
        "links": len(pairs),
        "files": len(available),
        "copies": len(synced),
        "transfers": len(copies) - len(synced),
        "lacking_files": len(world.store.lacking),
        "replication_factor": round(len(synced) / len(available), 6),
        "total_space": total,
        "used_space": used,
        "storage_usage": round(100 * used / total, 6),
        "requests": world.store.traffic.requests,
        "failures": world.store.traffic.failures,
        "bytes_transferred": told.total_bytes_transferred,
        "open_alerts": len(told.alerts),
    }


@pytest.mark.parametrize("seconds", [3, 12, 17, 25, 31, 48, 60])
def test_every_figure_is_what_the_network_says(seconds: float) -> None:
    director = played(seconds)
    observed = {name: read(director.play) for name, (read, _) in FIGURES.items()}
    assert observed == counted(director.play)
    assert observed == {name: asked(director)(name) for name in FIGURES}


def test_no_figure_is_always_the_same() -> None:
    plays = [played(seconds).play for seconds in (0, 3, 17, 25, 60)]
    assert [name for name, (read, _) in FIGURES.items() if len({read(play) for play in plays}) == 1] == []


def test_figures_of_a_network_without_peers_are_numbers() -> None:
    play = empty()
    assert {name: read(play) for name, (read, _) in FIGURES.items() if read(play)} == {}


def test_every_figure_says_what_it_is() -> None:
    assert all(said and said[0].islower() and not said.endswith(".") for _, said in FIGURES.values())


# Names


def test_every_name_that_there_is_can_be_asked_for() -> None:
    observations = asked(played(5))
    observations.deed = ClientInput(0, 1, "sends", message='{"type":"ping"}')
    assert all(observations(name) is not None for name in OBSERVATIONS)
    assert sorted(OBSERVATIONS) == sorted([*FIGURES, "n", "now", "peer", "file", "client", "message"])


@pytest.mark.parametrize("name", ["client", "message"])
def test_only_what_a_client_has_caused_knows_of_one(name: str) -> None:
    with pytest.raises(KeyError):
        asked(played(0))(name)


def test_a_step_may_ask_who_has_caused_it_and_with_which_words() -> None:
    observations = asked(played(0))
    observations.deed = ClientInput(0, 3, "sends", message='{"id":7}', client_id="ab", name="app")
    assert observations("client") == {"number": 3, "id": "ab", "name": "app"}
    assert observations("message") == {"id": 7}


@pytest.mark.parametrize("name", ["", "peer_s", "Peers", "storage", "__class__"])
def test_another_name_is_unknown(name: str) -> None:
    with pytest.raises(KeyError):
        asked(played(0))(name)


def test_n_is_the_number_that_the_step_keeps() -> None:
    observations = asked(played(0))
    assert observations("n") == 0
    observations.number = 7
    assert observations("n") == 7


def test_now_is_the_time_of_the_stage_as_messages_have_it() -> None:
    director = played(12.5)
    now = asked(director)("now")
    assert now == director.play.world.herald.now.text == Timestamp(director.play.kernel.now // 1000 * 1000).text


# Peers


def look_up(observations: Observations, thing: str, word: str) -> object:
    found = observations(thing)
    assert hasattr(found, "look_up")
    return found.look_up(word)


def test_a_peer_is_described() -> None:
    director = played(30)
    peer = director.play.world.peers[3]
    described = look_up(asked(director), "peer", "peer-4")
    assert described == {
        "name": "peer-4",
        "id": peer.id,
        "address": peer.address,
        "port": peer.port,
        "capabilities": peer.capabilities,
        "capacity": 8 * 1024**2,
        "used": peer.used,
        "usage": round(100 * peer.used / peer.capacity, 6),
        "connected": peer.connected,
        "health": peer.health,
        "latency": peer.latency / 1_000_000,
    }
    assert peer.used > 0


def test_first_and_last_are_those_of_the_connected_that_came_first_and_last() -> None:
    director = played(5)
    world, observations = director.play.world, asked(director)
    world.disconnect(world.peers[0], "shutdown")
    world.disconnect(world.peers[-1], "shutdown")
    here = [peer.name for peer in world.peers if peer.connected]
    for word, name in (("first", here[0]), ("last", here[-1])):
        assert look_up(observations, "peer", word) == look_up(observations, "peer", name)


def test_a_peer_that_is_away_can_be_asked_for_by_its_name() -> None:
    director = played(5)
    world = director.play.world
    world.disconnect(world.peers[2], "shutdown")
    assert condition("not peer['peer-3'].connected and peer['peer-3'].health == 'OFFLINE'").holds(asked(director))


def test_a_random_peer_is_one_of_those_that_are_here_and_any_of_them() -> None:
    director = played(25)
    here = {peer.name for peer in director.play.world.peers if peer.connected}
    met = [look_up(asked(director, seed), "peer", "random") for seed in range(200)]
    assert {each["name"] for each in met if isinstance(each, dict)} == here
    assert len(here) > 3


def test_a_random_peer_is_the_same_wherever_it_stands_in_one_taking_of_a_step() -> None:
    director = played(25)
    observations = asked(director)
    first = look_up(observations, "peer", "random")
    assert all(look_up(observations, "peer", "random") == first for _ in range(20))
    met = []
    for _ in range(40):
        observations.forget()
        met.append(look_up(observations, "peer", "random"))
    assert any(each != first for each in met)


def test_condition_guard_and_action_of_one_taking_mean_the_same_random_peer() -> None:
    body = "seed: 2\nduration: 300s\nnetwork: {peers: 6}\ntimeline:\n"
    emit = 'do: emit, type: peer_connected, data: {id: "${peer.random.name}", address: "${peer.random.address}"}'
    body += f"  - {{every: 1s, {emit}, if: \"peer.random.name == 'peer-3'\"}}\n"
    body += f"  - {{when: \"peer.random.name == 'peer-5'\", times: always, {emit}}}\n"
    body += f"  - {{every: 700ms, {emit}}}\n"
    director = director_of(body)
    told = [json.loads(event.text)["data"] for event in events(director, "peer_connected")]
    names = {peer.address: peer.name for peer in director.play.world.peers}
    emitted = [each["id"] for each in told if len(each["id"]) < 10]
    assert emitted == [names[each["address"]] for each in told if len(each["id"]) < 10]
    assert set(emitted) == set(names.values())
    guarded = Counter(emitted)
    assert min(guarded["peer-3"], guarded["peer-5"]) > max(guarded[f"peer-{number}"] for number in (1, 2, 4, 6))


def test_a_random_peer_that_has_gone_within_the_instant_is_another() -> None:
    director = played(5)
    world, observations = director.play.world, asked(director)
    gone = []
    while len(world.store.connected) > 1:
        drawn = look_up(observations, "peer", "random")
        assert isinstance(drawn, dict)
        assert drawn["connected"] and drawn["name"] not in gone
        gone.append(drawn["name"])
        peer = world.find(drawn["name"])
        assert peer is not None
        world.disconnect(peer, "shutdown")


@pytest.mark.parametrize("word", ["random", "first", "last", "peer-10", "nobody", ""])
def test_a_peer_that_is_not_there_is_unknown(word: str) -> None:
    director = director_of("network: {peers: 2}")
    rest(director)
    for peer in director.play.world.peers:
        director.play.world.disconnect(peer, "shutdown")
    with pytest.raises(KeyError):
        look_up(asked(director), "peer", word)


# Files


def test_a_file_is_described() -> None:
    director = played(30)
    world = director.play.world
    file = world.store.available[-1]
    assert look_up(asked(director), "file", "latest") == {
        "key": file.key,
        "size": file.size,
        "name": world.descriptions.file_name(file.key),
        "type": world.descriptions.content_type(file.key),
        "owner": world.descriptions.owner(file.key),
        "tags": list(world.descriptions.tags(file.key)),
        "replicas": len(file.copies),
        "node": world.peers[file.copies[0]].id,
    }
    world.store.update(file, ("a", "b"), content=False)
    assert condition("file.latest.tags == ['a', 'b']").holds(asked(director))


def test_a_random_file_is_one_that_is_available_and_the_same_in_one_taking() -> None:
    director = played(10)
    keys = {file.key for file in director.play.world.store.available}
    observations = asked(director)
    drawn = [look_up(asked(director, seed), "file", "random") for seed in range(300)]
    assert {each["key"] for each in drawn if isinstance(each, dict)} == keys
    assert look_up(observations, "file", "random") == look_up(observations, "file", "random")


@pytest.mark.parametrize("gone", ["deleted", "away"])
def test_a_random_file_that_has_gone_within_the_instant_is_another(gone: str) -> None:
    director = director_of("network: {peers: 3, replication: 1}\nbehaviours: {uploads: {rate: 5/s, size: 1 KiB}}")
    rest(director, START + 10 * SECOND)
    world, observations = director.play.world, asked(director)
    drawn = look_up(observations, "file", "random")
    assert isinstance(drawn, dict)
    file = world.store.files[drawn["key"]]
    if gone == "deleted":
        world.store.delete(file)
    else:
        world.disconnect(world.peers[file.copies[0]], "shutdown")
    other = look_up(observations, "file", "random")
    assert isinstance(other, dict)
    assert other["key"] != drawn["key"] and other["replicas"] == 1


@pytest.mark.parametrize("word", ["random", "latest", "first", ""])
def test_a_file_that_is_not_there_is_unknown(word: str) -> None:
    with pytest.raises(KeyError):
        look_up(Observations(empty(), Stream(1, "test")), "file", word)


# Conditions


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("storage_usage > 5 and peers < known_peers", True),
        ("storage_usage > 100", False),
        ("clusters == 2 or clusters == 3", True),
        ("peer.first.usage >= 0 and peer.last.capacity == '8 MiB'", True),
        ("used_space <= total_space and used_space > '1 MiB'", True),
        ("time > '16s' and time <= '17s'", True),
        ("now >= '2024-01-01T00:00:16Z'", True),
        ("file.random.size <= '2 MiB' and len(file.latest.key) == 64", True),
        ("peer.nobody.usage > 0", False),
        ("not peer.nobody.usage > 0", True),
        ("has(peer.random) and not has(peer.nobody)", True),
        ("n == 0", True),
    ],
)
def test_conditions_ask_about_the_run(text: str, holds: bool) -> None:
    assert condition(text).holds(asked(played(17))) is holds


def test_asking_draws_from_no_stream_but_its_own() -> None:
    asking, silent = director_of(EVENTFUL), director_of(EVENTFUL)
    observations = asked(asking)
    for seconds in range(1, 30):
        assert rest(asking, START + seconds * SECOND) == rest(silent, START + seconds * SECOND)
        look_up(observations, "peer", "random")
