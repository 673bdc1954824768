"""What the comment and the document promise of each shipped scenario, read off its events as a client would."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby, pairwise
from statistics import mean
from typing import get_args

import pytest

from pvws.scenario.director import Director
from pvws.wire.events import (
    EVENT_TYPES,
    AlertLevel,
    DisconnectReason,
    HealthStatus,
    ReplicationStatus,
    SecurityCategory,
)
from pvws.wire.frames import Opcode
from tests.support.staged import START, listener, stage_of, venue_of
from tests.support.stories import NAMES, Story, Told, script, story

ALERTS = ("performance_alert", "storage_alert", "network_alert", "security_alert")


def types(events: Iterable[Told]) -> Counter[str]:
    return Counter(event.type for event in events)


def levels(told: Story, metric: str) -> list[str]:
    """The levels of one figure's alerts; those about a single node are not among them."""
    alerts = told.of(*ALERTS)
    return [event.data["level"] for event in alerts if event.data["metric"] == metric and "node" not in event.data]


def when(told: Story, metric: str, level: str) -> float:
    """When a figure of the whole network first reached a level."""
    return next(
        event.at
        for event in told.of(*ALERTS)
        if (event.data["metric"], event.data["level"]) == (metric, level) and "node" not in event.data
    )


def figure(events: Iterable[Told], name: str) -> list[float]:
    return [event.data[name] for event in events if name in event.data]


# All of them


@pytest.mark.parametrize("name", NAMES)
def test_no_story_contradicts_itself_to_a_client_that_reads_all_of_it(name: str) -> None:
    connected: set[str] = set()
    replication = script(name).network.replication
    health: dict[str, str] = {}
    open_alerts: dict[tuple[str, str | None], str] = {}
    files: dict[str, int] = {}
    for event in story(name).events:
        data = event.data
        match event.type:
            case "peer_connected":
                assert data["id"] not in connected
                connected.add(data["id"])
                health[data["id"]] = "ONLINE"
            case "peer_disconnected":
                connected.remove(data["id"])
            case "peer_health_changed":
                assert data["previousStatus"] == health[data["id"]] != data["status"]
                assert data["id"] in connected
                health[data["id"]] = data["status"]
            case "network_topology_changed":
                assert data["connectedNodes"] == len(connected)
                assert sum(cluster["size"] for cluster in data["clusters"]) <= data["connectedNodes"]
            case "file_uploaded":
                assert data["key"] not in files
                assert data["node"] in connected
                files[data["key"]] = data["size"]
            case "file_replicated":
                assert data["size"] == files[data["key"]]
                assert data["replicas"] <= replication
            case "file_deleted":
                del files[data["key"]]
            case "storage_alert" | "performance_alert" | "network_alert" | "security_alert":
                about = data["metric"], data.get("node")
                assert data["level"] != open_alerts.get(about, "info")
                assert (open_alerts.get(about), data["level"]) != ("critical", "warning")
                open_alerts[about] = data["level"]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"quickstart", "kitchen-sink"}))
def test_every_other_story_ends_well(name: str) -> None:
    last = {event.data["metric"]: event.data["level"] for event in story(name).of(*ALERTS)}
    assert set(last.values()) <= {"info"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"quiet-night", "firehose", "flapping-peer", "kitchen-sink"}))
def test_no_story_that_has_metrics_is_silent_for_longer_than_from_one_to_the_next(name: str) -> None:
    told = story(name)
    (every,) = {
        round(later.at - earlier.at, 3) for earlier, later in pairwise(told.of("system_metrics"))
    }  # it is the only one, since nothing is ever late
    assert max(later.at - earlier.at for earlier, later in pairwise(told.events)) <= every + 0.001


# quickstart


def test_in_quickstart_all_four_topics_speak() -> None:
    counts = Counter(event.topic for event in story("quickstart").events)
    assert set(counts) == {"file_operations", "peer_network", "system", "alerts"}
    assert 100 < sum(counts.values()) < 600, "a terminal shows it all in half a minute"


