import hashlib
import json
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.command import pvws, serving


def test_a_scenario_ends_by_itself_and_tells_its_counts() -> None:
    ended = pvws("simulate", "quickstart", "--no-serve")
    assert ended.returncode == 0
    assert ended.stdout == ""
    assert ended.stderr.startswith("pvws: quickstart: ")


def test_the_same_run_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def digest(*options: str) -> str:
        ended = pvws("simulate", "quickstart", "--no-serve", "--out", "-", *options)
        assert ended.returncode == 0, ended.stderr
        return hashlib.sha256(ended.stdout.encode()).hexdigest()

    first = digest()
    assert first == digest() == digest("--speed", "100", "--seed", "7")
    assert first != digest("--seed", "8")
    assert pvws("simulate", "quickstart", "--no-serve", "--out", str(tmp_path / "out.jsonl")).returncode == 0
    assert hashlib.sha256((tmp_path / "out.jsonl").read_bytes()).hexdigest() == first


def test_clients_get_the_very_bytes_that_are_written(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    options = ("simulate", "quickstart", "--speed", "max", "--out", str(out), "--wait-for-client")
    with serving(tmp_path, *options) as server, connect(server.url) as client:
        client.send('{"type":"subscribe","topic":"peer_network"}')
        got = [str(message) for message in client]
        server.process.communicate()
        assert server.process.returncode == 0
    written = [line for line in out.read_text().splitlines() if '"topic":"peer_network"' in line]
    assert got == written
    assert len(got) == 10


def test_start_and_duration_are_as_said() -> None:
    ended = pvws(
        *("simulate", "quickstart", "--no-serve", "--out", "-", "--start", "2030-05-06T07:08:09Z", "--duration", "5s")
    )
    stamps = [json.loads(line)["timestamp"] for line in ended.stdout.splitlines()]
    assert stamps[0] == "2030-05-06T07:08:09.000Z"
    assert stamps[-1] == "2030-05-06T07:08:14.000Z"


def test_stay_serves_on_when_the_scenario_has_ended(tmp_path: Path) -> None:
    with serving(tmp_path, "simulate", "quickstart", "--speed", "max", "--duration", "1ms", "--stay") as server:
        with connect(server.url) as client:
            client.send('{"type":"ping"}')
            assert json.loads(client.recv())["type"] == "pong"
        assert server.process.poll() is None


def test_the_log_view_shows_what_a_client_gets_and_ends_with_the_scenario() -> None:
    ended = pvws("simulate", "quickstart", "--port", "0", "--view", "log", "--speed", "100")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert len(lines) > 200
    assert any("storage_alert" in line and "warning" in line for line in lines)
    assert f"pvws: {len(lines)} messages in " in ended.stderr
    assert f"pvws: quickstart: {len(lines)} events (" in ended.stderr
    assert "\x1b" not in ended.stdout


def test_a_reader_of_the_output_may_leave(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pvws", "simulate", "quickstart", "--no-serve", "--out", "-", "--speed", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert "peer_connected" in process.stdout.readline(), "events are written as they come"
    process.stdout.close()
    assert process.wait(timeout=30) == 0
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "SCENARIO: expected a scenario's file"),
        (
            ["quickstart", "--speed", "fast"],
            '--speed: expected a factor above 0 such as 1 or 0.5, or "max", got "fast"',
        ),
        (["quickstart", "--speed", "nan"], "--speed: expected a factor above 0"),
        (["quickstart", "--start", "soon"], "--start: expected"),
        (["quickstart", "--duration", "-3s"], "--duration: expected a duration"),
        (["quickstart", "--seed", "x"], "--seed"),
        (["quickstart", "--view", "movie"], "--view"),
        (["quickstart", "--no-serve", "--out", "/no/such/folder/x"], "--out: expected a file that can be written"),
        (["quickstart", "--no-serve", "--stay"], "--no-serve: expected no --stay beside it"),
        (["quickstart", "--no-serve", "--view", "log"], "--no-serve: expected no --view beside it"),
        (["quickstart", "--view", "log", "--out", "-"], "--view: expected none beside --out -"),
        (["quickstart", "--view", "log", "--wait-for-client"], "--wait-for-client: expected none beside --view log"),
        (["quickstart", "--no-serve", "--port", "9"], "--no-serve: expected no --port beside it"),
        (["quickstart", "--no-serve", "--host", "x"], "--no-serve: expected no --host beside it"),
        (["quickstart", "--no-serve", "--start", "9999-12-31T23:59:50Z"], "--start: expected a run that ends before"),
    ],
)
def test_wrong_input_is_told_in_a_sentence_and_exit_code_2(arguments: list[str], said: str) -> None:
    ended = pvws("simulate", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_a_busy_port_costs_no_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("precious\n")
    with serving(tmp_path, "serve") as server:
        port = server.url.split(":")[2].split("/")[0]
        assert pvws("simulate", "quickstart", "--port", port, "--out", str(out)).returncode == 3
    assert out.read_text() == "precious\n"


def test_a_slow_reader_of_the_log_at_speed_max_gets_everything(tmp_path: Path) -> None:
    script = tmp_path / "many.yaml"
    script.write_text(
        "scenario: many\nduration: 20m\nspeed: max\nbehaviours: {uploads: {rate: 10/s, size: 1 B}}\n", encoding="utf-8"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pvws", "simulate", str(script), "--port", "0", "--view", "log"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, selectors.DefaultSelector() as selector:
        assert process.stdout is not None
        assert process.stderr is not None
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.select()
        time.sleep(2)  # longer than a client may take nothing before it counts as stalled
        shown, said = process.stdout.read(), process.stderr.read()
    assert process.returncode == 0
    assert f"many: {len(shown.splitlines()):,} events" in said


def test_the_ready_file_is_gone_when_the_server_is(tmp_path: Path) -> None:
    with serving(tmp_path, "simulate", "quickstart", "--speed", "30") as server:
        server.process.communicate()
    assert not (tmp_path / "ready.json").exists()


def test_steps_without_events_do_not_make_it_deaf_to_signals(tmp_path: Path) -> None:
    script = tmp_path / "busy.yaml"
    script.write_text(
        "scenario: busy\nduration: 24h\nspeed: max\nbehaviours: {deletes: {rate: 100000/s}}\n", encoding="utf-8"
    )
    with serving(tmp_path, "simulate", str(script)) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=20) == 130


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_means_the_same_while_it_is_still_starting(number: signal.Signals, code: int) -> None:
    started = "import sys; print('there', flush=True); from pvws.__main__ import main; sys.argv[1:] = ['serve']; main()"
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", started], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)  # somewhere within the imports
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, b"Traceback" in said) == (code, False)


def test_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, which Linux has")
    ended = pvws("simulate", "quickstart", "--no-serve", "--out", "/dev/full")
    assert ended.returncode == 1
    assert "No space left on device" in ended.stderr or "no space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
