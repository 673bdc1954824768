"""`pvws replay` from outside: processes, files and sockets."""

import json
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pvws.cli.app import run
from pvws.files.recordings import RecordingWriter, open_recording
from pvws.recording.format import Close, Entry, Gap, Header, Mark, Message, Open
from pvws.timestamp import Timestamp
from tests.support.command import serving

START = Timestamp.parse("2024-01-01T00:00:00Z")
SECOND = 1_000_000


def event(t: float, topic: str = "alerts", kind: str = "storage_alert", conn: int = 1, **data: Any) -> Message:
    stamp = Timestamp(START.micros + int(t * SECOND)).text
    message = {"type": kind, "topic": topic, "data": data | {"timestamp": stamp}, "timestamp": stamp}
    return Message(int(t * SECOND), "recv", json.dumps(message, separators=(",", ":")).encode(), conn)


def say(t: float, conn: int = 1, **message: str) -> Message:
    return Message(int(t * SECOND), "send", json.dumps(message).encode(), conn)


def written(path: Path, entries: Sequence[Entry], **header: Any) -> str:
    with RecordingWriter(str(path), Header(**{"start": START, "profile": "documented"} | header)) as writer:
        for entry in entries:
            writer.write(entry)
    return str(path)


def replayed(tmp_path: Path, *arguments: str) -> list[Entry]:
    """What a replay without a server gives out."""
    out = tmp_path / "replayed.pvrec.jsonl"
    assert run(["replay", *arguments, "--no-serve", "--speed", "max", "--record", str(out)]) == 0
    with open_recording(str(out)) as recording:
        return list(recording)


def received(url: str, *topics: str) -> list[str]:
    """What a client gets that subscribes to some topics, until the server is done."""
    with connect(url) as client:
        for topic in topics:
            client.send(json.dumps({"type": "subscribe", "topic": topic}))
        return [str(message) for message in client]