def test_in_quickstart_peers_join_and_one_is_lost_and_back() -> None:
    comings = story("quickstart").of("peer_connected", "peer_disconnected")
    assert [event.at for event in comings[:8]] == [0, 0, 0, 0, 1, 2.5, 4, 5.5]
    lost, back = comings[8:]
    assert (lost.type, lost.at, lost.data["id"]) == ("peer_disconnected", 10, comings[1].data["id"])
    assert (back.type, back.at, back.data["id"]) == ("peer_connected", 17, comings[1].data["id"])


def test_in_quickstart_storage_fills_to_exactly_one_warning() -> None:
    (alert,) = story("quickstart").of(*ALERTS)
    assert (alert.type, alert.data["level"], alert.data["threshold"]) == ("storage_alert", "warning", 80)
    assert "node" not in alert.data, "it is about the whole network"
    assert 22 < alert.at < 28


def test_in_quickstart_files_come_spread_and_go() -> None:
    told = story("quickstart")
    counts = types(told.events)
    assert counts["file_uploaded"] > 30
    assert counts["file_deleted"] >= 2
    assert counts["file_replicated"] > counts["file_uploaded"]
    assert "SYNCED" in {event.data["status"] for event in told.of("file_replicated")}


def test_in_quickstart_nothing_is_silent_for_long() -> None:
    events = story("quickstart").events
    assert max(later.at - earlier.at for earlier, later in pairwise(events)) < 3
    assert events[-1].at > 28


# steady-day


def test_on_a_steady_day_nothing_alarms_and_nothing_is_lost() -> None:
    told = story("steady-day")
    assert not told.of(*ALERTS)
    assert not told.of("peer_health_changed")
    assert max(figure(told.events, "errorRate")) == 0


