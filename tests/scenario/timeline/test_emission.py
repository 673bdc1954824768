"""Events of the script's own: checked before the run as far as can be, filled in when they are sent."""

import json

import pytest

from pvws.errors import InputError
from pvws.scenario.play import RawEvent
from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_payload
from pvws.wire.defaults import default_payload
from pvws.wire.events import EVENT_TYPES, SecurityAlert
from tests.support.small_run import START, SmallRun, read_step


def sent(script: str, peers: int = 3) -> list[object]:
    """What some steps send, as JSON values: of a typed event its payload."""
    run = SmallRun(peers).script(f"{{at: 2s, do: emit, {script}}}")
    payloads = [each.payload for each in run.told(9, *(each.__name__ for each in EVENT_TYPES.values()), "RawEvent")]
    return [
        json.loads(payload.text if isinstance(payload, RawEvent) else encode_payload(payload)) for payload in payloads
    ]


def refused(script: str, peers: int = 3) -> str:
    """What is said when a step can't be taken."""
    run = SmallRun(peers).script(f"{{at: 2s, do: emit, {script}}}")
    with pytest.raises(InputError) as caught:
        run.told(9)
    return str(caught.value)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_type_can_be_sent_with_nothing_said(event_type: str) -> None:
    assert sent(f"type: {event_type}") == [default_payload(event_type, "2024-01-01T00:00:02.000Z")]


def test_what_is_said_takes_the_place_of_the_default() -> None:
    (payload,) = (
        SmallRun(1).script("{at: 2s, do: emit, type: security_alert, data: {level: critical, value: 7}}").told(9)
    )
    assert isinstance(payload.payload, SecurityAlert)
    assert (payload.payload.level, payload.payload.value) == ("critical", 7)
    assert payload.payload.timestamp == Timestamp(START + 2_000_000)


def test_parts_of_an_object_are_completed() -> None:
    (data,) = sent("type: system_metrics, data: {storage: {usedSpace: 3}}")
    assert isinstance(data, dict)
    assert data["storage"] == default_payload("system_metrics")["storage"] | {"usedSpace": 3}
    (data,) = sent("type: network_topology_changed, data: {clusters: [{size: 9}, {id: x}]}")
    assert isinstance(data, dict)
    assert [(each["id"], each["size"]) for each in data["clusters"]] == [("cluster-2c26b46b", 9), ("x", 2)]


def test_a_time_that_is_said_is_kept() -> None:
    (data,) = sent("type: file_deleted, data: {timestamp: '2020-02-03T04:05:06+01:00'}")
    assert isinstance(data, dict)
    assert data["timestamp"] == "2020-02-03T03:05:06.000Z"


def test_templates_are_filled_and_numbers_stay_numbers() -> None:
    (data,) = sent(
        "type: storage_alert, data: {value: '${peers * 2}', node: '${peer.first.id}', "
        "message: 'step ${n} of ${peers} $${x}'}"
    )
    assert isinstance(data, dict)
    assert (data["value"], data["message"]) == (6.0, "step 1 of 3 ${x}")
    assert data["node"] == SmallRun(3).peer("peer-1").id


def test_templates_are_filled_within_lists_too() -> None:
    (data,) = sent("type: network_alert, data: {peers: ['${peer.first.id}', x]}")
    assert isinstance(data, dict)
    assert data["peers"] == [SmallRun(3).peer("peer-1").id, "x"]
    (data,) = sent("type: network_topology_changed, data: {clusters: [{nodes: '${peer.first.capabilities}'}]}")
    assert isinstance(data, dict)
    assert data["clusters"][0]["nodes"] == []


def test_each_time_it_is_filled_anew() -> None:
    run = SmallRun(30).script('{every: 1s, do: emit, type: peer_disconnected, data: {id: "${peer.random.name} ${n}"}}')
    ids = [each.payload.id for each in run.told(9)]
    assert [each.split()[1] for each in ids] == [str(number) for number in range(1, 10)]
    assert len({each.split()[0] for each in ids}) > 5


