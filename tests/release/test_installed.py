"""The wheel in a fresh venv, on a path with blanks and an umlaut, where the locale knows ASCII alone."""

import http.client
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import connect

import pvws
from tests.release.distribution import Installed

# Python mends both by itself, unless it is told not to: then stdout, files and arguments are in ASCII.
ASCII = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
WITHIN_S = 60


def environment() -> dict[str, str]:
    """Of a user who has no tests, and no UTF-8."""
    foreign = ("PYTHON", "PYTEST", "LC_", "LANG", "COV", "PEERVAULT", "PVWS")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | ASCII


def ran(installed: Installed, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [installed.pvws, *arguments],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
    )


@contextmanager
def serving(installed: Installed, folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Any]]:
    """A command that serves, and what it tells when it is ready."""
    ready = folder / "ready.json"
    command = [str(installed.pvws), *arguments, "--port", "0", "--ready-file", str(ready)]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    try:
        while not ready.exists():
            assert process.poll() is None, (folder / "said").read_text("utf-8", "replace")
            time.sleep(0.01)
        yield process, json.loads(ready.read_text("utf-8"))
    finally:
        process.kill()
        process.wait()


def got(address: str, path: str) -> bytes:
    """What the control plane answers to GET."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=WITHIN_S)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        assert reply.status == 200, path
        return reply.read()
    finally:
        connection.close()


def test_it_says_its_version_and_what_it_can_do(installed: Installed, tmp_path: Path) -> None:
    version = ran(installed, tmp_path, "--version")
    assert (version.returncode, version.stdout.decode("ascii").split()) == (0, ["pvws", pvws.__version__]), version
    helped = ran(installed, tmp_path, "simulate", "--help")
    assert helped.returncode == 0
    assert b"--speed" in helped.stdout
    # What is not in ASCII is made readable, whatever else would be lost: it is no reason to fail.
    wrong = ran(installed, tmp_path, "simulate", "quick…start")
    assert (wrong.returncode, b"Traceback" in wrong.stderr) == (2, False), wrong.stderr


def test_it_simulates_into_a_file_what_is_not_in_ascii(installed: Installed, tmp_path: Path) -> None:
    script = tmp_path / "mein Büro.yaml"
    script.write_text(
        "scenario: büro\ndescription: größer als ASCII — und doch „richtig“\nduration: 5s\nnetwork: {peers: 2}\n"
        "timeline:\n- {at: 1s, do: emit, topic: alerts, type: storage_alert, data: {message: voll … fast}}\n",
        "utf-8",
    )
    done = ran(installed, tmp_path, "simulate", str(script), "--out", str(tmp_path / "läuft.jsonl"))
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (tmp_path / "läuft.jsonl").read_text("utf-8").splitlines()]
    assert [event["data"]["message"] for event in events if event["type"] == "storage_alert"] == ["voll … fast"]
    shown = ran(installed, tmp_path, "scenarios", "show", "kitchen-sink")
    assert (shown.returncode, shown.stderr) == (0, b"")


def test_a_client_is_played_a_shipped_scenario_and_a_person_is_shown_the_dashboard(
    installed: Installed, tmp_path: Path
) -> None:
    with serving(installed, tmp_path, "simulate", "quickstart") as (process, told):
        with connect(told["url"], open_timeout=WITHIN_S) as client:
            client.send('{"type":"subscribe","topic":"peer_network"}')
            client.send('{"type":"subscribe","topic":"file_operations"}')
            assert json.loads(client.recv(WITHIN_S))["topic"] in ("peer_network", "file_operations")
        page = got(told["control"], "/").decode()
        assets = re.findall(r'(?:src|href)="(/?[\w/.-]+\.(?:js|css))"', page)
        assert len(assets) >= 2
        for asset in assets:
            assert got(told["control"], asset if asset.startswith("/") else f"/{asset}")
        assert json.loads(got(told["control"], "/v1/openapi.json"))["info"]["version"] == pvws.__version__
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0


def test_it_serves(installed: Installed, tmp_path: Path) -> None:
    with serving(installed, tmp_path, "serve", "--control", "off", "-v") as (process, told):
        with connect(told["url"], open_timeout=WITHIN_S) as client:
            client.send('{"type":"ping"}')
            assert json.loads(client.recv(WITHIN_S))["type"] == "pong"
        process.send_signal(signal.SIGINT)
        assert process.wait(WITHIN_S) in (0, 130)
    assert "Traceback" not in (tmp_path / "said").read_text("utf-8", "replace")
