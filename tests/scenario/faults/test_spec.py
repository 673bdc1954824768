import json

import pytest
from jsonschema import Draft202012Validator

from pvws.errors import InputError
from pvws.notation.document import parse
from pvws.scenario.faults.drop import Drop
from pvws.scenario.faults.spec import KINDS, SCOPE_KEYS, FaultSpec, fault_schema, read_fault

RIGHT = [
    "latency: 200ms +- 50ms, topics: [alerts], for: 30s",
    "latency: {exponential: {mean: 40ms}}, clients: 50%, seed: 9",
    "drop: 10%, client: 3, types: [pong, file_uploaded], nth: 2, count: 5",
    "close: {code: 4000, reason: bye}, name: last call",
    "close: 1012, client: dashboard",
]


@pytest.mark.parametrize("text", RIGHT)
def test_it_is_written_as_it_was_read(text: str) -> None:
    assert str(read_fault(text)) == text
    assert read_fault(str(read_fault("{" + text + "}"))) == read_fault(text)


def test_it_may_be_a_block_of_a_file_and_errors_have_their_line() -> None:
    assert read_fault("drop: 10%\ntopics: [alerts]\n").fault == Drop(0.1)
    with pytest.raises(InputError) as caught:
        read_fault("drop: 10%\ntopcs: [alerts]\n", "my.yaml")
    assert "my.yaml:2:1" in str(caught.value)
    assert 'did you mean "topics"?' in str(caught.value)


def test_a_node_that_was_parsed_elsewhere_will_do() -> None:
    assert read_fault(parse("drop: 3%", "f.yaml")).kind == "drop"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("latncy: 3s", 'got "latncy" (did you mean "latency"?)'),
        ("topics: [alerts]", "a kind of fault"),
        ("drop: 10%, close: 1012", 'got "drop" and "close"'),
        ("close: 1012, attempts: 3", "expected with close one of"),
        ("drop: 1%, client: 3, clients: 10%", 'expected nothing beside "client"'),
        ("drop", "expected"),
        ("[drop]", "expected a mapping"),
        ("reset", 'expected a kind of fault with its value, like "drop: 10%", got "reset" (write "reset: on")'),
        ("latncy", 'got "latncy" (did you mean "latency"?)'),
        ("attempts: 3", "fault:1:1: expected a kind of fault"),
        ("drop: 10%, drop: 20%", "drop"),
    ],
)
def test_what_is_no_fault_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fault(text)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["drop: 0%", "latency: 0s", "drop: 10%, clients: 0%", "close: 1012, for: 0s"])
def test_zero_means_never(text: str) -> None:
    assert read_fault(text).never


@pytest.mark.parametrize("text", RIGHT)
def test_it_is_not_never_otherwise(text: str) -> None:
    assert not read_fault(text).never


def test_the_schema_takes_what_the_reader_takes_and_names_its_kinds() -> None:
    schema = fault_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for text in RIGHT:
        validator.validate(read_fault(text).written())
    for wrong in ({}, {"drop": "10%", "close": 1012}, {"drop": "200%%"}, {"drop": "1%", "topics": ["alert"]}):
        assert not validator.is_valid(wrong), wrong
    assert schema["x-kinds"] == list(KINDS)
    assert schema["x-scopes"].keys() == KINDS.keys()
    assert schema["x-scopes"]["status"] == ["client", "clients", "attempts", "for", "name", "seed"]
    assert schema["x-scopes"]["restart"] == ["for", "name", "seed"]
    assert [word for words in schema["x-levels"].values() for word in words] == list(KINDS)
    assert set(schema["properties"]) == {*KINDS, *SCOPE_KEYS}
    assert all(each["title"] and each["description"] for each in schema["properties"].values())
    json.dumps(schema)


def test_every_kind_stands_with_its_level_in_order() -> None:
    order = ["message", "connection", "handshake", "listener"]
    levels = [order.index(kind.level) for kind in KINDS.values()]
    assert levels == sorted(levels)
    assert FaultSpec(drop=Drop(1.0)).kind == "drop"
