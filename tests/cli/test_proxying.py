import asyncio
import json
from pathlib import Path

import pytest

from pvws.cli.proxying import Proxying, read_faults
from pvws.cli.run import Stop
from pvws.errors import InputError, ReachError
from pvws.files.recordings import open_recording
from pvws.recording.format import Gap, Mark, Message, Open
from pvws.recording.redact import Redactor
from pvws.server.sockets import bound_sockets
from tests.support.raw_client import RawClient
from tests.support.served import served


async def test_without_a_recording_it_only_passes_on(capsys: pytest.CaptureFixture[str]) -> None:
    stop = Stop()
    stop.request(130)
    assert await Proxying("ws://localhost:9/ws", "127.0.0.1", 0, None, None, Redactor())(stop) == 130
    said = capsys.readouterr().err
    assert "leads to ws://localhost:9/ws; Ctrl-C ends it" in said
    assert "pvws: 0 connections, 0 WebSockets; clients sent 0 messages and received 0\n" in said


async def test_no_recording_is_lost_to_a_busy_port(tmp_path: Path) -> None:
    out = tmp_path / "a.pvrec.jsonl"
    out.write_text("precious")
    (taken, *_) = await bound_sockets("127.0.0.1", 0)
    taken.listen()
    port = taken.getsockname()[1]
    with pytest.raises(ReachError):
        await Proxying("ws://localhost:9/ws", "127.0.0.1", port, None, str(out), Redactor())(Stop())
    taken.close()
    assert out.read_text() == "precious"


async def test_the_header_says_where_it_led_without_secrets(tmp_path: Path) -> None:
    out, stop = tmp_path / "a.pvrec.jsonl", Stop()
    stop.request(0)
    await Proxying("ws://me:pw@localhost:9/ws?token=t", "127.0.0.1", 0, None, str(out), Redactor())(stop)
    with open_recording(str(out)) as recording:
        assert recording.header.url == "ws://REDACTED@localhost:9/ws?token=REDACTED"


async def test_a_recording_has_what_the_client_got_and_what_faults_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, ready, stop = tmp_path / "a.pvrec.jsonl", tmp_path / "ready.json", Stop()
    faults = tuple(read_faults(["drop: 100%, nth: 2, topics: [alerts]", "no_pong: on, client: 2"]))
    async with served() as server:
        proxying = Proxying(
            server.url, "127.0.0.1", 0, None, str(out), Redactor(), ready_file=str(ready), faults=faults
        )
        running = asyncio.ensure_future(proxying(stop))
        while not ready.exists():  # noqa: ASYNC110 - it is another command's way to be told
            await asyncio.sleep(0.005)
        host, port = json.loads(ready.read_text())["url"].removeprefix("ws://").removesuffix("/ws").split(":")
        async with RawClient(host, int(port)) as client:
            await client.open()
            await server.subscribe(client, "alerts")
            for number in range(3):
                server.publish("alerts", json.dumps({"type": "storage_alert", "topic": "alerts", "number": number}))
            got = [json.loads(await client.read_text())["number"] for _ in range(2)]
        stop.request(0)
        assert await running == 0
    assert got == [0, 2]
    with open_recording(str(out)) as recording:
        entries = list(recording)
    assert isinstance(entries[0], Open)
    messages = [json.loads(each.data) for each in entries if isinstance(each, Message) and each.dir == "recv"]
    assert [each["number"] for each in messages if "number" in each] == [0, 2]
    (gap,) = (each for each in entries if isinstance(each, Gap))
    assert (gap.reason, gap.messages, gap.conn) == ("fault f1 (drop: 100%, topics: [alerts], nth: 2): dropped", 1, 1)
    assert not any(isinstance(each, Mark) for each in entries)
    said = capsys.readouterr().err
    assert "pvws: f1 (drop: 100%, topics: [alerts], nth: 2): 1 dropped\n" in said
    assert "pvws: f2 (no_pong: on, client: 2): nothing\n" in said


def test_a_restart_says_when_since_a_proxy_begins_without_clients() -> None:
    with pytest.raises(
        InputError, match=r"--fault: expected a time to restart at, as in 'at: 30s, restart: 1s', got no"
    ):
        list(read_faults(["restart: 1s"]))
    (found,) = read_faults(["at: 1m, restart: 1s"])
    assert found.at == 60_000_000


def test_a_fault_that_is_none_is_told_with_the_option_and_the_nearest_word() -> None:
    with pytest.raises(InputError, match=r'--fault:1:1: expected .*, got "latencyy" \(did you mean "latency"\?\)'):
        tuple(read_faults(["drop: 1%", "latencyy: 3s"]))
