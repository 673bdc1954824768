import json
import signal
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pvws.cli.app import run
from pvws.files.recordings import open_recording
from pvws.recording.format import Close, Entry, Header, Message, Open
from tests.support.command import serving


def read(path: Path) -> tuple[Header, list[Entry]]:
    with open_recording(str(path)) as recording:
        return recording.header, list(recording)


def test_both_directions_are_recorded_without_tokens(tmp_path: Path) -> None:
    out, server_folder = tmp_path / "session.pvrec.jsonl", tmp_path / "server"
    server_folder.mkdir()
    with (
        serving(server_folder, "serve", "--token", "hunter2") as server,
        serving(tmp_path, "proxy", "--to", server.url, "-o", str(out), "-v") as proxy,
    ):
        with connect(f"{proxy.url}?token=hunter2", compression=None) as client:
            client.send('{"type":"ping"}')
            pong = str(client.recv())
            proxy.process.send_signal(signal.SIGINT)
            with pytest.raises(ConnectionClosed) as closed:
                client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        _, said = proxy.process.communicate()
    assert proxy.process.returncode == 130
    assert f"pvws: {proxy.url} leads to {server.url}, recording to {out}; Ctrl-C ends it\n" in said
    assert "pvws: 1 connections, 1 WebSockets; clients sent 1 messages and received 1\n" in said
    assert f"pvws: {out}: " in said
    header, (opened, *entries) = read(out)
    assert header.url == server.url
    assert header.by.endswith(" proxy")
    assert isinstance(opened, Open)
    assert opened.url == f"{proxy.url}?token=REDACTED"
    assert opened.address in ("127.0.0.1", "::1")
    assert [(each.dir, each.data) for each in entries if isinstance(each, Message)] == [
        ("send", b'{"type":"ping"}'),
        ("recv", pong.encode()),
    ]
    assert any(isinstance(each, Close) for each in entries)
    assert "hunter2" not in out.read_text() + said


def test_a_refused_handshake_and_a_path_of_its_own_pass(tmp_path: Path) -> None:
    out, server_folder = tmp_path / "session.pvrec.jsonl.gz", tmp_path / "server"
    server_folder.mkdir()
    with (
        serving(server_folder, "serve") as server,
        serving(tmp_path, "proxy", "--to", server.url.replace("/ws", "/nowhere"), "-o", str(out)) as proxy,
    ):
        with pytest.raises(Exception, match="HTTP 404"):
            connect(proxy.url)
        proxy.process.send_signal(signal.SIGTERM)
        proxy.process.communicate()
        assert proxy.process.returncode == 0
    (opened,) = read(out)[1]
    assert isinstance(opened, Open)
    assert opened.status == 404


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with serving(tmp_path, "proxy", "--to", "ws://127.0.0.1:9/ws") as proxy:
        with pytest.raises(Exception, match="HTTP 502"):
            connect(proxy.url)
        assert json.loads((tmp_path / "ready.json").read_text())["url"] == proxy.url
        proxy.process.send_signal(signal.SIGTERM)
        _, said = proxy.process.communicate()
    assert "pvws: ws://127.0.0.1:9/ws can't be reached: " in said
    assert not (tmp_path / "ready.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing option '--to'"),
        (["--to", "nowhere"], '--to: expected a URL like ws://localhost:8083/ws, got "nowhere"'),
        (["--to", "ws://localhost/ws", "--ca", "x"], "--ca: expected none beside a URL without TLS"),
        (["--to", "ws://localhost/ws", "--redact", "a..b"], "--redact: expected a path within messages"),
        (
            ["--to", "ws://localhost/ws", "--port", "0", "-o", "/no/such/x"],
            "--out: expected a file that can be written",
        ),
    ],
)
def test_what_is_wrong_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["proxy", *arguments]) == 2
    assert said in capsys.readouterr().err
