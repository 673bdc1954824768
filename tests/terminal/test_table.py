import pytest

from pvws.terminal.controls import Controls, Section
from pvws.terminal.lines import width_of
from pvws.terminal.model import Model
from pvws.terminal.network import File, Peer
from pvws.terminal.selection import Selection
from pvws.terminal.table import table
from pvws.wire.events import Payload
from tests.terminal.pictured import modelled, style, text_of


def controls(section: Section | None = None, offset: int = 0) -> Controls:
    made = Controls("table", Selection())
    made.section, made.offset = section, offset
    return made


def full(peers: int, files: int) -> Model:
    model = Model("")
    for number in range(peers):
        model.network.peers[f"p{number:04}"] = Peer(f"p{number:04}")
    for number in range(files):
        model.network.files[f"f{number:04}"] = File(f"f{number:04}")
    return model


def test_alerts_peers_and_files_are_a_row_each(payloads: dict[str, Payload]) -> None:
    lines = text_of(table(modelled(payloads), controls(), style(100), 24))
    assert lines[0].startswith("── alerts 3 open, 1 cleared ──")
    assert lines[1].split() == ["level", "metric", "value", "threshold", "since", "where"]
    assert [line.split()[0] for line in lines[2:6]] == ["critical", "critical", "warning", "cleared"]
    assert lines[6].startswith("── peers 1 degraded, 21 unheard of ──")
    assert lines[8].startswith("5d01c2f7…   DEGRADED     250 ms  10.0.0.1:9000")
    assert lines[9].startswith("── files 1 that changed lately ──")
    assert lines[11].startswith("9c1e44aa…    2.4 MiB  UPLOADED")
    assert len(lines) == 12


@pytest.mark.parametrize(("peers", "files"), [(0, 0), (500, 500), (3, 500), (500, 2)])
@pytest.mark.parametrize("size", [(80, 21), (200, 47), (40, 7), (10, 6)])
def test_it_fits_any_size_and_leaves_no_room_unused(peers: int, files: int, size: tuple[int, int]) -> None:
    width, height = size
    lines = table(full(peers, files), controls(), style(width), height)
    assert len(lines) <= height
    assert {width_of(line) for line in lines} == {width}
    if peers + files > height:
        assert len(lines) >= height - 1


def test_a_section_of_its_own_is_moved_through_and_not_past_its_end() -> None:
    model = full(100, 100)
    lines = text_of(table(model, controls("peers", 50), style(80), 12))
    assert [line.split()[0] for line in lines[2:]] == [f"p{number:04}" for number in range(50, 60)]
    chosen = controls("peers", 5_000)
    lines = text_of(table(model, chosen, style(80), 12))
    assert lines[-1].startswith("p0099")
    assert chosen.offset == 90, "the first key back moves"


def test_without_a_height_all_rows_are_there() -> None:
    lines = text_of(table(full(100, 200), controls(), style(80), None))
    assert len(lines) == 2 * 3 + 300


def test_the_latest_file_comes_first_and_what_was_forgotten_is_told() -> None:
    model = full(0, 10)
    model.network.forgotten["files"] = 1_234
    lines = text_of(table(model, controls("files"), style(110), 12))
    assert lines[0].startswith("── files 10 that changed lately; 1,234 more that changed longest ago are left out ──")
    assert lines[2].startswith("f0009")
