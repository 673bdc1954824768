from pathlib import Path

import pytest

from pvws.cli.proxying import Proxying
from pvws.cli.run import Stop
from pvws.errors import ReachError
from pvws.files.recordings import open_recording
from pvws.recording.redact import Redactor
from pvws.server.sockets import bound_sockets


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
