"""Every kind of behaviour: how a script says which it means, and what all of them have in common."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import Struct

from pvws.errors import InputError
from pvws.notation.document import parse
from pvws.notation.forms import fields, notes
from pvws.notation.reader import INVALID, Reader
from pvws.notation.reference import chapters
from pvws.notation.schema import json_schema
from pvws.scenario.behaviours.arrivals import Arriving, Lasting
from pvws.scenario.behaviours.kinds import BEHAVIOUR_KINDS, NamedBehaviours
from pvws.scenario.behaviours.uploads import Uploads

SECOND = 1_000_000
KINDS = "uploads, updates, reads, deletes, churn, sessions, slowdowns, incidents, metrics"
ALL = """
    uploads: {rate: 5/s, lifetime: {exponential: 20s}, peak: {every: 20s, factor: 4, for: 5s}}
    more: {kind: uploads, rate: 1/s, ramp: {to: 5/s, over: 20s}, size: {values: [1 KiB, 1 MiB, 5 KiB], order: cycle}}
    updates: {rate: 3/s, popularity: zipf, of: more}
    reads: {rate: 9/s, popularity: {zipf: 1.2}, day: {low: 20%}}
    deletes: {rate: 2/s, of: uploads}
    churn: {rate: 0.5/s, downtime: 5s, crash: 30%, newcomers: 20%}
    sessions: {session: {exponential: 30s}, downtime: {uniform: {from: 1s, to: 9s}}}
    slowdowns: {rate: 0.5/s, for: 5s}
    incidents: {rate: 1/s, category: {auth_failure: 2, unknown_peer: 1}}
    metrics: {every: 3s}
