import pytest

from pvws.terminal.dashboard import dashboard
from pvws.terminal.lines import width_of
from pvws.terminal.model import Model
from pvws.terminal.network import File, Peer
from pvws.wire.codec import encode_event
from pvws.wire.events import Cluster, NetworkTopologyChanged, Payload, StorageMetrics
from tests.terminal.conftest import AT
from tests.terminal.pictured import START, modelled, style, text_of, told


def drawn(model: Model, width: int, height: int, off: frozenset[str] = frozenset()) -> list[str]:
    return text_of(dashboard(model, off, style(width), height, ours=style(width)))


def test_at_80_by_21_everything_has_its_place(payloads: dict[str, Payload]) -> None:
    model = modelled(payloads)
    model.note("connected to ws://h/ws", START)
    told(model, "no json", START + 1)
    lines = drawn(model, 80, 21)
    assert len(lines) == 21
    assert lines[0].startswith("1 file_operations ")
    assert lines[0].endswith("██████████       10/s          305")
    assert lines[3].split() == ["4", "alerts", "0/s", "4"]
    assert lines[4].startswith("storage           ▕█")
    assert lines[4].endswith("▏  30% of 931 GiB, 1,234 files, 2.94 copies each")
    assert lines[5].startswith("network           22 of 24 peers  split into 2: 12+10  3 hops across, 12.3 ms")
    assert lines[6].startswith("performance       12.3 requests/s in 34 ms  CPU 12%  memory 45%  errors 0.0%")
    assert lines[7].startswith("── peers 1 degraded, 21 unheard of ──")
    assert "── recent files ──" in lines[7]
    assert lines[8].startswith("5d01c2f7…   DEGRADED")
    assert lines[14].startswith("── open alerts 3 ──")
    assert "── errors and notes 1 error ──" in lines[14]
    assert lines[15].startswith("critical   failures")
    assert "unreadable" in lines[15]
    assert "connected to ws://h/ws" in lines[18], "the first note is wrapped"


def test_at_200_by_47_there_are_three_panels_in_a_row(payloads: dict[str, Payload]) -> None:
    lines = drawn(modelled(payloads), 200, 47)
    assert len(lines) == 47
    (row,) = [line for line in lines if "── peers" in line]
    assert "── recent files" in row
    assert "── open alerts" in row


@pytest.mark.parametrize("width", [1, 20, 80, 81, 149, 150, 200, 333])
@pytest.mark.parametrize("height", [0, 1, 5, 8, 9, 21, 47, 100])
def test_it_fits_any_size(width: int, height: int, payloads: dict[str, Payload]) -> None:
    for model in (Model(""), modelled(payloads)):
        lines = dashboard(model, frozenset(), style(width), height, ours=style(width))
        assert len(lines) == height
        assert {width_of(line) for line in lines if line} <= {width}


def test_of_a_network_without_end_as_much_is_shown_as_there_is_room() -> None:
    model = Model("")
    for number in range(3_000):
        model.network.peers[f"p{number}"] = Peer(f"p{number}")
        model.network.files[f"f{number}"] = File(f"f{number}")
    lines = drawn(model, 80, 21)
    assert lines[8].split()[:3] == ["p0", "ONLINE", "f2999"]
    assert len(lines) == 21


def test_before_anything_is_known_it_says_so() -> None:
    lines = drawn(Model(""), 80, 21)
    assert [line.split(None, 1) for line in lines[4:7]] == [
        [name, "not told yet"] for name in ("storage", "network", "performance")
    ]
    assert "none heard of yet" in lines[7]


def test_a_topic_that_is_off_is_faint() -> None:
    line = dashboard(Model(""), frozenset({"system"}), style(80), 21, ours=style(80))[2]
    assert {span.style for span in line if span.text.strip()} == {"faint"}


def test_figures_out_of_all_measure_still_make_a_picture() -> None:
    model = Model("")
    told(model, encode_event(StorageMetrics(0, 0, 0, 0, 1e300, AT), AT).decode())
    clusters = [Cluster(str(number), [], "", 10**15) for number in range(16)]
    told(model, encode_event(NetworkTopologyChanged(10**15, 0, 1e300, 10**15, clusters, AT), AT).decode())
    lines = drawn(model, 80, 21)
    assert lines[4].endswith("0% of 0 B, 0 files, 1e+300 copies each")
    assert "split into 16" in lines[5]
