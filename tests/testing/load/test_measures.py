"""What is measured of our own server, as a process, and of any; the figures that must be exact are."""

import pytest

from pvws.errors import PvwsError
from pvws.testing.load import measures
from pvws.testing.load.house import Plan
from pvws.testing.load.measures import Delivery, measure_house, measure_url
from pvws.testing.load.reckoning import Reckoning
from pvws.wire.frames import text_frame
from tests.testing.load.conftest import Scripted


def test_the_engine_feeds_everybody_as_fast_as_it_goes_and_nothing_is_lost() -> None:
    found = measure_house(Plan(0.3), 20)
    assert found.exact
    assert found.reckoning == Reckoning(reach=20)
    assert found.intact
    assert found.messages == 20 * found.events > 20_000
    assert found.messages_a_second == found.messages / found.seconds
    assert found.latency_p99 is None


def test_compressed_messages_reach_everybody_as_well() -> None:
    found = measure_house(Plan(30.0, events=200), 5, compress=True)
    assert (found.messages, found.exact) == (1_000, True)
    plain = measure_house(Plan(30.0, events=200), 5)
    assert found.bytes_received < plain.bytes_received * 0.8


def test_at_a_rate_latencies_are_told_and_who_never_reads_is_not_among_those_who_must_get_everything() -> None:
    found = measure_house(Plan(0.3, rate=200.0), 5, stalled=2)
    assert (found.clients, found.events, found.messages) == (5, 60, 300)
    assert found.exact
    assert found.latency_p50 is not None and found.latency_p99 is not None and found.latency_worst is not None
    assert 0 < found.latency_p50 <= found.latency_p99 <= found.latency_worst


def test_to_any_other_server_it_is_listened(scripted: Scripted) -> None:
    event = text_frame(b'{"type":"storage_alert"}')
    sent: list[int] = []

    def tell(progress: object) -> None:
        if len(scripted._connections) == 3 and not sent:  # once everybody is connected
            sent.append(1)

    def subscribed(number: int, text: bytes) -> bytes:
        return event if b"alerts" in text else b""

    scripted.on_text = subscribed
    found = measure_url(scripted.target, 3, 0.1, tell=tell)
    assert (found.clients, found.intact, found.cpu_us) == (3, None, None)
    assert found.exact
    assert sent


def test_more_connections_than_the_system_allows_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "allow_descriptors", lambda connections: 100)
    with pytest.raises(PvwsError, match=r"^5,000 connections need 5,064 open files, .* 164\n"):
        measure_house(Plan(1.0), 5_000)


def test_what_is_wrong_with_any_message_is_not_exact() -> None:
    right = Delivery(2, 1, 2, 1.0, 10, Reckoning(reach=2), 0.1, intact=True)
    assert right.exact
    for wrong in (
        Delivery(2, 1, 2, 1.0, 10, Reckoning(reach=1, lost=1), 0.1),
        Delivery(2, 1, 2, 1.0, 10, Reckoning(reach=2), 0.1, intact=False),
        Delivery(2, 1, 2, 1.0, 10, Reckoning(reach=2), 0.1, gone=1),
    ):
        assert not wrong.exact
