import json
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.sync.client import connect

from tests.support.command import pvws, serving
from tests.support.raw_client import RawClient


def test_serve_alone_says_that_it_is_quiet_and_answers(tmp_path: Path) -> None:
    with serving(tmp_path, "serve") as server, connect(server.url) as client:
        client.send('{"type":"ping"}')
        assert json.loads(client.recv())["type"] == "pong"
        with urllib.request.urlopen(server.url.replace("ws://", "http://") + "/status") as response:
            assert json.load(response)["websocket"]["active_connections"] == 1
        server.process.send_signal(signal.SIGTERM)
        _, said = server.process.communicate()
        assert server.process.returncode == 0
        assert f"serves {server.url}; Ctrl-C ends it" in said
        assert "nothing plays, so no events will come; add --scenario quickstart, or run: " in said
        with pytest.raises(ConnectionClosedOK) as closed:
            client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001


def test_ctrl_c_ends_it_with_130(tmp_path: Path) -> None:
    with serving(tmp_path, "serve") as server:
        server.process.send_signal(signal.SIGINT)
        server.process.communicate()
        assert server.process.returncode == 130


async def test_a_second_signal_cuts_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", PEERVAULT_WS_TIMEOUTS_CLOSE="1h") as server:
        port = int(server.url.split(":")[2].split("/")[0])
        async with RawClient("localhost", port) as client:
            await client.open()
            server.process.send_signal(signal.SIGTERM)
            assert (await client.read_close())[0] == 1001  # it waits now for an answer that never comes
            assert server.process.poll() is None
            server.process.send_signal(signal.SIGTERM)
            assert await client.read_to_end() == b""
        assert server.process.wait(timeout=50) == 0, "the grace time is an hour"


def test_serve_with_a_scenario_plays_it_and_stays(tmp_path: Path) -> None:
    script = tmp_path / "short.yaml"
    script.write_text("pvws: 1\nscenario: short\nduration: 1s\nspeed: max\nnetwork: {peers: 2}\n", encoding="utf-8")
    with serving(tmp_path, "serve", "--scenario", str(script), "--wait-for-client") as server:
        with connect(server.url) as client:
            client.send('{"type":"subscribe","topic":"peer_network"}')
            assert [json.loads(client.recv())["type"] for _ in range(2)] == ["peer_connected"] * 2
        with connect(server.url) as client:
            client.send('{"type":"ping"}')
            assert json.loads(client.recv())["type"] == "pong"


def test_a_world_whose_script_fails_is_told_and_the_server_serves_on(tmp_path: Path) -> None:
    script = tmp_path / "wrong.yaml"
    script.write_text(
        "pvws: 1\nscenario: wrong\nduration: 1m\nnetwork: {peers: 2}\ntimeline:\n"
        "  - {when: {client: subscribes, topic: alerts}, do: emit, type: security_alert,\n"
        "     data: {level: critical, category: auth_failure, message: '${file.latest.key}'}}\n",
        encoding="utf-8",
    )
    with serving(tmp_path, "serve", "--scenario", str(script)) as server:
        with connect(f"{server.url}?world=one") as client:
            client.send('{"type":"subscribe","topic":"alerts"}')
            with pytest.raises(ConnectionClosedError) as closed:
                client.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "the world has failed")
        with connect(server.url) as client:
            client.send('{"type":"ping"}')
            assert json.loads(client.recv())["type"] == "pong"
        server.process.send_signal(signal.SIGTERM)
        _, said = server.process.communicate()
        assert server.process.returncode == 0
        (line,) = [line for line in said.splitlines() if "world" in line]
        assert line.startswith(f"world one has ended: {script}:6:"), line
        assert "Traceback" not in said


def test_a_busy_port_is_a_sentence_and_exit_code_3(tmp_path: Path) -> None:
    with serving(tmp_path, "serve") as server:
        port = server.url.split(":")[2].split("/")[0]
        again = pvws("serve", "--port", port)
        assert again.returncode == 3
        assert again.stderr == (
            f"pvws: localhost:{port}: the port is in use by another program\n"
            "Choose another one with --port, or --port 0 for any that is free.\n"
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "quikstart"], 'did you mean "quickstart"?'),
        (["--set", "seed=3"], "--set: expected a scenario that it is about beside it, with --scenario"),
        (["--scenario", "quickstart", "--set", "seed"], "--set: expected a name and a value"),
        (["--port", "70000"], "--port: expected a whole number from 0 to 65535"),
        (["--host", "no.such.host.invalid"], "no address of this machine"),
        (["--ready-file", "/no/such/folder/ready", "--port", "0"], "--ready-file: expected a file that can be written"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(arguments: list[str], said: str) -> None:
    ended = pvws("serve", *arguments)
    assert ended.returncode in (2, 3)
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serve_takes_other_values_for_a_scenario(tmp_path: Path) -> None:
    script = tmp_path / "short.yaml"
    script.write_text(
        "scenario: short\nparameters: {peers: 1}\nduration: 1s\nspeed: max\nnetwork: {peers: '${peers}'}\n"
    )
    arguments = ("serve", "--scenario", str(script), "--set", "peers=5", "--wait-for-client")
    with serving(tmp_path, *arguments) as server, connect(server.url) as client:
        client.send('{"type":"subscribe","topic":"peer_network"}')
        assert [json.loads(client.recv())["type"] for _ in range(5)] == ["peer_connected"] * 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process may open")
@pytest.mark.parametrize(("hard", "clients"), [(2_000, None), (100, 36)])
def test_the_limit_of_open_files_is_raised_to_what_the_clients_need_or_it_is_told(
    tmp_path: Path, hard: int, clients: int | None
) -> None:
    ready = tmp_path / "ready.json"
    shell = f'ulimit -Sn {min(256, hard)} && ulimit -Hn {hard} && exec "$@"'
    command = [
        "sh",
        "-c",
        shell,
        "sh",
        sys.executable,
        "-m",
        "pvws",
        "serve",
        "--port",
        "0",
        "--ready-file",
        str(ready),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.01)
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        soft = next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3]
        assert int(soft) == min(1_064, hard)
        if clients is not None:
            with ExitStack() as there:
                url = json.loads(ready.read_text())["url"]
                for _ in range(clients):
                    there.enter_context(connect(url)).send('{"type":"ping"}')
                one_more = there.enter_context(connect(url))
                assert f"there are {clients} connections, as many as there may be" in str(one_more.recv())
    finally:
        process.terminate()
        said = process.communicate()[1]
    told = f"room for {clients} clients, not for the 1,000 of limits.max_connections"
    assert (told in said) is (clients is not None)


def test_reload_needs_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    from pvws.cli.app import run

    assert run(["serve", "--reload"]) == 2
    assert "--reload: expected a scenario to be read again beside it, with --scenario" in capsys.readouterr().err
