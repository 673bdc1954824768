"""That those who ours is compared with send what ours does, all of it, to everybody."""

import zlib
from pathlib import Path

import pytest

from pvws.testing.load.house import Plan
from pvws.testing.load.measures import house_delivery, measure_house
from tests.benchmarks.rivals import NODE, RIVALS, rival_command, texts_of

PLAN = Plan(30.0, events=50, at_once=3)
CLIENTS = 5


@pytest.mark.parametrize("name", [*RIVALS, pytest.param(NODE, marks=pytest.mark.tools)])
def test_a_rival_sends_the_same_bytes_to_everybody(name: str, tmp_path: Path) -> None:
    command = rival_command(name, PLAN, CLIENTS, tmp_path)
    assert command is not None
    found = house_delivery(command[0], PLAN, CLIENTS, folder=command[1])
    ours = measure_house(PLAN, CLIENTS)
    assert (found.exact, ours.exact) == (True, True)
    assert (found.messages, found.bytes_received) == (ours.messages, ours.bytes_received)
    assert found.cpu_us is not None and found.cpu_us > 0


def test_the_events_are_the_metronomes() -> None:
    assert len(texts_of(PLAN)) == 50
    assert len(set(map(zlib.crc32, texts_of(PLAN)))) == 50
