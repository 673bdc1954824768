"""A step as it is written: all that is wrong with it is told at once, where it stands, with what would be right."""

import json
from typing import Annotated, Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from pvws.notation.document import Node
from pvws.notation.reader import INVALID, Reader
from pvws.notation.schema import json_schema
from pvws.scenario.timeline.actions import STEPS
from pvws.scenario.timeline.moments import MOMENTS, keys_of
from pvws.scenario.timeline.presence import Leave
from pvws.scenario.timeline.step import Scripted, TimelineStep, place, where
from pvws.scenario.triggers import At
from tests.scenario.timeline.test_actions import EVERYTHING
from tests.support.small_run import read_step

WORDS = ", ".join(STEPS)


class Script(Struct):
    """A script of nothing but a timeline."""

    timeline: list[TimelineStep]


SCHEMA = json_schema(Script, title="script")
_OWN_KEYS = {word: [each.encode_name for each in structs.fields(action)] for word, action in STEPS.items()}
_WHEN_KEYS = {"at", "every", "from", "until", "times", "when", "in", "if", "do", "client", "xyz"}
_KEYS = sorted(_WHEN_KEYS.union(*_OWN_KEYS.values()))


def test_a_step_has_a_trigger_an_action_and_perhaps_a_guard() -> None:
    step, _ = read_step("{at: 30s, do: leave, peer: peer-3, for: 10s, if: peers > 3}")
    assert step == Scripted(At(30_000_000), Leave("peer-3", lasting=10_000_000), "peers > 3", ("f.yaml", 1, 1))
    step, _ = read_step("{at: 30s, do: heal}")
    assert step.guard is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7", ["1:1: timeline[0]: expected a mapping, got 7"]),
        ("{at: 1s}", [f"1:1: timeline[0].do: expected one of {WORDS}, got nothing"]),
        ("{at: 1s, do: leav}", [f'1:14: timeline[0].do: expected one of {WORDS}, got "leav" (did you mean "leave"?)']),
        ("{do: heal}", ["1:1: timeline[0]: expected one of at, every, when, got nothing"]),
        ("{at: 1s, every: 2s, do: heal}", ['1:10: timeline[0]: expected one of at, every, when, got "at" and "every"']),
        (
            "{at: 1s, do: leave, lasting: 3s}",
            ['1:21: timeline[0]: expected one of at, if, do, peer, peers, reason, for, got "lasting"'],
        ),
        (
            "{at: 1s, do: fill, to: 9%, until: 3s}",
            ['1:28: timeline[0]: expected one of at, if, do, to, over, got "until" ("until" goes with "every")'],
        ),
        (
            "{at: 1s, do: fill, to: 9%, times: 3}",
            [
                '1:28: timeline[0]: expected one of at, if, do, to, over, got "times" '
                '("times" goes with "every" or "when")'
            ],
        ),
        ("{at: 1s, do: heal, if: peers =}", ['1:30: timeline[0].if: expected "==", got "="']),
        (
            "{at: 1s, do: leave, fro: 3s}",
            [
                '1:21: timeline[0]: expected one of at, if, do, peer, peers, reason, for, got "fro" '
                '(did you mean "for"?)'
            ],
        ),
        (
            "{at: soon, do: leav}",
            ["1:6: timeline[0].at: expected a duration", f"1:16: timeline[0].do: expected one of {WORDS}"],
        ),
        (
            "{every: 0, times: many, if: '', do: fill, to: 200%, size: 3}",
            [
                '1:53: timeline[0]: expected one of every, from, until, times, if, do, to, over, got "size"',
                "1:9: timeline[0].every: expected a duration above 0",
                "1:19: timeline[0].times: expected a whole number",
                "1:30: timeline[0].if: expected an expression",
                "1:47: timeline[0].to: expected a percentage",
            ],
        ),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(text: str, said: list[str]) -> None:
    step, complaints = read_step(text)
    assert step is INVALID
    assert len(complaints) == len(said)
    for complaint, start in zip(sorted(complaints), sorted(f"f.yaml:{each}" for each in said), strict=True):
        assert complaint.startswith(start)