def test_clients_get_the_very_bytes_of_their_topics(tmp_path: Path) -> None:
    entries = [event(0.1, n=1), event(0.1, "system", "x"), event(0.2, n=2), Message(SECOND // 4, "recv", b"{broken")]
    path = written(tmp_path / "a.pvrec.jsonl", entries)
    with serving(tmp_path, "replay", path, "--wait-for-client", "--speed", "5") as server:
        assert received(server.url, "alerts") == [entries[place].data.decode() for place in (0, 2, 3)]
        _, said = server.process.communicate()
    assert server.process.returncode == 0
    assert f"pvws: replaying {path} (documented) at speed 5 once a client has subscribed" in said
    assert f"pvws: {path}: 4 events in 250ms" in said  # in no time, where a standstill of the machine had all be due


def test_a_world_of_its_own_gets_its_own_replay(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", [event(0.1, n=1)])
    with serving(tmp_path, "replay", path, "--wait-for-client", "--stay") as server:
        for world in ("?world=a", "?world=b"):
            with connect(server.url + world) as client:
                client.send('{"type":"subscribe","topic":"alerts"}')
                assert json.loads(client.recv())["data"]["n"] == 1


def test_a_part_is_chosen_by_times_marks_topics_and_types(tmp_path: Path) -> None:
    entries = [
        event(1, n=1),
        Mark(2 * SECOND, "trouble"),
        event(3, n=3),
        event(4, "system", "x", n=4),
        event(60, n=60),
    ]
    path = written(tmp_path / "a.pvrec.jsonl.zst", entries)
    assert [each.t / SECOND for each in replayed(tmp_path, path, "--from", "2s", "--to", "4s")] == [0, 1, 2]
    assert [each.t / SECOND for each in replayed(tmp_path, path, "--mark", "trouble", "--topic", "alerts")] == [
        0,
        1,
        58,
    ]
    assert replayed(tmp_path, path, "--type", "x") == [entries[1], entries[3]]
    assert [each.t / SECOND for each in replayed(tmp_path, path, "--max-gap", "500ms")] == [0.5, 1, 1.5, 2, 2.5]


def test_that_nothing_is_left_to_replay_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", [event(1, n=1)])
    assert replayed(tmp_path, path, "--from", "5m") == []
    assert "  nothing was recorded from 5m0s on\n" in capsys.readouterr().err


def test_a_recording_is_not_written_over_by_its_replay_by_whatever_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", [event(1, n=1)])
    (tmp_path / "b.pvrec.jsonl").symlink_to(path)
    assert run(["replay", path, "--no-serve", "--speed", "max", "--record", str(tmp_path / "b.pvrec.jsonl")]) == 2
    assert replayed(tmp_path, path) == [event(1, n=1)]


def test_several_recordings_keep_their_offsets(tmp_path: Path) -> None:
    one = written(tmp_path / "one.pvrec.jsonl", [event(1, n=1), event(40, n=2)])
    two = written(tmp_path / "two.pvrec.jsonl", [event(2, n=3)])
    assert [each.t // SECOND for each in replayed(tmp_path, one, f"{two}@+30s", two)] == [1, 2, 32, 40]


def test_timestamps_and_ids_are_changed_on_request_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", [event(1, "file_operations", "file_deleted", key="a" * 64, node="n")])
    (kept,) = replayed(tmp_path, path)
    assert kept == event(1, "file_operations", "file_deleted", key="a" * 64, node="n")
    (changed,) = replayed(tmp_path, path, "--timestamps", "shift", "--ids", "remap")
    assert isinstance(changed, Message)
    message = json.loads(changed.data)
    assert len(message["data"]["key"]) == 64
    assert message["data"]["key"] != "a" * 64
    assert message["data"]["timestamp"] == message["timestamp"] > "2026"


def test_joined_messages_go_to_everybody_concerned_or_are_cut(tmp_path: Path) -> None:
    joined = b"\n".join([event(1, n=1).data, event(1, "system", "x").data])
    path = written(tmp_path / "a.pvrec.jsonl", [Message(SECOND // 2, "recv", joined)])
    with serving(tmp_path, "replay", path, "--wait-for-client") as server:
        assert received(server.url, "system") == [joined.decode()]
        server.process.communicate()
    (tmp_path / "ready.json").unlink(missing_ok=True)
    with serving(tmp_path, "replay", path, "--wait-for-client", "--split") as server:
        assert received(server.url, "system") == [event(1, "system", "x").data.decode()]


def test_a_late_joiner_is_told_what_is_there(tmp_path: Path) -> None:
    up = event(0, "peer_network", "peer_connected", id="a", address="10.0.0.1")
    path = written(tmp_path / "a.pvrec.jsonl", [up, event(1), event(60, "peer_network", "x")])
    with serving(tmp_path, "replay", path, "--from", "30s", "--catch-up") as server, connect(server.url) as client:
        client.send('{"type":"subscribe","topic":"peer_network"}')
        assert client.recv() == up.data.decode()
        server.process.send_signal(signal.SIGINT)
        server.process.communicate()
        assert server.process.returncode == 130


def test_it_loops_until_it_is_stopped(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", [event(0.01, n=1), event(0.02, n=2)])
    with serving(tmp_path, "replay", path, "--loop", "--wait-for-client") as server, connect(server.url) as client:
        client.send('{"type":"subscribe","topic":"alerts"}')
        assert [json.loads(client.recv())["data"]["n"] for _ in range(6)] == [1, 2] * 3


TALK = [
    say(0.1, type="subscribe", topic="alerts"),
    event(0.2, n=1),
    say(0.3, type="subscribe", topic="system"),
    event(0.4, "system", "x", n=2),
]


def test_in_synchronized_mode_each_message_waits_for_what_the_client_said(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", TALK)
    with serving(tmp_path, "replay", path, "--mode", "synchronized") as server:
        with connect(server.url) as client:
            client.send('{"topic":"alerts","type":"subscribe","timestamp":"2030-01-01T00:00:00Z"}')
            assert client.recv() == event(0.2, n=1).data.decode()
            client.send('{"type":"subscribe","topic":"system"}')
            assert client.recv() == event(0.4, "system", "x", n=2).data.decode()
            with pytest.raises(ConnectionClosed):
                client.recv()
        _, said = server.process.communicate()
    assert server.process.returncode == 0
    assert "clients sent everything that was recorded" in said


@pytest.mark.parametrize("speed", ["1", "max"])
def test_in_synchronized_mode_a_client_is_closed_where_the_server_had_closed_its_connection(
    tmp_path: Path, speed: str
) -> None:
    talk = [*TALK[:2], Close(SECOND // 4, "recv", 1013, "come back"), Close(SECOND // 4, "send", 1013, "come back")]
    again = [Open(SECOND // 3, 2), say(0.4, type="subscribe", topic="alerts", conn=2), event(0.5, conn=2, n=2)]
    path = written(tmp_path / "a.pvrec.jsonl", [*talk, *again])
    with serving(tmp_path, "replay", path, "--mode", "synchronized", "--speed", speed) as server:
        with connect(server.url) as client:
            client.send('{"type":"subscribe","topic":"alerts"}')
            assert client.recv() == event(0.2, n=1).data.decode()
            with pytest.raises(ConnectionClosed) as closed:
                client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "come back")
        assert received(server.url, "alerts") == [event(0.5, n=2).data.decode()]
        _, said = server.process.communicate()
    assert server.process.returncode == 0, said


@pytest.mark.parametrize("speed", ["1", "max"])
def test_what_the_client_should_not_have_said_is_reported(tmp_path: Path, speed: str) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", TALK)
    with serving(tmp_path, "replay", path, "--mode", "synchronized", "--stay", "--speed", speed) as server:
        with connect(server.url) as client:
            client.send('{"type":"subscribe","topic":"alerts"}')
            client.recv()
            client.send('{"type":"subscribe","topic":"peer_network"}')
            with pytest.raises(ConnectionClosed):
                client.recv()
        _, said = server.process.communicate()
    assert server.process.returncode == 1
    assert (
        "\nmessage 2 of client 1 is not what was recorded\n"
        f'  expected  {{"type": "subscribe", "topic": "system"}}   ({path}:4 at 0.300000)\n'
        '  got       {"type":"subscribe","topic":"peer_network"}\n'
        '  topic: expected "system", got "peer_network"\n'
    ) in said


def test_a_client_that_leaves_too_early_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", TALK)
    with serving(tmp_path, "replay", path, "--mode", "synchronized") as server:
        with connect(server.url):
            pass
        _, said = server.process.communicate()
    assert server.process.returncode == 1
    assert "client 1 has left before it sent everything" in said


def test_the_profile_is_the_recorded_one_and_another_says_the_same_events_in_its_way(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pvrec.jsonl", [event(0.1, "file_operations", "file_deleted", key="k", node="n")])
    options = ("replay", path, "--wait-for-client", "--profile", "upstream")
    with serving(tmp_path, *options) as server, connect(server.url) as client:
        client.send('{"type":"subscribe","data":"file_operations"}')
        assert json.loads(client.recv())["type"] == "broadcast"


def test_broken_lines_are_told_and_left_out_and_gaps_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.pvrec.jsonl"
    written(path, [event(1, n=1), Gap(2 * SECOND, "slow disk", messages=7), event(3, n=3)])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], "no JSON", *lines[2:], '{"t":4,"di']))
    assert run(["replay", str(path), "--no-serve", "--speed", "max"]) == 2
    said = capsys.readouterr().err
    assert f"pvws: {path}:3: expected one JSON object, got none (" in said
    assert "; the line is left out\n" in said
    assert "pvws: a gap in the recording at 2s: slow disk, 7 messages lost\n" in said
    assert "is cut short; it is read up to its last whole line" in said
    assert "2 events in 3s" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], 'F: expected a file that can be read, got "nowhere" (no such file or directory)'),
        (["F", "--speed", "fast"], "--speed: expected a factor above 0"),
        (["F", "--from", "x"], "--from: expected a duration"),
        (["F", "--from", "9s", "--to", "1s"], '--to: expected a time from 9s on, got "1s"'),
        (["F", "--mark", "there"], '--mark: expected one of here, got "there"'),
        (["F", "--mark", "here", "--from", "1s"], "--mark: expected no --from beside it"),
        (["F@+x"], "F@+D: expected a duration"),
        (["F", "--topic", "alarms"], "--topic: expected one of file_operations"),
        (["F", "--loop", "--stay"], "--loop: expected no --stay beside it"),
        (["F", "--no-serve", "--port", "1"], "--no-serve: expected no --port beside it"),
        (["F", "F", "--mode", "synchronized"], "--mode synchronized: expected one recording, got 2"),
        (["F", "--mode", "synchronized", "--loop"], "--mode synchronized: expected no --loop beside it"),
        (["F", "--record", "F"], "--record: expected another file than those that are replayed"),
        ([__file__], "expected one of the formats recording, har"),
    ],
)
def test_what_is_wrong_is_told(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "F", [event(1), Mark(SECOND, "here")])
    assert run(["replay", *(path + each[1:] if each[:1] == "F" else each for each in arguments)]) == 2
    assert said in capsys.readouterr().err
