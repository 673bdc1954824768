import pytest

from pvws.client.happenings import Received
from pvws.limits import FILES_READ_A_REDRAW_MAX, NOTES_KEPT_MAX, TEXT_KEPT_CHARACTERS_MAX
from pvws.terminal.head import head_of
from pvws.terminal.model import Model
from pvws.wire.codec import encode_event
from pvws.wire.events import FileUploaded, Payload
from tests.terminal.conftest import AT
from tests.terminal.pictured import modelled, told


def upload(number: int) -> str:
    return encode_event(FileUploaded(f"k{number}", number, "n", AT), AT).decode()


def test_all_is_folded_while_there_is_no_flood(payloads: dict[str, Payload]) -> None:
    model = modelled(payloads)
    assert model.ledger.total == 317
    assert model.rates.rate("file_operations") == pytest.approx(10, abs=0.01)
    assert model.sampled is None
    assert len(model.network.peers) == 1
    assert model.network.open_alerts == 3


def test_in_a_flood_all_is_counted_some_is_read_and_the_latest_always_is() -> None:
    model = Model("")
    model.tick(0.0)
    read = list[Received]()
    for tenth in range(50):
        for number in range(2_000):
            text = upload(tenth * 2_000 + number)
            head, received = head_of(text), Received(text, tenth / 10)
            model.ledger.saw_head(head, tenth / 10)
            model.fold(head, received)
            read.append(received)
        model.tick((tenth + 1) / 10)
        assert next(reversed(model.network.files)) == f"k{tenth * 2_000 + 1_999}"
    assert model.ledger.types == {"file_uploaded": 100_000}
    assert model.rates.rate("file_operations") == pytest.approx(20_000)
    decoded = sum(received._outcome is not None for received in read)
    assert decoded == 50 * (FILES_READ_A_REDRAW_MAX + 64)
    assert model.sampled == pytest.approx(decoded / 100_000)


def test_peers_alerts_and_figures_are_read_in_any_flood(payloads: dict[str, Payload]) -> None:
    model = Model("")
    for number in range(3 * FILES_READ_A_REDRAW_MAX):
        told(model, upload(number))
    for name in ("peer_connected", "storage_alert", "system_metrics", "network_topology_changed"):
        told(model, encode_event(payloads[name], AT).decode())
    assert len(model.network.peers) == len(model.network.alerts) == 1
    assert model.network.storage is not None
    assert model.network.topology is not None


def test_errors_and_what_cannot_be_read_are_kept_for_a_while_and_counted_for_ever() -> None:
    model = Model("")
    error = '{"type":"error","data":{"code":"AUTH_FAILED","message":"no"},"timestamp":"2024-01-01T00:00:00Z"}'
    for _ in range(100):
        told(model, error)
        told(model, "x" * 10_000)
    assert model.ledger.errors == {"AUTH_FAILED": 100}
    assert model.ledger.unreadable == 100
    assert len(model.troubles) == NOTES_KEPT_MAX
    assert max(len(text) for _, text in model.troubles) <= TEXT_KEPT_CHARACTERS_MAX
    assert model.troubles[-2][1] == "AUTH_FAILED: no"


def test_a_loss_is_counted_and_a_goodbye_is_not() -> None:
    model = Model("")
    assert model.connected("ws://h/ws", 0.0) is None
    model.lost("1006", 1.0, 5.0)
    missed = model.connected("ws://h/ws", 7.0)
    assert missed is not None
    assert missed.seconds == 2.0
    model.lost("1001", None, 9.0)
    assert (model.ledger.gaps, model.ledger.connections, model.network.era) == (1, 2, 2)
    model.connected("ws://h/ws", 100.0, 4.0)


def test_notes_have_a_bound() -> None:
    model = Model("")
    for number in range(1_000):
        model.note(f"{number}" * 100, float(number))
    assert len(model.notes) == NOTES_KEPT_MAX
    assert max(len(text) for _, text in model.notes) <= TEXT_KEPT_CHARACTERS_MAX
