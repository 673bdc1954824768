"""All actions: each has a word and says what it is; a run can be put away and taken up again with all of them."""

import pytest

from pvws.notation.forms import fields, notes, summary
from pvws.scenario.timeline.action import Action
from pvws.scenario.timeline.actions import STEPS, word_of
from tests.support.small_run import SmallRun, Told, read_step

EXAMPLES = {
    "join": ["peers: 3, over: 4s", "peer: peer-1", "named: [{name: guest, latency: 7ms}]"],
    "leave": ["peers: 30%, for: 6s", "peer: '${peer.random.name}', reason: evicted"],
    "crash": ["peers: 2, for: 9s", "peer: peer-2"],
    "restart": ["down: 2s", "peers: 2, over: 7s"],
    "slow": ["peers: all, factor: 90, for: 8s"],
    "load": ["peers: 2, share: 97%, rotate: 3s, for: 20s"],
    "partition": ["groups: 2, for: 7s", "share: 30%, for: 30s", "groups: [[peer-1, peer-2]]"],
    "heal": [""],
    "fill": ["to: 85%, over: 6s"],
    "drain": ["to: 10%, over: 6s"],
    "corrupt": ["copies: 5", "peer: peer-3"],
    "burst": ["files: 60, over: 5s, size: {lognormal: {median: 500 KiB}}", "behaviour: uploads, for: 3s"],
    "incident": ["category: auth_failure, attempts: 30, over: 9s", "category: integrity_violation"],
    "emit": ["type: storage_alert, data: {node: '${peer.random.id}', value: '${n}'}", "topic: alerts, raw: '${n}'"],
    "reply": ["type: answer, data: {n: '${n}', to: '${client.number}'}", "raw: 'you are ${client.id}'"],
    "mark": ["name: here"],
    "pause": ["for: 2s"],
    "disconnect": ["clients: 20%, code: 1012", "client: 3"],
    "fault": ["latency: 200ms +- 50ms, topics: [alerts], for: 30s", "close: 1012, clients: 50%, name: storm"],
    "unfault": ["name: storm", ""],
}


def _moment(word: str, place: int) -> str:
    """When it is taken: what answers a client, when there is one."""
    return "when: {client: connects}, times: always" if word == "reply" else f"every: {3 + place}s"


EVERYTHING = [
    f"{{{_moment(word, place)}, do: {word}, {keys}}}".replace(", }", "}")
    for word, all_keys in EXAMPLES.items()
    for place, keys in enumerate(all_keys)
]


def busy() -> SmallRun:
    return SmallRun(8).script("{at: 0, do: fill, to: 30%, over: 2s}", *EVERYTHING)


def test_every_action_has_an_example_that_is_right() -> None:
    assert list(EXAMPLES) == list(STEPS)
    for text in EVERYTHING:
        step, complaints = read_step(text)
        assert not complaints
        assert type(step.action) is STEPS[word_of(step.action)]


def test_every_action_and_every_key_of_it_is_described() -> None:
    for word, action in STEPS.items():
        assert summary(action).endswith("."), word
        assert action.__doc__ != Action.__doc__
        for field in fields(action):
            assert notes(field.kind).description.endswith("."), (word, field.key)


def test_the_same_seed_gives_the_same_run_and_another_another() -> None:
    first, second = busy().told(25), busy().told(25)
    assert first == second
    assert len(first) > 500
    assert len({each.kind for each in first}) >= 9
    assert SmallRun(8, seed=2).script(*EVERYTHING).told(25) != SmallRun(8).script(*EVERYTHING).told(25)


@pytest.mark.parametrize("seconds", [0, 3.5, 10, 17.3, 31])
def test_a_run_that_is_put_away_goes_on_identically(seconds: float) -> None:
    run = busy()
    run.told(seconds)
    again = run.copy()
    assert again.told(40) == run.told(40)


def uploads(told: list[Told]) -> list[tuple[float, str, int]]:
    return [(each.at, each.payload.key, each.payload.size) for each in told if each.kind == "FileUploaded"]


@pytest.mark.parametrize(
    "other",
    ["{every: 1s, do: leave, for: 2s}", "{every: 1s, do: partition, for: 500ms}", "{at: 0, do: burst, files: 50}"],
)
def test_another_step_changes_no_key_time_or_size_of_a_burst(other: str) -> None:
    burst = "{at: 1s, do: burst, files: 40, over: 8s, size: {lognormal: {median: 50 KiB, max: 200 KiB}}}"
    alone = uploads(SmallRun(6, capacity=10**12).script(burst).told(20))
    together = uploads(SmallRun(6, capacity=10**12).script(burst, other).told(20))
    assert len(alone) == 40
    assert [each for each in together if each in alone] == alone
