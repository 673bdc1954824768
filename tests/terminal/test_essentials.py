import msgspec
import pytest
from msgspec import UNSET

from pvws.terminal.essentials import essentials
from pvws.wire.events import EVENT_TYPES, Payload

ESSENTIALS = {
    "file_uploaded": "9c1e44aa…|2.4 MiB|→ 5d01c2f7…",
    "file_deleted": "9c1e44aa…||at 5d01c2f7…",
    "file_updated": "9c1e44aa…|1.5 KiB|at 5d01c2f7…|text/plain|a, b, c, d +1",
    "file_replicated": "9c1e44aa…|2.4 MiB|00ff00ff… → 5d01c2f7…|SYNCED|1 copy",
    "peer_connected": "5d01c2f7…|10.0.0.1:9000|storage, compute",
    "peer_disconnected": "5d01c2f7…|timeout",
    "peer_health_changed": "5d01c2f7…|ONLINE → DEGRADED|250 ms|slow disk",
    "network_topology_changed": "22 of 24 peers|2 clusters|3 hops across|12.3 ms",
    "system_metrics": "279 GiB of 931 GiB (30%)|1 link|9.3 GiB moved|1,234/s in 1.5 s",
    "storage_metrics": "279 GiB of 931 GiB (30%)|1,234 files|2.94 copies each",
    "network_metrics": "44 links|9.3 GiB moved|1.2 MiB/s|errors 1.2%",
    "performance_metrics": "12.3/s in 34 ms|CPU 12%|memory 45%|errors 0%",
    "performance_alert": "warning|CPU is busy|cpu_usage 91.2, threshold 90",
    "storage_alert": "critical|Storage is nearly full|storage_usage 95.6, threshold 95|at 5d01c2f7…",
    "network_alert": "info|Partition healed|peers_lost 0, threshold 3|peers 5d01c2f7…, 00ff00ff…",
    "security_alert": "critical|Wrong token|failures 12, threshold 10|auth_failure|from 10.0.0.9",
}


def words(data: Payload, *, wide: bool = False) -> list[str]:
    return [span.text.strip() for span in essentials(data, wide=wide)]


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_event_type_is_told_in_a_few_words(event_type: str, payloads: dict[str, Payload]) -> None:
    assert "|".join(words(payloads[event_type])) == ESSENTIALS[event_type]


def test_wide_shortens_nothing(payloads: dict[str, Payload]) -> None:
    wide = words(payloads["file_updated"], wide=True)
    assert wide == ["9c1e44aa" * 8, "1.5 KiB", f"at {'5d01c2f7' * 8}", "text/plain", "c0ffee" * 8, "a, b, c, d, e"]


def test_an_alert_of_the_whole_network_names_no_node(payloads: dict[str, Payload]) -> None:
    alert = msgspec.structs.replace(payloads["storage_alert"], node=UNSET)
    assert words(alert)[-1] == "storage_usage 95.6, threshold 95"


def test_alerts_are_coloured_by_level_and_states_by_how_good_they_are(payloads: dict[str, Payload]) -> None:
    assert [essentials(payloads[f"{kind}_alert"], wide=False)[0].style for kind in ("network", "performance")] == [
        "info",
        "warning",
    ]
    assert essentials(payloads["file_replicated"], wide=False)[3].style == "good"
    assert essentials(payloads["peer_health_changed"], wide=False)[1].style == "warning"


def test_figures_out_of_all_measure_still_make_a_line(payloads: dict[str, Payload]) -> None:
    replace = msgspec.structs.replace
    assert words(replace(payloads["storage_metrics"], total_space=0, used_space=0))[0] == "0 B of 0 B"
    assert words(replace(payloads["performance_alert"], value=-1e308))[2] == "cpu_usage -1e+308, threshold 90"
    assert len(words(replace(payloads["network_metrics"], average_bandwidth=1e308))[2]) < 20
    assert words(replace(payloads["network_metrics"], average_bandwidth=-1e308))


def test_escape_sequences_in_any_field_come_out_as_text(payloads: dict[str, Payload]) -> None:
    evil = "\x1b[31m\n\x9b2J"
    for payload in payloads.values():
        strings = {name: evil for name, kind in type(payload).__annotations__.items() if kind in (str, "str")}
        lists = {name: [evil] for name, kind in type(payload).__annotations__.items() if kind == list[str]}
        for wide in (False, True):
            assert "".join(words(msgspec.structs.replace(payload, **strings, **lists), wide=wide)).isprintable()