def test_extra_fields_pass_when_that_is_asked_for() -> None:
    run = SmallRun(1).script("{at: 2s, do: emit, type: file_deleted, data: {key: k, color: {a: [1, on]}}, extra: on}")
    (event,) = [each.payload for each in run.told(9)]
    assert (event.topic, event.type) == ("file_operations", "file_deleted")
    node = default_payload("file_deleted")["node"]
    assert event.text.decode() == (
        '{"type":"file_deleted","topic":"file_operations","data":{"key":"k",'
        f'"node":"{node}","timestamp":"2024-01-01T00:00:02.000Z","color":{{"a":[1,true]}}}},'
        '"timestamp":"2024-01-01T00:00:02.000Z"}'
    )


def test_a_raw_message_is_sent_as_it_stands() -> None:
    run = SmallRun(2).script(
        """{at: 1s, do: emit, topic: alerts, raw: '{"type": broken, ${peers}, $${x}'}""",
        "{at: 2s, do: emit, type: peer_connected, raw: ''}",
        "{at: 3s, do: emit, type: made_up, topic: system, raw: '${peer.first.capabilities}'}",
        "{at: 4s, do: emit, type: peer_connected, topic: alerts, raw: ä}",
    )
    assert [each.payload for each in run.told(9)] == [
        RawEvent("alerts", "raw", b'{"type": broken, 2, ${x}'),
        RawEvent("peer_network", "peer_connected", b""),
        RawEvent("system", "made_up", b"[]"),
        RawEvent("alerts", "peer_connected", "ä".encode()),
    ]


# what is wrong only when it is sent


def test_a_template_without_a_value_is_told_with_its_step_and_field() -> None:
    assert refused('type: storage_alert, data: {node: "${peer.random.id}"}', peers=0) == (
        "timeline[0].data.node: expected a value of peer.random.id, got nothing "
        '(a guard such as "if: has(peer.random)" leaves the step out while there is none)'
    )
    assert refused('type: network_alert, data: {peers: [a, "${1 / 0}"]}').startswith(
        "timeline[0].data.peers[1]: expected a value of 1 / 0, got nothing"
    )
    assert refused('topic: alerts, raw: "${file.latest.key}"').startswith("timeline[0].raw: expected a value of")


def test_a_guard_leaves_out_what_could_not_be_filled() -> None:
    assert sent('if: has(peer.random), type: storage_alert, data: {node: "${peer.random.id}"}', peers=0) == []
    assert len(sent('if: has(peer.random), type: storage_alert, data: {node: "${peer.random.id}"}')) == 1


def test_a_template_with_a_value_of_another_type_is_told_with_its_step_and_field() -> None:
    assert refused('type: security_alert, data: {level: "${peer.first.name}"}') == (
        'timeline[0].data.level: expected one of info, warning, critical, got "peer-1"'
    )
    assert refused('type: file_uploaded, data: {size: "${0 - peers}"}') == (
        "timeline[0].data.size: expected a whole number >= 0, got -3"
    )
    assert refused('type: file_uploaded, extra: on, data: {size: "${now}", x: 3}').startswith(
        "timeline[0].data.size: expected a whole number, got"
    )


def test_what_is_no_value_can_not_be_sent() -> None:
    assert refused('type: file_uploaded, data: {key: "${peer}"}').startswith("timeline[0].data.key: expected a ")
    assert refused('topic: alerts, raw: "${peer}"').startswith("timeline[0].raw: expected a ")


def test_a_text_longer_than_a_message_is_not_made() -> None:
    long = "${peer.first.id}" * 17_000
    assert "timeline[0].raw: expected a text of at most" in refused(f'topic: alerts, raw: "{long}"')


