"""A model with something of everything in it, for tests of what is drawn."""

from datetime import UTC

from pvws.client.happenings import Received
from pvws.terminal.clock import time_of_day
from pvws.terminal.head import head_of
from pvws.terminal.model import Model
from pvws.terminal.rows import Style
from pvws.terminal.spans import plain
from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_event
from pvws.wire.events import Payload
from tests.terminal.conftest import AT

START = AT.micros / 1_000_000


def style(width: int, *, wide: bool = False) -> Style:
    return Style(width, lambda micros: time_of_day(micros, UTC), wide)


def told(model: Model, text: str, at: float = START) -> None:
    """A message comes, is counted and folded, as views do it."""
    head = head_of(text)
    model.ledger.saw_head(head, at)
    model.fold(head, Received(text, at))


def modelled(payloads: dict[str, Payload]) -> Model:
    """Every event once, and half a minute of uploads, ten a second."""
    model = Model("ws://localhost:8083/ws")
    model.connected("ws://localhost:8083/ws", START)
    for payload in payloads.values():
        told(model, encode_event(payload, AT).decode())
    for tenth in range(301):
        at = START + tenth / 10
        told(model, encode_event(payloads["file_uploaded"], Timestamp(AT.micros + tenth * 100_000)).decode(), at)
        model.tick(at)
    return model


def text_of(lines: list[list[object]]) -> list[str]:
    return [plain(line) for line in lines]  # type: ignore[arg-type]
