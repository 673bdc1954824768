"""What controllers do to a run, where it is pure: steps and rules."""

import pickle
from typing import Any

import pytest

from pvws.errors import InputError
from pvws.scenario.orders import read_rule, read_step
from pvws.sim.source import ClientInput, Cue, Letter, Order, Timed
from tests.support.playing import SECOND, START, director_of, rest

QUIET = "duration: 10s\nnetwork: {peers: 2}"
RULE = {"when": {"client": "sends", "type": "ping"}, "times": "always", "do": "reply", "raw": "n${client.number}"}


def sends(at: float, client: int = 1, kind: str = "ping", message: str = "{}") -> ClientInput:
    return ClientInput(START + round(at * SECOND), client, "sends", type=kind, message=message)


def letters(given: list[Timed | Cue]) -> list[tuple[float, int | None, bytes]]:
    return [((each.at - START) / SECOND, each.client, each.text) for each in given if isinstance(each, Letter)]


def test_a_step_is_taken_at_its_instant_before_all_else_of_it() -> None:
    director = director_of(QUIET)
    order = director.order(Order(START + SECOND, {"do": "emit", "type": "storage_alert"}))
    assert order is not None
    assert order.at == START + SECOND
    assert [each.at for each in rest(director) if isinstance(each, Timed) and each.type == "storage_alert"] == [
        order.at
    ]


def test_what_comes_too_late_takes_effect_behind_what_was_taken() -> None:
    director = director_of(QUIET)
    taken = director.take(START, 100)
    order = director.order(Order(START, {"do": "mark", "name": "here"}))
    assert order is not None
    assert (order.at, order.behind) == (taken[-1].at, True)
    assert [each.at for each in director.take(START, 100)] == [START]


@pytest.mark.parametrize(
    "step",
    [
        {"do": "fault", "drop": "10%", "client": "c1", "for": "1s"},
        {"do": "emit", "type": "file_deleted", "data": {"key": "${peer.random.id}"}},
        {"do": "slow", "peers": 1, "factor": 2, "for": "1s"},
    ],
    ids=lambda step: step["do"],
)
def test_a_step_that_was_taken_leaves_nothing_in_the_run(step: dict[str, Any]) -> None:
    director = director_of(QUIET.replace("10s", "60s"))
    sizes = set[int]()
    for number in range(50):
        at = START + (number + 1) * SECOND
        director.order(Order(at, step))
        while director.orders.last != Order(at, step):
            director.take(at, 1_000)
        assert director.orders.troubles == []
        if number >= 5:
            sizes.add(len(pickle.dumps(director)) // 1_000)
    assert max(sizes) - min(sizes) <= 4, "a stream of chance alone takes 2.5 kB"


def test_a_rule_that_was_removed_leaves_nothing_in_the_run() -> None:
    director = director_of(QUIET.replace("10s", "60s"))
    sizes = set[int]()
    for number in range(50):
        at = START + (number + 1) * SECOND
        director.order(Order(at, RULE, f"r{number}"))
        director.order(Order(at, rule=f"r{number}"))
        while director.orders.last != Order(at, rule=f"r{number}"):
            director.take(at, 1_000)  # a halt is made behind each order
        sizes.add(len(pickle.dumps(director)) // 1_000)
    assert max(sizes) - min(sizes) <= 4


def test_a_rule_answers_until_it_is_removed() -> None:
    director = director_of(QUIET)
    director.order(Order(START + SECOND, RULE, "r1"))
    for at, client in ((0.5, 1), (2, 4), (3, 5)):
        director.tell(sends(at, client))
    director.order(Order(START + 4 * SECOND, rule="r1"))
    director.tell(sends(5, 6))
    assert letters(rest(director)) == [(2, 4, b"n4"), (3, 5, b"n5")]
    assert director.orders.rules == {}


def test_a_rule_goes_on_when_the_scenario_has_ended_and_the_network_stands_still() -> None:
    director = director_of(f"{QUIET}\nbehaviours: {{metrics: {{every: 3s}}}}")
    director.order(Order(START, RULE | {"in": "2s"}, "r1"))
    rest(director)
    director.tell(sends(20))
    director.order(Order(START + 21 * SECOND, {"do": "emit", "type": "storage_alert"}))
    given = rest(director)
    assert letters(given) == [(22, 1, b"n1")]
    assert [each.type for each in given if isinstance(each, Timed)] == ["storage_alert"]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"nth": 2, "each": True}, [3, 4]),
        ({"nth": 2}, [1, 3, 4]),
        ({"by": 2}, [2, 4]),
        ({"match": "x > 2"}, [3, 4]),
        ({"schema": {"properties": {"x": {"const": 2}}}}, [2]),
    ],
)
def test_a_rule_is_for_whom_and_what_it_says(extra: dict[str, object], expected: list[int]) -> None:
    director = director_of(QUIET)
    rule = {"when": {"client": "sends"} | extra, "times": "always", "do": "reply", "raw": "${message.x}"}
    director.order(Order(START, rule, "r1"))
    for number in range(1, 5):
        director.tell(sends(number, 2 - number % 2, message=f'{{"x":{number}}}'))
    numbers = [int(text) for _, _, text in letters(rest(director))]
    assert numbers == (expected if extra != {"nth": 2} else [2, 3, 4])


def test_a_step_without_a_value_ends_nothing_and_is_told() -> None:
    director = director_of(QUIET)
    director.order(Order(START, RULE | {"raw": "${message.missing}"}, "r1"))
    director.tell(sends(1))
    assert letters(rest(director)) == []
    ((rule, error),) = director.orders.troubles
    assert rule == "r1"
    assert "message.missing" in str(error)


def test_a_run_with_rules_can_be_put_away_and_the_same_inputs_give_the_same() -> None:
    director = director_of(QUIET)
    inputs = [director.order(Order(START, RULE, "r1")), director.tell(sends(2))]
    director.take(START + SECOND, 100)
    copy = pickle.loads(pickle.dumps(director))
    whole = rest(director)
    assert rest(copy) == whole
    assert None not in inputs
    again = director_of(QUIET, inputs=[each for each in inputs if each is not None])
    assert rest(again)[-len(whole) :] == whole


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"do": "emitt"}, "do: expected one of join"),
        ({"do": "emit", "type": "storage_alert", "data": {"level": "loud"}}, "data.level: expected one of"),
        ({"do": "emit", "type": "storage_alert", "at": "3s"}, "expected one of do, type"),
        ({"do": "emit", "raw": "x"}, "topic: expected one of"),
        ({"do": "emit", "base64": "?", "topics": ["alerts"]}, "base64: expected bytes in base64"),
        (
            {"do": "emit", "raw": "four", "topics": ["alerts"], "fragments": [1, 2]},
            "fragments: expected sizes that add",
        ),
        ({}, "do: expected one of"),
    ],
)
def test_a_wrong_step_is_told_with_its_path(step: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_step(step)
    assert str(caught.value).startswith(said)


def test_a_rule_waits_for_clients_and_says_when() -> None:
    with pytest.raises(InputError, match=r"when: expected \{client: …\}"):
        read_rule({"when": "peers > 3", "do": "heal"})
    with pytest.raises(InputError, match="expected one of at, every, when, got nothing"):
        read_rule({"do": "heal"})
    with pytest.raises(InputError, match="a step of JSON values"):
        read_step({"do": {1, 2}})