def test_a_steady_day_is_busy_in_the_afternoon_and_quiet_at_night() -> None:
    hours = Counter(int(event.at // 3600) for event in story("steady-day").of("file_uploaded"))
    night = [hours[hour] for hour in (0, 1, 3, 4, 23)]
    afternoon = [hours[hour] for hour in range(12, 17)]
    assert min(afternoon) > 60
    assert max(night) < 20
    assert hours[2] >= 160, "the backup"


def test_on_a_steady_day_laptops_come_in_the_morning_and_leave_in_the_evening() -> None:
    told = story("steady-day")
    morning = told.between(7.8 * 3600, 9 * 3600)
    assert types(morning)["peer_connected"] == 3
    laptops = {event.data["id"] for event in morning if event.type == "peer_connected"}
    last = {event.data["id"]: event for event in told.of("peer_connected", "peer_disconnected")}
    assert {peer for peer, event in last.items() if event.type == "peer_disconnected"} == laptops
    assert {last[peer].data["reason"] for peer in laptops} == {"shutdown", "timeout"}
    reboots = [event for event in told.of("peer_disconnected") if event.data["id"] not in laptops]
    assert 2 <= len(reboots) <= 6


def test_on_a_steady_day_what_a_client_counts_agrees_with_the_metrics_at_midnight() -> None:
    told = story("steady-day")
    counts = types(told.events)
    last = told.of("storage_metrics")[-1].data
    assert last["fileCount"] == counts["file_uploaded"] - counts["file_deleted"]
    assert last["replicationFactor"] == 3
    deleted = {event.data["key"] for event in told.of("file_deleted")}
    sizes = [event.data["size"] for event in told.of("file_uploaded") if event.data["key"] not in deleted]
    assert last["usedSpace"] == 3 * sum(sizes)
    assert 10_000 < len(told.events) < 15_000


# flash-crowd


def test_a_flash_crowd_is_twenty_times_as_many_events_and_goes_again() -> None:
    told = story("flash-crowd")
    comes, goes = told.marks["the crowd comes"], told.marks["the crowd goes"]
    before = len(told.between(comes - 40, comes)) / 40
    within = len(told.between(comes + 30, goes)) / (goes - comes - 30)
    after = len(told.between(goes + 40, 300)) / (260 - goes)
    assert 15 < within / before < 30
    assert after < 2 * before


def test_a_flash_crowd_alarms_degrades_peers_and_calls_for_help() -> None:
    told = story("flash-crowd")
    assert levels(told, "cpu_usage") == ["warning", "critical", "info"]
    assert levels(told, "response_time") == ["warning", "info"]
    health = Counter(event.data["status"] for event in told.of("peer_health_changed"))
    assert health["DEGRADED"] == health["ONLINE"] >= 4
    first = told.of(*ALERTS)[0]
    assert told.marks["help comes"] == first.at + 20
    joined = [event.at for event in told.of("peer_connected") if event.at > 0]
    assert len(joined) == 24
    assert joined[0] == told.marks["help comes"]


# storage-crunch


def test_in_a_storage_crunch_the_networks_alert_rises_once_and_is_cleared() -> None:
    told = story("storage-crunch")
    assert levels(told, "storage_usage") == ["warning", "critical", "info"]
    assert told.marks["it fills"] < when(told, "storage_usage", "warning") < told.marks["two are evicted"]
    assert told.marks["two are evicted"] < when(told, "storage_usage", "critical") < told.marks["the clean-up"]
    assert told.marks["the clean-up"] < when(told, "storage_usage", "info")


def test_in_a_storage_crunch_every_nodes_alert_is_its_own_and_none_outlives_its_node() -> None:
    told = story("storage-crunch")
    alerts = [event for event in told.of("storage_alert") if "node" in event.data]
    last = {event.data["node"]: event.data["level"] for event in alerts}
    assert len(last) >= 8
    evicted = {event.data["id"] for event in told.of("peer_disconnected")}
    assert {event.data["reason"] for event in told.of("peer_disconnected")} == {"evicted"}
    assert set(last.values()) == {"info"}
    over = {event.data["node"] for event in alerts if event.data["value"] == 0}
    assert len(over) == 1
    assert over < evicted


def test_in_a_storage_crunch_uploads_fail_and_copies_find_no_place() -> None:
    told = story("storage-crunch")
    worst = told.between(when(told, "storage_usage", "critical") + 10, told.marks["the clean-up"])
    assert "critical" in levels(told, "error_rate")
    assert max(figure(worst, "replicationFactor")) < 3
    assert min(figure(worst, "availableSpace")) < 2**20
    assert 0 < types(worst)["file_uploaded"] < 30, "only what is small fits"
    assert figure(told.events, "replicationFactor")[-1] > 2.9


# rolling-restart


def test_in_a_rolling_restart_each_peer_goes_once_and_never_two_at_a_time() -> None:
    told = story("rolling-restart")
    comings = [event for event in told.of("peer_connected", "peer_disconnected") if event.at > 0]
    assert [event.type for event in comings] == ["peer_disconnected", "peer_connected"] * 12
    for lost, back in zip(comings[::2], comings[1::2], strict=True):
        assert lost.data["reason"] == "shutdown"
        assert lost.data["id"] == back.data["id"]
        assert round(back.at - lost.at, 6) == 8
    assert len({event.data["id"] for event in comings}) == 12


def test_in_a_rolling_restart_nothing_is_repaired_and_nothing_alarms() -> None:
    told = story("rolling-restart")
    assert {event.data["status"] for event in told.of("file_replicated")} == {"SYNCED"}
    assert not told.of(*ALERTS, "peer_health_changed")


def test_in_a_rolling_restart_the_server_closes_half_of_the_clients_and_then_all() -> None:
    told = story("rolling-restart")
    assert told.closed == [(150, 0.5, 1012), (180, 1, 1012)]
    assert told.marks["the server restarts"] == 150
    assert [event for event in told.events if event.at > 185], "a client that is back has something to hear"


# partition-and-heal


def test_a_partition_makes_two_clusters_for_a_while() -> None:
    told = story("partition-and-heal")
    sizes = [
        (event.at, [cluster["size"] for cluster in event.data["clusters"]])
        for event in told.of("network_topology_changed")
    ]
    assert sizes == [(0, [7]), (told.marks["the line is cut"], [5, 2]), (told.marks["the line is back"], [7])]


def test_in_a_partition_nothing_is_copied_between_the_sides_and_files_lack_copies() -> None:
    told = story("partition-and-heal")
    cut, back = told.marks["the line is cut"], told.marks["the line is back"]
    south = {event.data["id"] for event in told.of("peer_connected")[5:]}
    copied = [event for event in told.between(cut, back) if event.type == "file_replicated"]
    assert len(copied) > 50
    assert not [each for each in copied if (each.data["source"] in south) != (each.data["node"] in south)]
    before = [event for event in told.between(0, cut) if event.type == "file_replicated"]
    assert [each for each in before if (each.data["source"] in south) != (each.data["node"] in south)]
    assert min(figure(told.between(cut, back), "replicationFactor")) < 2.9


def test_after_a_partition_missing_copies_are_made() -> None:
    told = story("partition-and-heal")
    after = told.between(told.marks["the line is back"], 1000)
    repaired = {event.data["key"] for event in after if event.data.get("status") == "SYNCING"}
    lacking = {event.data["key"] for event in told.between(45, 135) if event.type == "file_uploaded"}
    assert len(repaired & lacking) > 8
    assert figure(after, "replicationFactor")[-1] == 3


def test_peers_behind_a_partition_are_unknown_but_not_disconnected() -> None:
    told = story("partition-and-heal")
    assert not told.of("peer_disconnected")
    south = [event.data["id"] for event in told.of("peer_connected")[5:]]
    changes = told.of("peer_health_changed")
    assert Counter((event.data["id"], event.data["status"]) for event in changes) == Counter(
        (peer, status) for peer in south for status in ("UNKNOWN", "ONLINE")
    )
    assert all(55 <= event.at <= 60 for event in changes if event.data["status"] == "UNKNOWN")
    assert levels(told, "unreachable_peers") == ["warning", "info"]
    assert sorted(told.of("network_alert")[0].data["peers"]) == sorted(south)


# flapping-peer


def test_a_flapping_peer_goes_dozens_of_times_and_is_always_the_same() -> None:
    told = story("flapping-peer")
    gone = told.of("peer_disconnected")
    assert len(gone) > 30
    assert len({event.data["id"] for event in gone}) == 1
    assert {event.data["reason"] for event in gone} == {"network_error", "timeout"}
    flapping = gone[0].data["id"]
    rows = [event.data for event in told.of("peer_connected") if event.data["id"] == flapping]
    assert len({(row["address"], row["port"], *row["capabilities"]) for row in rows}) == 1
    away = [
        round(later.at - earlier.at, 6)
        for earlier, later in pairwise(told.of("peer_connected", "peer_disconnected"))
        if later.at > 0 and later.type == "peer_connected"
    ]
    assert set(away) == {2.5, 6}


def test_while_a_peer_flaps_another_one_is_slow_now_and_then_and_nothing_alarms() -> None:
    told = story("flapping-peer")
    changes = told.of("peer_health_changed")
    assert len({event.data["id"] for event in changes}) == 1
    assert [event.data["status"] for event in changes] == ["DEGRADED", "ONLINE"] * 7
    assert not told.of(*ALERTS)
    assert not types(told.between(told.marks["somebody changes the cable"], 300))["peer_disconnected"]
    assert {event.data["totalNodes"] for event in told.of("network_topology_changed")} == {9}


# mass-churn


def test_mass_churn_has_silent_crashes_and_newcomers() -> None:
    told = story("mass-churn")
    health = Counter(event.data["status"] for event in told.of("peer_health_changed"))
    assert health["UNKNOWN"] > 5
    assert health["OFFLINE"] > 3
    assert len({event.data["id"] for event in told.of("peer_connected")}) > 155
    assert {event.data["reason"] for event in told.of("peer_disconnected")} == {"timeout", "shutdown", "network_error"}


def test_in_mass_churn_most_vanish_at_once_and_are_back_at_once() -> None:
    told = story("mass-churn")
    vanish, back = told.marks["most of them vanish"], told.marks["they are back"]
    gone = types(told.between(vanish, vanish + 0.001))["peer_disconnected"]
    assert gone > 70
    assert types(told.between(back, back + 0.001))["peer_connected"] > 70
    waves = [len(list(wave)) for _, wave in groupby(told.events, key=lambda event: event.at)]
    assert max(waves[1:]) > 150, "at one instant"
    assert levels(told, "unreachable_peers") == ["warning", "critical", "info"]
    assert when(told, "unreachable_peers", "critical") == vanish
    assert when(told, "unreachable_peers", "info") == back


def test_in_mass_churn_a_cluster_is_larger_than_its_list_of_nodes() -> None:
    clusters = [
        cluster for event in story("mass-churn").of("network_topology_changed") for cluster in event.data["clusters"]
    ]
    assert max(len(cluster["nodes"]) for cluster in clusters) == 32
    assert max(cluster["size"] for cluster in clusters) > 130


# security-incident


@pytest.mark.parametrize("category", get_args(SecurityCategory))
def test_in_a_security_incident_each_category_rises_and_is_cleared(category: str) -> None:
    told = story("security-incident")
    assert levels(told, category) == ["warning", "critical", "info"]
    assert {event.data["category"] for event in told.of(*ALERTS) if event.data["metric"] == category} == {category}


def test_in_a_security_incident_the_peer_with_the_corrupt_disk_is_the_one_that_is_evicted() -> None:
    told = story("security-incident")
    (gone,) = told.of("peer_disconnected")
    assert gone.data["reason"] == "evicted"
    sources = {each.data["source"] for each in told.of(*ALERTS) if each.data["metric"] == "integrity_violation"}
    assert sources == {gone.data["id"]}
    found = [each for each in told.between(told.marks["copies are corrupt"], gone.at) if each.type == "file_replicated"]
    assert len([each for each in found if each.data["status"] == "FAILED" and each.data["node"] == gone.data["id"]]) > 4
    assert figure(told.events, "replicationFactor")[-1] > 2.9, "what was lost has been copied again"


def test_in_a_security_incident_some_clients_are_closed_for_policy() -> None:
    assert story("security-incident").closed == [(210, 0.5, 1008)]


# slow-degradation


def test_a_slow_degradation_shows_in_the_figures_long_before_it_alarms() -> None:
    told = story("slow-degradation")
    minutes = [
        mean(figure(told.between(minute * 60 + 1, minute * 60 + 61), "averageResponseTime")) for minute in range(15)
    ]
    assert all(later > earlier for earlier, later in pairwise(minutes[1:11])), "more from minute to minute"
    assert minutes[1] < 0.1 < 2 < minutes[11]
    assert minutes[14] < 0.1
    assert levels(told, "response_time") == ["warning", "critical", "info"]
    assert when(told, "response_time", "warning") > 7 * 60


def test_in_a_slow_degradation_all_are_degraded_one_after_the_other_and_none_leaves() -> None:
    told = story("slow-degradation")
    changes = told.of("peer_health_changed")
    rolled_back = told.marks["the firmware is rolled back"]
    degraded = [event.at for event in changes if event.data["status"] == "DEGRADED"]
    assert len(degraded) == 10
    assert degraded[-1] - degraded[0] > 90
    well = [event.at for event in changes if event.data["status"] == "ONLINE"]
    assert len(well) == 10
    assert rolled_back < min(well) < max(well) < rolled_back + 5
    assert not told.of("peer_disconnected")
    assert max(figure(told.events, "errorRate")) == 0


# quiet-night


def test_a_quiet_night_is_silent_for_ninety_minutes_and_at_its_end() -> None:
    told = story("quiet-night")
    assert told.events[0].at == told.marks["the backup"] == 91 * 60
    assert told.events[-1].at < 105 * 60
    assert len(told.events) < 60


def test_at_the_end_of_a_quiet_night_everything_is_backed_up_and_asleep() -> None:
    told = story("quiet-night")
    counts = types(told.events)
    assert counts["file_uploaded"] == 9
    synced = [event.data["replicas"] for event in told.of("file_replicated") if event.data["status"] == "SYNCED"]
    assert Counter(synced) == {2: 9, 3: 9}
    assert counts["peer_connected"] == counts["peer_disconnected"] == 3
    assert {event.data["reason"] for event in told.of("peer_disconnected")} == {"shutdown"}
    assert told.events[-1].data["connectedNodes"] == 0


# firehose


def test_a_firehose_has_the_rate_that_it_says_and_does_not_degrade() -> None:
    told = story("firehose")
    counts = types(told.between(5, 6))
    assert 9_600 < sum(counts.values()) < 10_400
    assert 2_300 < counts["file_uploaded"] < 2_700
    assert 2_300 < counts["file_deleted"] < 2_700
    assert 4_600 < counts["file_replicated"] < 5_400
    assert {event.data["status"] for event in told.of("file_replicated")} == {"SYNCED"}
    assert not told.of(*ALERTS, "peer_health_changed", "peer_disconnected")


# kitchen-sink


def test_the_kitchen_sink_has_all_sixteen_types() -> None:
    assert set(types(story("kitchen-sink").events)) == set(EVENT_TYPES)


def test_the_kitchen_sink_has_every_word_that_there_is() -> None:
    told = story("kitchen-sink")
    assert {event.data["status"] for event in told.of("file_replicated")} == set(get_args(ReplicationStatus))
    assert {event.data["status"] for event in told.of("peer_health_changed")} == set(get_args(HealthStatus))
    assert {event.data["reason"] for event in told.of("peer_disconnected")} == set(get_args(DisconnectReason))
    assert {event.data["category"] for event in told.of("security_alert")} == set(get_args(SecurityCategory))
    for alert in ALERTS:
        assert {event.data["level"] for event in told.of(alert)} == set(get_args(AlertLevel)), alert
    assert {"node" in event.data for event in told.of("storage_alert")} == {True, False}


# train-ride


def test_on_a_train_ride_the_network_itself_is_well() -> None:
    told = story("train-ride")
    assert not types(told.events)["peer_disconnected"]
    assert not told.of(*ALERTS)
    assert set(told.marks) >= {"a tunnel", "a bad gateway", "the gateway restarts", "the train arrives"}


async def test_on_a_train_ride_every_fault_does_something_to_a_client_until_the_gateway_restarts() -> None:
    scenario = script("train-ride")
    source = Director(scenario, start=START, seed=scenario.seed, duration=scenario.duration)
    stage = stage_of(source, seed=scenario.seed, wait_for=frozenset({"system"}))
    async with venue_of(stage) as venue, listener(venue, "file_operations", "system", "alerts", "peer_network") as one:
        assert (await stage.clock.advance("2m19s")).ended is False
        done = {each.fault.partition("name: ")[2]: each.effects for each in stage.delivery.stage().by_fault}
        assert set(done) == {"hills", "narrow line", "tunnel", "twice", "mixed", "old", "broken", "from the future"}
        assert all(done.values()), done
        assert stage.delivery.stage().lost == done["tunnel"]["dropped"] > 20
        await stage.clock.advance("51s")
        assert stage.faults.active() == []
        while (frame := await one.read_frame())[0] != Opcode.CLOSE:
            pass
        assert frame[1] == (1012).to_bytes(2, "big") + b"the gateway restarts"
