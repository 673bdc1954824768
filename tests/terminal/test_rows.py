import pytest

from pvws.terminal.lines import width_of
from pvws.terminal.network import Alert, File, Network, Peer
from pvws.terminal.rows import alert_rows, file_rows, peer_rows, peers_told, trouble_first
from pvws.terminal.spans import plain
from pvws.wire.events import NetworkTopologyChanged
from tests.terminal.conftest import AT, KEY, NODE
from tests.terminal.pictured import style

PEER = Peer(NODE, "DEGRADED", "10.0.0.1:9000", ("storage",), 0.25, "", ("slow disk",), AT.micros, 1)
FILE = File(KEY, "SYNCED", 2_500_000, 3, NODE, "text/plain", ("a", "b"), AT.micros, 1)
ALERT = Alert("storage_alert", "storage_usage", "critical", "It is full", 95.6, 95.0, NODE, AT.micros, AT.micros, 1)


def test_a_row_has_all_columns_where_there_is_room() -> None:
    assert [plain(line) for line in peer_rows([PEER], style(100), 1).lines(1)] == [
        "5d01c2f7…   DEGRADED     250 ms  10.0.0.1:9000          12:00:03.417  slow disk"
    ]
    assert [plain(line) for line in file_rows([FILE], style(100), 1).lines(1)] == [
        "9c1e44aa…    2.4 MiB  SYNCED          3  5d01c2f7…   12:00:03.417  text/plain, a, b"
    ]
    assert [plain(line) for line in alert_rows([ALERT], style(100), 1).lines(1)] == [
        "critical   storage_usage          95.6         95  12:00:03.417  5d01c2f7…        It is full"
    ]


def test_a_row_leaves_out_what_there_is_no_room_for() -> None:
    assert plain(peer_rows([PEER], style(50), 1).lines(1)[0]) == "5d01c2f7…   DEGRADED     250 ms  slow disk"
    assert plain(file_rows([FILE], style(50), 1).lines(1)[0]) == "9c1e44aa…    2.4 MiB  SYNCED     5d01c2f7…"
    assert plain(alert_rows([ALERT], style(55), 1).lines(1)[0]) == "critical   storage_usage          95.6  5d01c2f7…"


@pytest.mark.parametrize("width", [1, 20, 39, 60, 65, 80, 200, 300])
@pytest.mark.parametrize("wide", [False, True])
def test_headers_and_rows_are_as_wide_as_the_table(width: int, wide: bool) -> None:
    look = style(width, wide=wide)
    for rows in (peer_rows([PEER], look, 1), file_rows([FILE], look, 1), alert_rows([ALERT], look, 1)):
        assert width_of(rows.header()) == width
        assert [width_of(line) for line in rows.lines(None)] == [width]


def test_wide_shows_ids_whole() -> None:
    assert KEY in plain(file_rows([FILE], style(250, wide=True), 1).lines(1)[0])
    assert NODE in plain(alert_rows([ALERT], style(250, wide=True), 1).lines(1)[0])


def test_what_an_earlier_connection_told_is_marked() -> None:
    assert "DEGRADED?" in plain(peer_rows([PEER], style(80), 2).lines(1)[0])
    assert "SYNCED?" in plain(file_rows([FILE], style(80), 2).lines(1)[0])
    assert "critical?" in plain(alert_rows([ALERT], style(80), 2).lines(1)[0])


def test_rows_are_those_there_is_room_for_from_one_on() -> None:
    files = [File(f"k{number}") for number in range(9)]
    found = file_rows(files, style(80), 0).lines(2, 3)
    assert [plain(line).split()[0] for line in found] == ["k3", "k4"]
    assert len(file_rows(files, style(80), 0).lines(None)) == 9
    assert file_rows(files, style(80), 0).lines(-1) == []


def test_peers_in_trouble_come_first_and_those_that_are_gone_last() -> None:
    network = Network()
    for name, status in (("a", "GONE"), ("b", "ONLINE"), ("c", "OFFLINE"), ("d", "DEGRADED"), ("e", "UNKNOWN")):
        network.peers[name] = Peer(name, status)
        network.statuses[status] += 1
    assert [peer.id for peer in trouble_first(network)] == ["c", "d", "e", "b", "a"]
    assert peers_told(network) == "1 offline, 1 degraded, 1 unknown, 1 online, 1 gone"
    assert peers_told(Network()) == "none heard of yet"
    network.saw(NetworkTopologyChanged(30, 24, 0.01, 3, [], AT), AT.micros)
    assert peers_told(network).endswith("1 gone, 21 unheard of"), "those that were there before us"


def test_a_narrow_row_of_an_alert_cuts_no_figure() -> None:
    for width in range(38, 80):
        assert plain(alert_rows([ALERT], style(width), 1).lines(1)[0]).split()[2] == "95.6"


def test_texts_of_the_server_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J\n"
    peer = Peer(evil, "ONLINE", evil, (evil,))
    file = File(evil, "SYNCED", 1, 1, evil, evil, (evil,))
    alert = Alert(evil, evil, "info", evil, 1.0, 1.0, evil, 0, 0, 0)
    look = style(200)
    for rows in (peer_rows([peer], look, 0), file_rows([file], look, 0), alert_rows([alert], look, 0)):
        assert plain(rows.lines(1)[0]).isprintable()
