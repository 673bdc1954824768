import pytest

from pvws.terminal.lines import width_of
from pvws.terminal.model import Model
from pvws.terminal.spans import plain
from pvws.terminal.status import status_lines
from pvws.timestamp import Timestamp
from pvws.wire.events import Payload
from pvws.wire.messages import Pong
from tests.terminal.pictured import START, modelled, told


def test_the_connection_and_what_comes_are_told(payloads: dict[str, Payload]) -> None:
    first, second = (plain(line) for line in status_lines(modelled(payloads), 80, START + 30))
    assert first.startswith("● connected 30s  ")
    assert first.endswith("  ws://localhost:8083/ws")
    assert second == "317 messages  10/s  lag 0 ms"


def test_gaps_errors_and_a_selection_are_told_where_there_are_any() -> None:
    model = Model("ws://h/ws")
    model.connected("ws://h/ws", 0.0)
    told(model, "no json", 1.0)
    told(model, '{"type":"error","data":{"code":"AUTH_FAILED","message":"no"},"timestamp":"2024-01-01T00:00:00Z"}', 1.0)
    model.lost("1006", 1.0, 10.0)
    model.connected("ws://h/ws", 12.5)
    model.ledger.shown = 1
    second = plain(status_lines(model, 120, 13.0)[1])
    assert second == "2 messages  0/s  1 selected  1 gap (2.5s)  1 error  1 unreadable"


def test_a_gap_that_lasts_is_counted_up_to_now() -> None:
    model = Model("ws://h/ws")
    model.connected("ws://h/ws", 0.0)
    model.lost("1006", 1.0, 10.0)
    assert plain(status_lines(model, 120, 18.2)[1]) == "0 messages  0/s  1 gap (8.2s)"


def test_a_silence_is_told() -> None:
    model = Model("ws://h/ws")
    model.connected("ws://h/ws", 0.0)
    told(model, "no json", 1.0)
    assert plain(status_lines(model, 120, 15.9)[1]) == "1 message  0/s  1 unreadable"
    assert plain(status_lines(model, 120, 91.9)[1]) == "1 message  0/s  the last 1m30s ago  1 unreadable"


@pytest.mark.parametrize(("late", "told_as"), [(0.4, "lag 400 ms"), (2.5, "lag 2.5s")])
def test_lag_is_told_against_the_promptest(late: float, told_as: str) -> None:
    model = Model("")
    for second in range(20):
        model.ledger.saw(Pong(Timestamp(second * 1_000_000)), second + 7.0)
    model.ledger.saw(Pong(Timestamp(20_000_000)), 27.0 + late)
    assert told_as in plain(status_lines(model, 80, 30.0)[1])


def test_a_clock_of_another_speed_is_told_instead_of_a_lag() -> None:
    model = Model("")
    for second in range(20):
        model.ledger.saw(Pong(Timestamp(second * 10_000_000)), second + 1_000.0)
    assert plain(status_lines(model, 80, 30.0)[1]).endswith("server's clock ×10")
    slow = Model("")
    for second in range(20):
        slow.ledger.saw(Pong(Timestamp(second * 500_000)), second + 1_000.0)
    assert plain(status_lines(slow, 80, 30.0)[1]).endswith("server's clock ×0.5, or ever later")


@pytest.mark.parametrize("width", [1, 10, 40, 80, 200])
def test_lines_are_as_wide_as_the_screen(width: int, payloads: dict[str, Payload]) -> None:
    assert [width_of(line) for line in status_lines(modelled(payloads), width, START)] == [width, width]
