"""What a script may expect of clients: each kind has the keys that make sense, and says what is wrong."""

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from pvws.notation.document import parse
from pvws.notation.forms import fields, notes, summary
from pvws.notation.reader import INVALID, Reader
from pvws.notation.schema import json_schema
from pvws.scenario.expectations import (
    EXPECTATIONS,
    AnswersPings,
    Backoff,
    ClosesProperly,
    Connects,
    Expectation,
    Expected,
    FailsConnection,
    GivesUp,
    GoesOn,
    HonoursRetryAfter,
    IgnoresUnknownTypes,
    NeverHolds,
    NeverSends,
    NeverTries,
    Reconnects,
    Resubscribes,
    SendsValidMessages,
    Subscribes,
)

SECOND = 1_000_000
WORDS = ", ".join(EXPECTATIONS)


class Script(Struct):
    """A script of nothing but expectations."""

    expect: list[Expectation]


def read(text: str) -> tuple[object, list[str]]:
    reader = Reader("f.yaml")
    expectation = reader.read(parse(text, "f.yaml"), Expectation, "expect[0]")
    assert (expectation is INVALID) == bool(reader.problems)
    return expectation, [str(problem) for problem in reader.problems]


RIGHT = {
    "{client: connects}": Connects(),
    "{client: connects, within: 3s, after: here, tolerance: 500ms}": Connects(3 * SECOND, "here", SECOND // 2),
    "{client: subscribes, topics: [alerts, system]}": Subscribes(("alerts", "system")),
    "{client: reconnects, within: 10s, after: disconnect}": Reconnects(10 * SECOND, "disconnect"),
    "{client: reconnects, backoff: {}}": Reconnects(backoff=Backoff()),
    "{client: reconnects, backoff: {grows: off, jitter: on, least: 1s, most: 30s}}": Reconnects(
        backoff=Backoff(grows=False, jitter=True, least=SECOND, most=30 * SECOND)
    ),
    "{client: reconnects, backoff: {jitter: any}}": Reconnects(backoff=Backoff(jitter="any")),
    "{client: never_tries, more_than: 10/s}": NeverTries(10.0),
    "{client: never_tries, more_than: 5/s, over: 3s}": NeverTries(5.0, 3 * SECOND),
    "{client: never_holds, more_than: 2}": NeverHolds(2),
    "{client: never_holds, after: here, tolerance: 1s}": NeverHolds(None, "here", SECOND),
    "{client: goes_on, after: here, within: 2s}": GoesOn("here", 2 * SECOND),
    "{client: fails_connection, after: here, code: 1007}": FailsConnection("here", 1007),
    "{client: resubscribes, within: 5s}": Resubscribes(5 * SECOND),
    "{client: answers_pings, within: 60s}": AnswersPings(60 * SECOND),
    "{client: honours_retry_after, tolerance: 500ms}": HonoursRetryAfter(SECOND // 2),
    "{client: never_sends, more_than: 100/s}": NeverSends(100.0),
    "{client: never_sends, larger_than: 1 MiB, after: restart}": NeverSends(None, 1_048_576, "restart"),
    "{client: sends_valid_messages}": SendsValidMessages(),
    "{client: closes_properly}": ClosesProperly(),
    "{client: ignores_unknown_types, after: emit}": IgnoresUnknownTypes(after="emit"),
    "{client: gives_up, within: 1m}": GivesUp(60 * SECOND),
}


@pytest.mark.parametrize(("text", "expectation"), RIGHT.items())
def test_an_expectation_is_read(text: str, expectation: Expected) -> None:
    assert read(text) == (expectation, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3", "1:1: expect[0]: expected a mapping, got 3"),
        ("{within: 3s}", f"1:1: expect[0].client: expected one of {WORDS}, got nothing"),
        (
            "{client: reconnect}",
            f'1:10: expect[0].client: expected one of {WORDS}, got "reconnect" (did you mean "reconnects"?)',
        ),
        (
            "{client: answers_pings, after: x}",
            '1:25: expect[0]: expected one of within, tolerance, client, got "after"',
        ),
        (
            "{client: never_sends, more_than: 9/s, within: 3s}",
            '1:39: expect[0]: expected one of more_than, larger_than, after, client, got "within"',
        ),
        ("{client: never_sends}", '1:1: expect[0]: expected "more_than" or "larger_than", or both, got neither'),
        (
            "{client: never_holds}",
            '1:1: expect[0]: expected "more_than", or "after" to count how many there are then, got neither',
        ),
        ("{client: never_holds, more_than: 0}", "1:34: expect[0].more_than: expected a whole number from 1"),
        ("{client: never_tries}", "1:1: expect[0].more_than: expected a value, got nothing"),
        ("{client: goes_on}", "1:1: expect[0].after: expected a value, got nothing"),
        (
            "{client: fails_connection, after: x, code: 1006}",
            "1:44: expect[0].code: expected a code that a close frame may have",
        ),
        (
            "{client: reconnects, backoff: {jitter: some}}",
            '1:40: expect[0].backoff.jitter: expected on, off or any, got "some"',
        ),
        ("{client: never_sends, more_than: 0/s}", "1:34: expect[0].more_than: expected a rate above 0/s"),
        ("{client: never_sends, more_than: 100}", '1:34: expect[0].more_than: expected a rate like "2/s"'),
        ("{client: never_sends, larger_than: 0}", "1:36: expect[0].larger_than: expected a size from 1 B"),
        ("{client: subscribes, topics: []}", "1:30: expect[0].topics: expected at least 1 of them, got 0"),
        ("{client: subscribes, topics: [alert]}", "1:31: expect[0].topics[0]: expected one of file_operations"),
        ("{client: connects, within: 0}", '1:28: expect[0].within: expected a duration above 0 like "5s", got 0'),
        ("{client: reconnects, backoff: on}", "1:31: expect[0].backoff: expected a mapping, got on"),
        (
            "{client: reconnects, backoff: {grow: on}}",
            "1:32: expect[0].backoff: expected one of grows, jitter, least, most",
        ),
        (
            "{client: reconnects, backoff: {least: 3s, most: 2s}}",
            '1:49: expect[0].backoff.most: expected a duration that is not below "least", got "2s"',
        ),
        ("{client: connects, after: ' '}", "1:27: expect[0].after: expected a name of printable characters"),
    ],
)
def test_a_wrong_expectation_is_answered_with_what_would_be_right(text: str, said: str) -> None:
    (complaint,) = read(text)[1]
    assert complaint.startswith(f"f.yaml:{said}")


def test_all_that_is_wrong_is_told_at_once() -> None:
    complaints = read("{client: reconnects, within: soon, backoff: {grows: 3, least: x}, after: [], tolerance: 1}")[1]
    assert [each.split(": ")[1] for each in complaints] == [
        "expect[0].within",
        "expect[0].after",
        "expect[0].tolerance",
        "expect[0].backoff.grows",
        "expect[0].backoff.least",
    ]


def test_what_the_timeline_must_have_is_known() -> None:
    assert list(Reconnects(after="disconnect").landmarks()) == [(("after",), "disconnect")]
    assert list(Reconnects().landmarks()) == []
    assert list(AnswersPings().landmarks()) == []


def test_every_kind_and_every_key_of_it_is_described() -> None:
    assert len(EXPECTATIONS) == len(set(EXPECTATIONS.values())) == 15
    for kind in (*EXPECTATIONS.values(), Backoff):
        assert summary(kind).endswith(".")
        for field in fields(kind):
            assert notes(field.kind).description.endswith("."), (kind, field.key)


SCHEMA = json_schema(Script, title="script")


def test_the_schema_takes_what_the_reader_takes_and_refuses_other_keys() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert all(validator.is_valid({"expect": [yaml.safe_load(text)]}) for text in RIGHT)
    for text in ("{client: naps}", "{}", "{client: connects, topics: [alerts]}", "{client: subscribes, topics: []}"):
        assert read(text)[1]
        assert not validator.is_valid({"expect": [yaml.safe_load(text)]})


_KEYS = sorted(
    {"client", "x"}.union(*([each.encode_name for each in structs.fields(kind)] for kind in EXPECTATIONS.values()))
)
_VALUES = st.recursive(
    st.sampled_from(["1s", "0", "30%", "alerts", "100/s", "1 MiB", "on", "null", "''", "7", "1.5", *EXPECTATIONS]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda each: f"[{', '.join(each)}]"),
        st.dictionaries(st.sampled_from([*_KEYS, "grows", "least", "most"]), inner, max_size=4).map(
            lambda each: f"{{{', '.join(f'{key}: {value}' for key, value in each.items())}}}"
        ),
    ),
)


@given(_VALUES)
def test_anything_is_an_expectation_or_has_problems(text: str) -> None:
    expectation, _ = read(text)
    assert expectation is INVALID or isinstance(expectation, Expected)
