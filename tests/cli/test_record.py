"""`pvws record` and what else records, from outside."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.sync.client import connect

from pvws.cli.app import run
from pvws.files.recordings import open_recording
from pvws.recording.format import Close, Entry, Gap, Header, Mark, Message, Open
from tests.support.command import Serving, pvws, serving


def read(path: Path) -> tuple[Header, list[Entry]]:
    with open_recording(str(path)) as recording:
        return recording.header, list(recording)


def received(entries: list[Entry]) -> list[bytes]:
    return [each.data for each in entries if isinstance(each, Message) and each.dir == "recv"]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_so_many_messages_are_recorded_with_what_the_client_said(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"a.pvrec.jsonl{suffix}"
    with serving(tmp_path, "simulate", "quickstart", "--speed", "20", "--wait-for-client", "--stay") as server:
        url = f"{server.url}?token=hunter2"
        assert run(["record", url, "-o", str(out), "--topic", "peer_network", "--count", "5"]) == 0
    header, entries = read(out)
    assert header.topics == ("peer_network",)
    assert header.url == f"{server.url}?token=REDACTED"
    opened, subscription, *messages, said, answered = entries
    assert isinstance(opened, Open)
    assert isinstance(subscription, Message)
    assert subscription.dir == "send"
    assert json.loads(subscription.data) == {"type": "subscribe", "topic": "peer_network", "data": "peer_network"}
    assert len(messages) == len(received(entries)) == 5
    assert [said, answered] == [Close(said.t, "send", 1000), Close(answered.t, "recv", 1000)]
    assert all('"topic":"peer_network"' in data.decode() for data in received(entries))
    assert "hunter2" not in str(entries)


@pytest.mark.parametrize("where", ["file", "environment"])
def test_a_token_that_stands_in_no_command_line_is_presented_and_not_recorded(tmp_path: Path, where: str) -> None:
    (tmp_path / "token").write_text("hunter2\n", encoding="utf-8")
    out = tmp_path / "a.pvrec.jsonl"
    options, environment = (
        ([], {"PVWS_TOKEN": "hunter2"}) if where == "environment" else (["--token", f"@{tmp_path}/token"], {})
    )
    given = ("--speed", "20", "--wait-for-client", "--stay", "--token", "hunter2")
    with serving(tmp_path, "simulate", "quickstart", *given) as server:
        ended = pvws("record", server.url, "-o", str(out), "--count", "3", *options, **environment)
    assert ended.returncode == 0, ended.stderr
    _, entries = read(out)
    assert len(received(entries)) == 3
    assert isinstance(entries[0], Open)
    assert ("authorization", "REDACTED") in [(name.lower(), value) for name, value in entries[0].request]
    assert b"hunter2" not in out.read_bytes()


def test_a_token_that_is_refused_is_told(tmp_path: Path) -> None:
    out = tmp_path / "a.pvrec.jsonl"
    with serving(tmp_path, "serve", "--token", "hunter2") as server:
        ended = pvws("record", server.url, "-o", str(out), "--token", "wrong", "--for", "5s")
    assert ended.returncode == 3, ended.stderr
    assert "token" in ended.stderr
    assert "wrong" not in ended.stderr


def test_a_lost_connection_is_a_gap_and_the_next_one_another_connection(tmp_path: Path) -> None:
    out, script = tmp_path / "a.pvrec.jsonl", tmp_path / "cut.yaml"
    script.write_text(
        "scenario: cut\nduration: 30s\nbehaviours: {metrics: {every: 1s}}\ntimeline:\n"
        "- {when: {client: subscribes, topic: alerts}, times: 2, do: emit, type: storage_alert}\n"
        "- {when: {client: subscribes, topic: alerts}, in: 50ms, do: disconnect, code: 1012, reason: again}\n"
    )
    with serving(tmp_path, "simulate", str(script)) as server:
        assert run(["record", server.url, "-o", str(out), "--topic", "alerts", "--count", "2"]) == 0
    _, entries = read(out)
    kinds = [(type(each).__name__, getattr(each, "conn", 1)) for each in entries if not isinstance(each, Gap)]
    assert kinds == [
        *(("Open", 1), ("Message", 1), ("Message", 1), ("Close", 1), ("Close", 1)),
        *(("Open", 2), ("Message", 2), ("Message", 2), ("Close", 2), ("Close", 2)),
    ]
    (gap,) = [each for each in entries if isinstance(each, Gap)]
    assert gap.reason == "the connection was lost (1012 again); what was sent meanwhile is missed"
    assert gap.micros is not None


def test_nobody_there_is_told_and_no_file_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.pvrec.jsonl"
    assert run(["record", "ws://127.0.0.1:9/ws", "-o", str(out), "--patience", "10ms"]) == 3
    assert "connection refused" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing option '--out'"),
        (["-o", "/no/such/x"], "--out: expected a file that can be written"),
        (["-o", "x", "--for", "soon"], "--for: expected a duration"),
        (["-o", "x", "--topic", "alarms"], "--topic: expected one of file_operations"),
        (["-o", "x", "nowhere"], "URL: expected a URL like"),
    ],
)
def test_what_is_wrong_is_told(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["record", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_kill_9_leaves_what_was_recorded_until_then(tmp_path: Path) -> None:
    out = tmp_path / "a.pvrec.jsonl.zst"
    with serving(tmp_path, "simulate", "quickstart", "--speed", "20", "--wait-for-client", "--stay") as server:
        process = subprocess.Popen([sys.executable, "-m", "pvws", "record", server.url, "-o", str(out)])
        try:
            while not (out.exists() and out.stat().st_size and len(received(read(out)[1])) > 20):
                assert process.poll() is None
        finally:
            process.kill()
            process.wait()
        assert len(received(read(out)[1])) > 20


def cut_short(server: Serving, number: signal.Signals) -> str:
    server.process.send_signal(number)
    return server.process.communicate()[1]


def test_watch_records_besides_what_it_shows(tmp_path: Path) -> None:
    out = tmp_path / "a.pvrec.jsonl"
    with serving(tmp_path, "simulate", "quickstart", "--speed", "20", "--wait-for-client", "--stay") as server:
        ended = pvws("watch", server.url, "--topic", "peer_network", "--json", "--count", "4", "--record", str(out))
    assert ended.returncode == 0, ended.stderr
    assert received(read(out)[1])[:4] == [line.encode() for line in ended.stdout.splitlines()]
    assert f"{out}: " in ended.stderr


def test_serve_records_what_plays_once_and_its_marks(tmp_path: Path) -> None:
    out, script = tmp_path / "a.pvrec.jsonl", tmp_path / "short.yaml"
    script.write_text(
        "scenario: short\nnetwork: {peers: 0}\nstart: 2024-01-01T00:00:00Z\nduration: 1m\nspeed: max\ntimeline:\n"
        "- {at: 1s, do: mark, name: here}\n- {at: 2s, do: emit, type: storage_alert}\n"
    )
    options = ("serve", "--scenario", str(script), "--record", str(out), "--wait-for-client")
    with serving(tmp_path, *options) as server:
        with connect(server.url) as client, connect(server.url) as other:
            for each in (other, client):
                each.send('{"type":"ping"}')
                each.recv()
            client.send('{"type":"subscribe","topic":"alerts"}')
            text = str(client.recv())
        said = cut_short(server, signal.SIGTERM)
    header, entries = read(out)
    assert (header.scenario, header.profile, str(header.start)) == ("short", "documented", "2024-01-01T00:00:00.000Z")
    assert entries == [Mark(1_000_000, "here"), Message(2_000_000, "recv", text.encode())]
    assert f"pvws: {out}: 2 entries recorded\n" in said


def test_serve_alone_records_as_well(tmp_path: Path) -> None:
    out = tmp_path / "a.pvrec.jsonl"
    with serving(tmp_path, "serve", "--record", str(out)) as server:
        cut_short(server, signal.SIGTERM)
    assert read(out)[1] == []


def test_a_full_disk_is_told_and_the_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.fail("this test needs /dev/full")
    assert run(["simulate", "quickstart", "--no-serve", "--duration", "1s", "--record", "/dev/full"]) == 1
    assert "no space left on device" in capsys.readouterr().err


def test_a_second_signal_cuts_a_recording_whose_disk_hangs(tmp_path: Path) -> None:
    out = tmp_path / "a.pvrec.jsonl"
    os.mkfifo(out)
    reader = os.open(out, os.O_RDONLY | os.O_NONBLOCK)  # which never reads
    command = ["simulate", "firehose", "--no-serve", "--speed", "max", "--record", str(out)]
    with subprocess.Popen([sys.executable, "-m", "pvws", *command], stderr=subprocess.PIPE, text=True) as process:
        try:
            select.select([reader], [], [])  # signals are heard from before the file is opened on
            process.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.3)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=20)
        finally:
            process.kill()
            os.close(reader)
    assert process.returncode == 130
    assert "Traceback" not in said