def test_no_action_has_a_key_that_says_when() -> None:
    taken = {"if", "do"}.union(*map(keys_of, MOMENTS))
    for word, keys in _OWN_KEYS.items():
        assert not taken & set(keys), word


def test_places_are_found_as_far_as_there_are_any() -> None:
    root = Node({"data": Node([Node("x", 3, 4)], 2, 3)}, 1, 1)
    assert place(root, ("data", 0)).value == "x"
    assert place(root, ("data", 7)).line == 2
    assert place(root, ("topic",)) is root
    assert place(root, ("data", 0, "deeper")).line == 3
    assert where("timeline[3]", ("data", 0, "level")) == "timeline[3].data[0].level"


# the schema


def test_the_schema_is_one_and_takes_what_the_reader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate({"timeline": [yaml.safe_load(text) for text in EVERYTHING]}, SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "{at: 1s}",
        "{do: heal}",
        "{at: 1s, do: leav}",
        "{at: 1s, every: 2s, do: heal}",
        "{at: 1s, do: heal, until: 3s}",
        "{at: 1s, do: heal, for: 3s}",
        "{every: 1s, do: heal, in: 3s}",
        "{when: {client: naps}, do: heal}",
        "{at: 1s, do: leave, peers: 0}",
        "{at: 1s, do: fill}",
        "{at: 1s, do: disconnect, code: 1006}",
        "{at: 1s, do: partition, groups: 1}",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(text: str) -> None:
    assert read_step(text)[1]
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid({"timeline": [yaml.safe_load(text)]})


def test_what_an_action_does_is_in_the_schema_for_an_editor_to_show() -> None:
    text = json.dumps(SCHEMA)
    for word, action in STEPS.items():
        assert json.dumps({"const": word})[1:-1] in text
        assert " ".join((action.__doc__ or "").split("\n\n")[0].split())[:40] in text


# anything


def node_of(value: Any) -> Node:
    """A tree of a value as if it had been read."""
    if isinstance(value, dict):
        node = Node({key: node_of(each) for key, each in value.items()}, 1, 1)
        node.key_places = dict.fromkeys(value, (1, 1))
        return node
    if isinstance(value, list):
        return Node([node_of(each) for each in value], 1, 1)
    return Node(value, 1, 1, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value))


_TEXTS = (
    "1s 0 all 30% peer-1 ${peers} ${peer.random.id} ${ alerts always file_uploaded security_alert connects critical"
)
_SCALARS = st.one_of(
    st.sampled_from([*_TEXTS.split(), "peers > 3", "", "a b", "uploads", "1 MiB", *STEPS]),
    st.none(),
    st.booleans(),
    st.integers(-3, 2_000_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*_KEYS, "level", "size"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    """A mapping that looks like a step: what it does is one of the actions, and most keys are keys of that."""
    word = draw(st.sampled_from(list(STEPS)))
    own = _OWN_KEYS[word] or ["peer"]
    found = draw(st.dictionaries(st.sampled_from(own), _VALUES, max_size=4))
    found |= draw(st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=2))
    moment = draw(
        st.sampled_from([{"at": "1s"}, {"every": "2s"}, {"when": "peers > 3"}, {"when": {"client": "connects"}}, {}])
    )
    return found | moment | {"do": word}


def checked(value: Any) -> Any:
    reader = Reader("f.yaml")
    step = reader.read(node_of(value), Annotated[Any, *TimelineStep.__metadata__], "timeline[0]")
    assert (step is INVALID) == bool(reader.problems)
    assert step is INVALID or isinstance(step, Scripted)
    assert all(str(problem).isprintable() for problem in reader.problems)
    return step


@given(_VALUES)
def test_anything_is_a_step_or_has_problems(value: Any) -> None:
    checked(value)


@given(mappings())
def test_what_looks_like_a_step_is_one_or_has_problems_and_what_is_one_fits_the_schema(value: dict[str, Any]) -> None:
    if checked(value) is not INVALID:
        jsonschema.validate({"timeline": [value]}, SCHEMA)
