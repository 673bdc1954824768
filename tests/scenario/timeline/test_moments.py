"""When a step is taken, as it is written."""

import pytest

from pvws.notation.forms import fields, notes
from pvws.scenario.timeline.moments import MOMENTS, keys_of
from pvws.scenario.triggers import At, ClientDoes, Every, Trigger, When
from tests.support.small_run import read_step

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("at: 30s", At(30 * SECOND)),
        ("at: 0", At(0)),
        ("every: 10s", Every(10 * SECOND, 10 * SECOND)),
        ("every: 10s, from: 0", Every(10 * SECOND, 0)),
        ("every: 1s, from: 20s, until: 5m, times: 6", Every(SECOND, 20 * SECOND, 300 * SECOND, 6)),
        ("every: 5s, until: 5s", Every(5 * SECOND, 5 * SECOND, 5 * SECOND)),
        ("when: storage_usage > 90", When("storage_usage > 90")),
        ("when: peers < 3, times: always", When("peers < 3", None)),
        ("when: peers < 3, times: 3, in: 2s", When("peers < 3", 3, 2 * SECOND)),
        ("when: {client: connects}", ClientDoes("connects")),
        ("when: {client: subscribes, topic: alerts}", ClientDoes("subscribes", "alerts")),
        ("when: {client: unsubscribes, topic: system, nth: 3}", ClientDoes("unsubscribes", "system", nth=3)),
        (
            "when: {client: sends, type: ping}, times: always, in: 1ms",
            ClientDoes("sends", None, "ping", times=None, delay=1_000),
        ),
    ],
)
def test_a_moment_is_read(text: str, trigger: Trigger) -> None:
    step, complaints = read_step(f"{{{text}, do: heal}}")
    assert not complaints
    assert step.trigger == trigger


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at: 1:30", '1:6: timeline[0].at: expected a duration like "30s", "1m30s" or "500ms", got "1:30"'),
        ("every: 0s", '1:9: timeline[0].every: expected a duration above 0 like "5s", got "0s"'),
        ("every: 5s, times: 0", "1:20: timeline[0].times: expected a whole number from 1 to 10000000, got 0"),
        ("every: 5s, times: always", '1:20: timeline[0].times: expected a whole number, got "always"'),
        ("every: 5s, until: 4s", '1:20: timeline[0].until: expected a time at which it has been taken once, got "4s"'),
        (
            "every: 5s, from: 9s, until: 8s",
            '1:30: timeline[0].until: expected a time at which it has been taken once, got "8s"',
        ),
        ("when: ''", "1:9: timeline[0].when: expected an expression, got nothing"),
        ("when: on", "1:8: timeline[0].when: expected a text, got on"),
        ("when: [peers]", "1:8: timeline[0].when: expected a text, got a list"),
        (
            "when: peers < 3, times: never",
            '1:26: timeline[0].times: expected a whole number above 0, or always, got "never"',
        ),
        ("when: peers < 3, times: 0", "1:26: timeline[0].times: expected a whole number from 1 to 10000000, got 0"),
        ("when: {}", "1:8: timeline[0].when.client: expected a value, got nothing"),
        (
            "when: {client: subscribe}",
            "1:17: timeline[0].when.client: expected one of connects, disconnects, subscribes, unsubscribes, sends, "
            'got "subscribe" (did you mean "subscribes"?)',
        ),
        (
            "when: {client: connects, topic: alerts}",
            '1:34: timeline[0].when.topic: expected "topic" only beside subscribes or unsubscribes, got "alerts"',
        ),
        (
            "when: {client: subscribes, type: ping}",
            '1:35: timeline[0].when.type: expected "type" only beside sends, got "ping"',
        ),
        (
            "when: {client: sends, type: pnig}",
            "1:30: timeline[0].when.type: expected one of subscribe, unsubscribe, auth, connection_init, ping, "
            'got "pnig" (did you mean "ping"?)',
        ),
        (
            "when: {client: connects, nth: 0}",
            "1:32: timeline[0].when.nth: expected a whole number from 1 to 10000000, got 0",
        ),
        (
            "when: {client: connects, match: type == 'ping'}",
            '1:34: timeline[0].when.match: expected "match" only beside sends, got "type == \'ping\'"',
        ),
        (
            "when: {client: sends, match: type = 'ping'}",
            '1:36: timeline[0].when.match: expected "==", got "="',
        ),
        (
            "when: {client: sends, schema: {type: objct}}",
            "1:32: timeline[0].when.schema.type: expected a JSON Schema, got 'objct' is not valid",
        ),
        ("when: {client: sends, by: 0}", "1:28: timeline[0].when.by: expected a whole number from 1 on, got 0"),
        (
            "when: {client: connects, times: 2}",
            '1:27: timeline[0].when: expected one of client, topic, type, match, schema, by, nth, each, got "times"',
        ),
    ],
)
def test_a_wrong_moment_is_answered_with_what_would_be_right(text: str, said: str) -> None:
    (complaint,) = read_step(f"{{{text}, do: heal}}")[1]
    assert complaint.startswith(f"f.yaml:{said}")


def test_every_key_is_described_and_knows_its_moment() -> None:
    for word, kind in MOMENTS.items():
        assert keys_of(word)[0] == word
        assert all(notes(field.kind).description.endswith(".") for field in fields(kind))