# what is wrong before


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("data: {}", ["1:1: timeline[0].type: expected one of file_uploaded, file_deleted"]),
        ("type: secure_alert", ["1:26: timeline[0].type: expected one of", '(did you mean "security_alert"?)']),
        ("type: ''", ["1:26: timeline[0].type: expected the type of an event"]),
        (
            "type: security_alert, topic: system",
            ['1:49: timeline[0].topic: expected alerts, which is the topic of security_alert, got "system"'],
        ),
        (
            "topic: alert, raw: x",
            ["1:27: timeline[0].topic: expected one of file_operations, peer_network, system, alerts"],
        ),
        ("raw: x", ["timeline[0].topic: expected one of file_operations, peer_network, system, alerts, got nothing"]),
        ("type: made_up, raw: x", ["timeline[0].topic: expected one of", "got nothing"]),
        ("raw: x, topic: alerts, data: {a: 1}", ['1:49: timeline[0].data: expected nothing beside "raw"']),
        ("raw: x, topic: alerts, extra: on", ['1:50: timeline[0].extra: expected nothing beside "raw"']),
        (
            "type: file_deleted, data: {kye: 1}",
            ['1:47: timeline[0].data.kye: expected one of key, node, timestamp, got "kye" (did you mean "key"?)'],
        ),
        (
            "type: file_deleted, data: {color: 1}",
            ['timeline[0].data.color: expected one of key, node, timestamp, got "color" (extra: true lets it pass)'],
        ),
        (
            "type: system_metrics, data: {storage: {used: 1}}",
            ["1:59: timeline[0].data.storage.used: expected one of totalSpace, usedSpace, availableSpace"],
        ),
        (
            "type: network_topology_changed, data: {clusters: [{}, {size: -1}]}",
            ["1:81: timeline[0].data.clusters[1].size: expected a whole number >= 0, got -1"],
        ),
        (
            "type: network_topology_changed, data: {clusters: [3]}",
            ["1:70: timeline[0].data.clusters[0]: expected an object, got 3"],
        ),
        ("type: network_alert, data: {peers: {a: 1, b: 2}}", ["1:55: timeline[0].data.peers: expected an array"]),
        ("type: storage_alert, data: {value: null}", ["1:55: timeline[0].data.value: expected a number, got null"]),
        ("type: file_deleted, data: 3", ["1:46: timeline[0].data: expected a mapping, got 3"]),
        (
            "type: file_deleted, data: {key: '${peer.first'}",
            ["""1:53: timeline[0].data.key: expected a "}" for this "${", got none"""],
        ),
        (
            "type: file_deleted, data: {key: 'x ${pear.first.id}'}",
            ["1:57: timeline[0].data.key: expected one of", '(did you mean "peer"?)'],
        ),
        (
            "type: file_deleted, data: {timestamp: yesterday}",
            ["1:58: timeline[0].data.timestamp: expected an RFC 3339 time"],
        ),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(script: str, said: list[str]) -> None:
    (complaint,) = read_step(f"{{at: 1s, do: emit, {script}}}")[1]
    for each in said:
        assert each in complaint


def test_everything_wrong_is_told_at_once() -> None:
    complaints = read_step(
        "{at: 1s, do: emit, type: security_alert, data: {level: bad, category: worse, sauce: x, value: '1'}}"
    )[1]
    assert [each.split(": expected")[0].split(": ")[1] for each in complaints] == [
        "timeline[0].data.sauce",
        "timeline[0].data.level",
        "timeline[0].data.category",
        "timeline[0].data.value",
    ]


def test_an_extra_field_is_none_that_is_wrong() -> None:
    script = "{at: 1s, do: emit, type: security_alert, extra: on, data: {sauce: [1, {a: x}], level: bad}}"
    (complaint,) = read_step(script)[1]
    assert "timeline[0].data.level" in complaint


def test_very_many_fields_are_read_in_no_time() -> None:
    fields = ", ".join(f"f{number}: 1" for number in range(20_000))
    assert len(read_step(f"{{at: 1s, do: emit, type: file_deleted, data: {{{fields}}}}}")[1]) == 20_000
