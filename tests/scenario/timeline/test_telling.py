"""Incidents become alerts, and the stage is asked to mark, to pause, to close connections."""

import pytest

from pvws.sim.source import Cue
from tests.support.small_run import START, SmallRun, read_step

AUTHENTICATION = "{at: 1s, do: incident, category: auth_failure"


def test_enough_incidents_make_an_alert_and_peace_ends_it() -> None:
    told = SmallRun(3).script(AUTHENTICATION + ", attempts: 25, over: 50s}").told(200, "SecurityAlert")
    assert [each.payload.level for each in told] == ["warning", "critical", "info"]
    assert [each.payload.category for each in told] == ["auth_failure"] * 3
    assert len({each.payload.source for each in told}) == 1
    assert told[0].at == 1 + 4 * 2  # the fifth of 25 within 50 s


def test_attempts_without_over_come_at_once() -> None:
    told = SmallRun(3).script(AUTHENTICATION + ", attempts: 25}").told(200, "SecurityAlert")
    assert [(each.at, each.payload.level, each.payload.value) for each in told] == [
        (1, "critical", 25),
        (61, "info", 0),
    ]


def test_very_many_attempts_are_counted_in_parts() -> None:
    run = SmallRun(3).script(AUTHENTICATION + ", attempts: 1000000, over: 10s}")
    run.told(20)
    assert run.world.watch.incidents("auth_failure") == 1_000_000


@pytest.mark.parametrize(
    ("source", "peer"), [("peer-2", "peer-2"), ("'${peer.first.id}'", "peer-1"), ("'${peer.last.name}'", "peer-3")]
)
def test_a_source_may_be_the_name_of_a_peer_or_a_template(source: str, peer: str) -> None:
    run = SmallRun(3).script(AUTHENTICATION + f", attempts: 5, source: {source}}}")
    (alert,) = run.told(9, "SecurityAlert")
    assert alert.payload.source == run.peer(peer).id


def test_a_source_that_is_no_peer_is_taken_as_it_stands() -> None:
    (alert,) = SmallRun(3).script(AUTHENTICATION + ", attempts: 5, source: 198.51.100.7}").told(9, "SecurityAlert")
    assert alert.payload.source == "198.51.100.7"


@pytest.mark.parametrize("source", ["", ", source: '${peer.nobody.id}'", ", source: '${null}'"])
def test_without_a_source_each_category_has_one_of_its_kind(source: str) -> None:
    found = {}
    for category in ("auth_failure", "rate_abuse", "unknown_peer", "integrity_violation"):
        run = SmallRun(3).script(f"{{at: 1s, do: incident, category: {category}, attempts: 5{source}}}")
        (alert,) = run.told(9, "SecurityAlert")
        found[category] = alert.payload.source
    ids = {peer.id for peer in run.world.peers}
    assert found["integrity_violation"] in ids
    assert len(found["unknown_peer"]) == 64
    assert found["unknown_peer"] not in ids
    assert found["auth_failure"].startswith(("192.0.2.", "198.51.100.", "203.0.113."))
    assert found["rate_abuse"].count(".") == 3


def test_an_integrity_violation_is_told_also_when_nobody_is_there() -> None:
    run = SmallRun(0).script("{at: 1s, do: incident, category: integrity_violation}")
    assert len(run.told(9, "SecurityAlert")) == 1


def cues(run: SmallRun) -> list[Cue]:
    return [each.payload for each in run.told(60, "Cue")]


def test_a_mark_is_a_cue_with_its_name() -> None:
    assert cues(SmallRun(1).script("{at: 2s, do: mark, name: half time}")) == [
        Cue(START + 2_000_000, "mark", "half time")
    ]


def test_a_pause_is_a_cue_with_its_length() -> None:
    run = SmallRun(1).script("{at: 2s, do: pause, for: 3s}", "{at: 4s, do: pause}")
    assert [(each.kind, each.micros) for each in cues(run)] == [("pause", 3_000_000), ("pause", 1_000_000)]


def test_a_disconnection_is_a_cue_with_another_seed_each_time() -> None:
    run = SmallRun(1).script("{every: 2s, times: 2, do: disconnect, clients: 50%, code: 1012, reason: new release}")
    first, second = cues(run)
    assert (first.kind, first.share, first.code, first.reason) == ("disconnect", 0.5, 1012, "new release")
    assert first.seed != second.seed


def test_all_clients_are_disconnected_unless_the_script_says() -> None:
    (first, second) = cues(SmallRun(1).script("{at: 1s, do: disconnect}", "{at: 2s, do: disconnect, clients: all}"))
    assert (first.share, first.code, first.reason, second.share) == (1, 1001, "", 1)


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999])
def test_every_code_that_a_close_frame_may_have_is_taken(code: int) -> None:
    assert not read_step(f"{{at: 1s, do: disconnect, code: {code}}}")[1]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        *(
            (
                f"{{at: 1s, do: disconnect, code: {code}}}",
                "f.yaml:1:32: timeline[0].code: expected a code that a close frame may have: 1000 to 1003, "
                f"1007 to 1014 or 3000 to 4999, got {code}",
            )
            for code in ("999", "1004", "1005", "1006", "1015", "2999", "5000", "on", "1012.5")
        ),
        (
            "{at: 1s, do: disconnect, clients: 5}",
            'f.yaml:1:35: timeline[0].clients: expected a percentage like "50%", or all, got 5',
        ),
        (
            "{at: 1s, do: disconnect, clients: 0%}",
            'f.yaml:1:35: timeline[0].clients: expected a percentage above 0%, got "0%"',
        ),
        (
            f"{{at: 1s, do: disconnect, reason: {'ä' * 62}}}",
            "f.yaml:1:34: timeline[0].reason: expected at most 123 bytes of UTF-8, got 124",
        ),
        ("{at: 1s, do: mark}", "f.yaml:1:1: timeline[0].name: expected a value, got nothing"),
        (
            '{at: 1s, do: mark, name: "a\\n"}',
            'f.yaml:1:26: timeline[0].name: expected a name of printable characters, got "a\\n"',
        ),
        (
            "{at: 1s, do: incident, category: auth_fail}",
            "f.yaml:1:34: timeline[0].category: expected one of auth_failure, unknown_peer, integrity_violation, "
            'rate_abuse, got "auth_fail" (did you mean "auth_failure"?)',
        ),
        (
            AUTHENTICATION + ", attempts: 1000001}",
            "f.yaml:1:58: timeline[0].attempts: expected a whole number from 1 to 1000000, got 1000001",
        ),
        (
            AUTHENTICATION + ", source: '${peers'}",
            """f.yaml:1:57: timeline[0].source: expected a "}" for this "${", got none""",
        ),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(step: str, said: str) -> None:
    assert read_step(step)[1] == [said]