"""


class Script(Struct):
    behaviours: NamedBehaviours


VALIDATOR = Draft202012Validator(json_schema(Script, title="script"))


def test_the_name_is_the_kind_unless_it_says_another(read: Any) -> None:
    behaviours = read("uploads: {rate: 1/s}\nnight: {kind: uploads, rate: 2/s}\nreads: {kind: deletes, rate: 3/s}")
    assert [type(each).__name__ for each in behaviours.values()] == ["Uploads", "Uploads", "Deletes"]
    assert behaviours["night"] == Uploads(rate=2.0)


def test_there_are_as_many_kinds_as_words() -> None:
    assert ", ".join(BEHAVIOUR_KINDS) == KINDS


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("[]", "1:1: behaviours: expected a mapping, got a list"),
        ("uploads: often", '1:10: behaviours.uploads: expected a mapping, got "often"'),
        ("uploads: {}", "1:10: behaviours.uploads.rate: expected a value, got nothing"),
        (
            "uploads: {rate: 1/s, sice: 3}",
            "1:22: behaviours.uploads: expected one of from, until, rate, arrivals, peak, day, ramp, size, lifetime, "
            'kind, got "sice" (did you mean "size"?)',
        ),
        (
            "night: {rate: 1/s}",
            f"1:8: behaviours.night.kind: expected a kind, one of {KINDS}, since the name is none, got nothing",
        ),
        (
            "upload: {rate: 1/s}",
            f"1:9: behaviours.upload.kind: expected a kind, one of {KINDS}, since the name is none, got nothing "
            '(did you mean "uploads"?)',
        ),
        (
            "night: {kind: upload}",
            f'1:15: behaviours.night.kind: expected one of {KINDS}, got "upload" (did you mean "uploads"?)',
        ),
        (
            "uploads: {rate: 1/s, from: 9s, until: 9s}",
            '1:39: behaviours.uploads.until: expected a duration above 9s, when it begins, got "9s"',
        ),
        (
            "uploads: {rate: 1/s, peak: {every: 9s, factor: 2, for: 9s}}",
            '1:56: behaviours.uploads.peak.for: expected a duration below 9s, which `every` is, got "9s"',
        ),
        (
            "uploads: {rate: 1/s, day: {low: 5%, busiest: 24h}}",
            '1:46: behaviours.uploads.day.busiest: expected a duration below 24h, got "24h"',
        ),
        (
            "churn: {rate: 1/s, reasons: bored}",
            "1:29: behaviours.churn.reasons: expected one of timeout, shutdown, network_error, partition, evicted, "
            'got "bored"',
        ),
        ("metrics: {kinds: []}", "1:18: behaviours.metrics.kinds: expected at least 1 of them, got 0"),
        (
            "deletes: {rate: 1/s, of: uploads}",
            '1:26: behaviours.deletes.of: expected nothing, since this script has no uploads, got "uploads"',
        ),
        (
            "deletes: {rate: 1/s, of: night}\nnights: {kind: uploads, rate: 1/s}",
            "1:26: behaviours.deletes.of: expected uploads of this script: nights, "
            'got "night" (did you mean "nights"?)',
        ),
        (
            "reads: {rate: 1/s, of: deletes}\nuploads: {rate: 1/s}\ndeletes: {rate: 1/s}",
            '1:24: behaviours.reads.of: expected uploads of this script: uploads, got "deletes"',
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(script: str, said: str, complaints: Any) -> None:
    assert complaints(script) == [said]


def test_all_mistakes_are_told_at_once(complaints: Any) -> None:
    assert len(complaints("uploads: {rate: 1}\nreads: {rate: x, popularity: y}\nmetrics: {every: 0s, from: z}")) == 5


def test_every_key_is_described_and_no_default_is_unwritten() -> None:
    found = {chapter.name: chapter for chapter in chapters(Script)}
    assert {kind.__name__ for kind in BEHAVIOUR_KINDS.values()} < found.keys()
    assert "Quantity" not in found, "what a value is made of is no part of the language"
    for chapter in found.values():
        for row in chapter.rows:
            assert row.description or chapter.name == "Script", f"{chapter.name}.{row.key}"
    for kind in BEHAVIOUR_KINDS.values():
        rows = {row.key: row for row in found[kind.__name__].rows}
        for field in fields(kind):
            assert rows[field.key].default or field.is_required or field.default is None


def test_those_with_arrivals_have_the_same_keys() -> None:
    shared = [field.key for field in fields(Arriving)]
    assert shared == ["from", "until", "rate", "arrivals", "peak", "day", "ramp"]
    for kind in BEHAVIOUR_KINDS.values():
        assert [field.key for field in fields(kind)][:2] == [field.key for field in fields(Lasting)]
        if issubclass(kind, Arriving):
            assert [field.key for field in fields(kind)][: len(shared)] == shared


@pytest.mark.parametrize(
    ("behaviours", "is_right"),
    [
        ({"uploads": {"rate": "2/s", "size": {"lognormal": {"median": "1 MiB"}}}}, True),
        ({"uploads": {"rate": "2"}}, False),
        ({"uploads": {"rate": "2/s", "downtime": "5s"}}, False),
        ({"night": {"kind": "churn", "rate": "2/s", "downtime": "5s"}}, True),
        ({"night": {"rate": "2/s"}}, False),
        ({"uploads": {"kind": "churn", "rate": "1/s", "crash": "5%"}}, True),
        ({"uploads": {"kind": "churn", "rate": "1/s", "size": 3}}, False),
        ({"uploads": 5}, False),
        ({"night": 5}, False),
        ([], False),
    ],
)
def test_the_schema_is_of_one_mind_with_the_reader(behaviours: object, is_right: bool) -> None:
    assert VALIDATOR.is_valid({"behaviours": behaviours}) is is_right


def test_a_run_that_is_pickled_in_the_middle_goes_on_the_same(rehearsal: Any) -> None:
    play = rehearsal(peers=8).add(ALL)
    play.told(35 * SECOND)
    copy = play.again()
    told, again = ([(at, repr(payload)) for at, payload in each.told(90 * SECOND)] for each in (play, copy))
    assert told == again
    assert len(told) > 500


def test_the_same_seed_is_the_same_run_and_another_is_another(rehearsal: Any) -> None:
    told = [
        [(at, repr(payload)) for at, payload in rehearsal(peers=8, seed=seed).add(ALL).told(30 * SECOND)]
        for seed in (1, 1, 2)
    ]
    assert told[0] == told[1] != told[2]


def test_every_behaviour_can_be_silenced_under_its_name(rehearsal: Any) -> None:
    play = rehearsal(peers=8).add(ALL)
    play.told(30 * SECOND)
    assert list(play.behaviours) == KINDS.replace("uploads", "uploads, more").split(", ")
    for behaviour in play.behaviours.values():
        behaviour.set_factor(0)
    play.told(600 * SECOND)  # what has begun ends: copies, lifetimes, absences, alerts
    before = play.world.store.traffic.requests
    assert play.told(1_200 * SECOND) == []
    assert play.world.store.traffic.requests == before


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for script in (text, f"uploads: {text}", f"uploads: {{rate: {text}}}"):
        try:
            node = parse(script, "f.yaml")
        except InputError:
            continue
        reader = Reader("f.yaml")
        assert (reader.read(node, NamedBehaviours, "behaviours") is INVALID) <= bool(reader.problems)


def test_its_notation_has_a_name() -> None:
    own = notes(NamedBehaviours).own
    assert own is not None
    assert own.label == "mapping of names to behaviours"
