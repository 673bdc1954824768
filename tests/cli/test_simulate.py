import hashlib
import json
import re
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.command import process, pvws, serving
from tests.support.terminal import on_a_terminal


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
    assert len(got) >= 10


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


def test_the_dashboard_where_there_is_no_terminal_is_printed_at_the_end() -> None:
    ended = pvws("simulate", "quickstart", "--port", "0", "--view", "dashboard", "--speed", "100", COLUMNS="90")
    assert ended.returncode == 0
    assert "\x1b" not in ended.stdout
    assert "── recent files ──" in ended.stdout
    assert "8 of 8 peers" in ended.stdout
    assert "pvws: quickstart: " in ended.stderr


def test_the_log_view_shows_what_a_client_gets_and_ends_with_the_scenario() -> None:
    ended = pvws("simulate", "quickstart", "--port", "0", "--view", "log", "--speed", "100")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert len(lines) > 200
    assert any("storage_alert" in line and "warning" in line for line in lines)
    assert f"pvws: {len(lines)} messages in " in ended.stderr
    assert f"pvws: quickstart: {len(lines)} events in 30s, played in " in ended.stderr
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
        (["quickstart", "--no-serve", "--view", "dashboard"], "--no-serve: expected no --view beside it"),
        (["quickstart", "--view", "dashboard", "--out", "-"], "--view: expected none beside --out -"),
        (["quickstart", "--no-serve", "--port", "9"], "--no-serve: expected no --port beside it"),
        (["quickstart", "--no-serve", "--host", "x"], "--no-serve: expected no --host beside it"),
        (["quickstart", "--set", "seed"], '--set: expected a name and a value such as network.peers=40, got "seed"'),
        (["quickstart", "--set", "seeds=1"], "--set seeds: expected a parameter"),
        (["quickstart", "--set", "network.pers=1"], 'did you mean "peers"?'),
        (["quickstart", "--inputs", "/no/such/file"], "--inputs: expected a file that can be read"),
        (["quickstart", "--inputs", __file__], f"{__file__}:1: expected the head of a journal of inputs"),
        (["quickstart", "--loop", "--inputs", "x"], "--loop: expected no --inputs beside it"),
        (["quickstart", "--loop", "--save-inputs", "x"], "--loop: expected no --save-inputs beside it"),
        (["quickstart", "--inputs", "x", "--save-inputs", "x"], "--save-inputs: expected no --inputs beside it"),
        (["quickstart", "--no-serve", "--save-inputs", "x"], "--no-serve: expected no --save-inputs beside it"),
        (
            ["quickstart", "--port", "0", "--save-inputs", "/no/such/folder/x"],
            "--save-inputs: expected a file that can be written",
        ),
        (["quickstart", "--loop", "now"], "unexpected extra argument"),
        (["quickstart", "--paranoid=yes"], "--paranoid"),
        (["quickstart", "--no-serve", "--start", "9999-12-31T23:59:50Z"], "--start: expected a run that ends before"),
    ],
)
def test_wrong_input_is_told_in_a_sentence_and_exit_code_2(arguments: list[str], said: str) -> None:
    ended = pvws("simulate", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "quickstart: " not in ended.stderr, "nothing was played"
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
    assert f"many: {len(shown.splitlines()):,} events in 20m0s" in said


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


STARTED = """
import sys

class Told:
    def find_spec(self, name, *_):
        if name == {module!r}:
            print("there", flush=True)

sys.meta_path.insert(0, Told())
sys.argv[1:] = ["serve", "--port", "0"]
from pvws.__main__ import main
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_means_the_same_while_it_is_still_starting(number: signal.Signals, code: int) -> None:
    for module in ("pvws.cli.app", "pvws.cli.serving", "pvws.server.listener"):
        command = [sys.executable, "-c", STARTED.format(module=module)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n", "it is within the imports"
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, b"Traceback" in said) == (code, False)


def test_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, which Linux has")
    ended = process("simulate", "quickstart", "--no-serve", "--out", "/dev/full")
    assert ended.returncode == 1
    assert "No space left on device" in ended.stderr or "no space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


def digest_told(*options: str, **environment: str) -> str:
    """The SHA-256 that the summary of a run tells."""
    ended = process("simulate", "quickstart", "--no-serve", *options, **environment)
    assert ended.returncode == 0, ended.stderr
    (line,) = (line for line in ended.stderr.splitlines() if line.startswith("  sha256 "))
    return line.split()[1]


def test_the_digest_is_the_same_at_any_speed_and_with_any_hash_seed(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    told = digest_told("--out", str(out), PYTHONHASHSEED="1")
    assert told == hashlib.sha256(out.read_bytes()).hexdigest()
    assert told == digest_told("--out", str(out), "--speed", "max", PYTHONHASHSEED="99")
    assert told == digest_told("--out", str(out), "--speed", "50")
    assert told == digest_told("--out", "-")
    assert told != digest_told("--out", str(out), "--set", "network.peers=5")


def test_the_summary_has_every_type_by_name_and_what_still_alarms() -> None:
    ended = pvws("simulate", "quickstart", "--no-serve")
    head, *lines = ended.stderr.splitlines()
    assert head.startswith("pvws: quickstart: ")
    assert " events in 30s, played in " in head
    types = [line.split()[0] for line in lines if not line.startswith(("  marks", "  alerts"))]
    assert types == sorted(types)
    assert {"file_uploaded", "file_replicated", "peer_connected", "storage_alert", "system_metrics"} <= set(types)
    counts = [int(line.split()[1].replace(",", "")) for line in lines if line.split()[0] in types]
    assert f"quickstart: {sum(counts):,} events" in head
    assert "  alerts still open: storage_usage (warning)" in lines
    assert "\x1b" not in ended.stderr


def test_paranoia_finds_nothing_in_quickstart() -> None:
    ended = pvws("simulate", "quickstart", "--no-serve", "--paranoid")
    assert ended.returncode == 0, ended.stderr


def test_a_loop_goes_on_with_stage_time_until_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path, "simulate", "quickstart", "--loop", "--duration", "2s", "--speed", "20") as server:
        with connect(server.url) as client:
            client.send('{"type":"subscribe","topic":"peer_network"}')
            stamps = [json.loads(client.recv())["timestamp"] for _ in range(30)]
        assert stamps == sorted(stamps)
        assert stamps[-1] > "2024-01-01T00:00:04", "it is the third round at least"
        server.process.send_signal(signal.SIGINT)
        _, said = server.process.communicate()
    assert server.process.returncode == 130
    assert "playing quickstart, 2s in a loop, at speed 20" in said
    assert "pvws: quickstart: " in said


def test_a_run_is_played_again_with_what_a_client_did(tmp_path: Path) -> None:
    script, journal = tmp_path / "ask.yaml", str(tmp_path / "journal")
    first, again, without = (tmp_path / name for name in ("first", "again", "without"))
    script.write_text(
        "scenario: ask\nduration: 2s\nbehaviours: {uploads: {rate: 20/s}}\ntimeline:\n"
        "- {when: {client: subscribes, topic: alerts}, do: emit, type: storage_alert}\n"
        "- {at: 1s, do: mark, name: halfway}\n"
    )
    with serving(tmp_path, "simulate", str(script), "--out", str(first), "--save-inputs", journal) as server:
        with connect(server.url) as client:
            client.send('{"type":"subscribe","topic":"alerts"}')
            assert json.loads(client.recv())["type"] == "storage_alert"
            assert list(client) == []
        _, said = server.process.communicate()
    assert "\npvws: mark halfway at 1s\n" in said
    assert "\n  marks: halfway at 1s\n" in said
    for out, options in ((again, ("--inputs", journal)), (without, ())):
        ended = pvws("simulate", str(script), "--no-serve", "--out", str(out), *options)
        assert ended.returncode == 0, ended.stderr
    assert again.read_bytes() == first.read_bytes()
    assert len(first.read_bytes().splitlines()) == len(without.read_bytes().splitlines()) + 1


def test_on_a_terminal_a_line_says_how_far_it_is_and_is_gone_at_the_end(tmp_path: Path) -> None:
    script = tmp_path / "short.yaml"
    script.write_text(
        "scenario: short\nduration: 60s\nbehaviours: {uploads: {rate: 2/s}}\n"
        "timeline: [{at: 1s, do: mark, name: halfway}]\n"
    )
    command = (sys.executable, "-m", "pvws", "simulate", str(script), "--no-serve", "--speed", "60")
    screen = on_a_terminal(*command, COLUMNS="200")
    assert re.search(r"[1-9]s of 1m", screen), "with its events, and the mark, which come in the first moment"
    assert "12 peers" in screen
    assert "\x1b[2Kpvws: mark halfway at 1s\n" in screen, "what is told stands above the line"
    assert "mark halfway\x1b" in screen
    before, _, summary = screen.rpartition("\x1b[2K")
    assert summary.startswith("pvws: short: ")
    assert "\x1b" not in summary
    assert before.endswith("\x1b[1A"), "the cursor is back in the line, which is then erased"
    assert "\x1b[?25h" in before, "the cursor is seen again"


@pytest.mark.parametrize("options", [("-v",), ("--out", "-")], ids=["the log", "the events"])
def test_the_line_does_not_go_through_what_else_is_on_the_terminal(options: tuple[str, ...]) -> None:
    command = (sys.executable, "-m", "pvws", "simulate", "quickstart", "--no-serve", "--duration", "5s", *options)
    assert "\x1b" not in on_a_terminal(*command)


def test_on_a_dumb_terminal_there_is_no_line() -> None:
    command = (sys.executable, "-m", "pvws", "simulate", "quickstart", "--no-serve", "--speed", "60")
    assert "\x1b" not in on_a_terminal(*command, TERM="dumb")
