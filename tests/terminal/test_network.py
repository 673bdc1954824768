import msgspec
import pytest

from pvws.limits import ALERTS_KEPT_MAX, FILES_KEPT_MAX, PEERS_KEPT_MAX, TEXT_KEPT_CHARACTERS_MAX
from pvws.terminal.network import Network
from pvws.timestamp import Timestamp
from pvws.wire.events import FileUploaded, Payload, PeerConnected, StorageAlert
from tests.terminal.conftest import KEY, NODE

AT = Timestamp(0)


@pytest.fixture
def network(payloads: dict[str, Payload]) -> Network:
    network = Network()
    network.connected()
    for number, payload in enumerate(payloads.values()):
        network.saw(payload, number)
    return network


def test_every_event_leaves_its_mark(network: Network, payloads: dict[str, Payload]) -> None:
    assert network.storage is network.files_stored is payloads["storage_metrics"]
    assert network.traffic is network.bandwidth is payloads["network_metrics"]
    assert network.pace is network.load is payloads["performance_metrics"]
    assert network.topology is payloads["network_topology_changed"]
    assert [(peer.status, peer.response_time, peer.errors) for peer in network.peers.values()] == [
        ("DEGRADED", 0.25, ("slow disk",))
    ]
    (file,) = network.files.values()
    assert (file.key, file.status, file.size, file.copies) == (KEY, "SYNCED", 2_500_000, 1)
    assert [(alert.type, alert.level, alert.where) for alert in network.alerts.values()] == [
        ("performance_alert", "warning", ""),
        ("storage_alert", "critical", NODE),
        ("network_alert", "info", "2 peers"),
        ("security_alert", "critical", "10.0.0.9"),
    ]
    assert network.open_alerts == 3


def test_a_peers_life(network: Network, payloads: dict[str, Payload]) -> None:
    network.saw(payloads["peer_disconnected"], 100)
    assert [(peer.status, peer.reason) for peer in network.peers.values()] == [("GONE", "timeout")]
    network.saw(payloads["peer_connected"], 200)
    (peer,) = network.peers.values()
    assert (peer.status, peer.address, peer.capabilities, peer.changed) == (
        "ONLINE",
        "10.0.0.1:9000",
        ("storage", "compute"),
        200,
    )
    assert +network.statuses == {"ONLINE": 1}


def test_a_files_life(network: Network, payloads: dict[str, Payload]) -> None:
    for name, status in (("file_deleted", "DELETED"), ("file_uploaded", "UPLOADED"), ("file_updated", "UPDATED")):
        network.saw(payloads[name], 300)
        assert [file.status for file in network.files.values()] == [status]


def test_an_alert_keeps_its_beginning_until_it_is_cleared(payloads: dict[str, Payload]) -> None:
    network = Network()
    alert = payloads["storage_alert"]
    assert isinstance(alert, StorageAlert)
    for micros, level in ((1, "warning"), (2, "critical"), (3, "info"), (4, "warning")):
        network.saw(msgspec.structs.replace(alert, level=level), micros)
        (kept,) = network.alerts.values()
        assert (kept.level, kept.since, network.open_alerts) == (
            level,
            {1: 1, 2: 1, 3: 3, 4: 4}[micros],
            int(level != "info"),
        )


def test_alerts_of_the_network_and_of_a_node_are_two_and_critical_ones_come_first(
    payloads: dict[str, Payload],
) -> None:
    network = Network()
    alert = payloads["storage_alert"]
    assert isinstance(alert, StorageAlert)
    network.saw(alert, 1)
    network.saw(msgspec.structs.replace(alert, level="warning", node=msgspec.UNSET), 2)
    network.saw(msgspec.structs.replace(alert, node="other"), 3)
    assert [(each.level, each.where) for each in network.worst_alerts()] == [
        ("critical", "other"),
        ("critical", NODE),
        ("warning", ""),
    ]


def test_what_an_earlier_connection_told_can_be_told_apart(network: Network, payloads: dict[str, Payload]) -> None:
    network.connected()
    network.saw(payloads["file_deleted"], 9)
    assert network.era == 2
    assert [file.era for file in network.files.values()] == [2]
    assert [peer.era for peer in network.peers.values()] == [1]


def test_a_million_entities_of_every_kind_take_bounded_memory_and_are_counted(payloads: dict[str, Payload]) -> None:
    network = Network()
    alert = payloads["storage_alert"]
    assert isinstance(alert, StorageAlert)
    replace = msgspec.structs.replace
    for number in range(20_000):
        network.saw(FileUploaded(f"k{number}", 1, "n", AT), number)
        network.saw(PeerConnected(f"p{number}", "a", 1, [], AT), number)
        network.saw(replace(alert, node=f"n{number}", level="warning" if number % 2 else "info"), number)
    sizes = len(network.files), len(network.peers), len(network.alerts)
    assert sizes == (FILES_KEPT_MAX, PEERS_KEPT_MAX, ALERTS_KEPT_MAX)
    assert network.forgotten == {
        "files": 20_000 - FILES_KEPT_MAX,
        "peers": 20_000 - PEERS_KEPT_MAX,
        "alerts": 20_000 - ALERTS_KEPT_MAX,
    }
    assert network.statuses.total() == PEERS_KEPT_MAX
    assert network.open_alerts == sum(each.level != "info" for each in network.alerts.values())
    assert next(iter(network.files)) == f"k{20_000 - FILES_KEPT_MAX}", "those that changed last are kept"


def test_texts_that_no_screen_could_show_are_cut() -> None:
    network = Network()
    network.saw(FileUploaded("k" * 10**6, 1, "n" * 10**6, AT), 0)
    network.saw(PeerConnected("p" * 10**6, "a" * 10**6, 1, ["c" * 10**6] * 1_000, AT), 0)
    (file,), (peer,) = network.files.values(), network.peers.values()
    assert {len(text) for text in (file.key, file.node, peer.id, *peer.capabilities)} == {TEXT_KEPT_CHARACTERS_MAX}
    assert len(peer.capabilities) <= 8
