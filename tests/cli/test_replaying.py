import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from pvws.cli.replaying import Replaying
from pvws.cli.run import Stop
from pvws.cli.wishes import Wishes
from pvws.recording.format import Entry, Mark, Message
from pvws.recording.replayer import Choice, Track
from pvws.server.settings import Configuration

EVENT = b'{"type":"storage_alert","topic":"alerts"}'
ENTRIES: list[Entry] = [Message(0, "recv", EVENT), Mark(1_000, "here"), Message(2_000, "recv", b'{"type":"pong"}')]


def wishes(*entries: Entry, speed: float | None = 1.0) -> Wishes:
    return Wishes((), (Track(lambda: entries),), Choice(), 0, speed, "documented")


async def test_what_was_played_and_what_was_left_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert await Replaying(wishes(*ENTRIES, speed=None), None)(Stop()) == 0
    said = capsys.readouterr().err
    assert "pvws: mark here at 1ms\n" in said
    assert "  storage_alert  1\n" in said
    assert "  1 messages were answers to the recorded client or not chosen\n" in said


async def test_it_stays_if_asked_to_and_ends_with_a_signal(tmp_path: Path) -> None:
    stop, ready = Stop(), tmp_path / "ready"
    configuration = Configuration(host="127.0.0.1", port=0)
    replaying = Replaying(wishes(*ENTRIES), configuration, stay=True, wait_for_client=True, ready_file=str(ready))
    running = asyncio.ensure_future(replaying(stop))
    while not ready.exists():  # noqa: ASYNC110 - a file tells no event
        await asyncio.sleep(0.005)
    async with connect(json.loads(ready.read_text())["url"]) as client:
        await client.send('{"type":"subscribe","topic":"alerts"}')
        assert await client.recv() == EVENT.decode()
        await client.send('{"type":"ping"}')
        assert "pong" in str(await client.recv())
    stop.request(130)
    assert await running == 130
    assert not ready.exists()
