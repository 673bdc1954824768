import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.command import pvws, serving

QUICK = ("--quick", "--section", "messages", "--section", "origins")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A right server."""
    with serving(tmp_path_factory.mktemp("server"), "serve") as server:
        yield server.url


def test_a_right_server_is_told_so(url: str) -> None:
    done = pvws("check", "server", url, *QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "origins"
    assert "  ✓ messages.no-welcome  A server speaks when it is spoken to: no message comes before the first" in (
        done.stdout
    )
    assert lines[-1].endswith("rules held, 0 failed, 2 not judged")
    assert done.stderr == ""


def test_a_server_of_another_kind_is_told_apart_and_reported_everywhere(url: str, tmp_path: Path) -> None:
    junit, known = tmp_path / "junit.xml", tmp_path / "known.txt"
    arguments = ("check", "server", url, "--profile", "upstream", "--rule", "upstream.key-case", "--section", "origins")
    done = pvws(*arguments, "--json", "--junit", str(junit), "--write-baseline", str(known))
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["url"] == url
    assert document["totals"] == {"held": 3, "failed": 1, "known": 0, "not_judged": 0}
    (failed,) = (rule for rule in document["rules"] if rule["outcome"] == "failed")
    assert (failed["id"], failed["expected"]) == ("upstream.key-case", "a pong")
    assert failed["sent"] == 'GET /ws; text {"TYPE":"ping"}'
    assert ElementTree.fromstring(junit.read_text()).find(".//failure") is not None

    again = pvws(*arguments, "--baseline", str(known))
    assert again.returncode == 0, again.stdout
    assert "3 rules held, 0 failed, 1 known deviations, 0 not judged" in again.stdout


def test_a_rule_of_the_baseline_that_holds_is_told(url: str, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    known.write_text('["messages.ping-pong"]')
    done = pvws("check", "server", url, "--rule", "messages.ping-pong", "--baseline", str(known))
    assert done.returncode == 0
    assert done.stdout.endswith("messages.ping-pong holds now: take it off the baseline\n")


def test_tokens_come_from_a_file_or_the_environment_and_are_never_told(tmp_path: Path) -> None:
    secret = tmp_path / "token.txt"
    secret.write_text("# a comment\nsesame\n")
    with serving(tmp_path, "serve", "--token", f"@{secret}") as server:
        arguments = ("check", "server", server.url, "--section", "authentication", "--quick", "--json")
        by_file = pvws(*arguments, "--token", f"@{secret}")
        by_environment = pvws(*arguments, PVWS_TOKEN="sesame")
        without = pvws("check", "server", server.url, "--rule", "messages.ping-pong")
    for done in (by_file, by_environment):
        assert done.returncode == 0, done.stdout
        assert "sesame" not in done.stdout + done.stderr
        assert json.loads(done.stdout)["totals"]["held"] >= 14
    assert without.returncode == 1
    assert "The server asks for a token: give it one with --token @FILE, or in PVWS_TOKEN." in without.stdout


def test_a_server_with_tls_is_judged_where_its_authority_is_trusted(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--tls-self-signed") as server:
        assert server.process.stderr is not None
        authority = server.process.stderr.readline().rpartition(": ")[2].strip()
        trusted = pvws("check", "server", server.url, "--ca", authority, *QUICK)
        untrusted = pvws("check", "server", server.url, *QUICK)
    assert trusted.returncode == 0, trusted.stdout + trusted.stderr
    assert untrusted.returncode == 3
    assert "Name the certificate of its authority with --ca." in untrusted.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--section", "message"], "did you mean messages?"),
        (["--rule", "messages.pingpong"], "did you mean messages.ping-pong?"),
        (
            ["--profile", "upstream", "--section", "errors"],
            "--profile: expected one that the rules asked for belong to",
        ),
        (["--pong-wait", "soon"], '--pong-wait: expected a duration like "30s"'),
        (["--baseline", "/no/such/file"], '--baseline: expected a file that can be read, got "/no/such/file"'),
        (["--token", "@/no/such/file"], "--token: expected a file that can be read"),
        (["--ca", "/no/such/file"], "--ca: expected none beside a URL without TLS"),
        (["--junit", "/no/such/folder/x", "--rule", "messages.binary"], "--junit: expected a file that can be written"),
        (["--section", "events", "--quick"], "expected at least one rule that can be judged, got none (no event came"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(url: str, arguments: list[str], said: str) -> None:
    done = pvws("check", "server", url, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_url_that_is_none_is_told() -> None:
    done = pvws("check", "server", "localhost:8083")
    assert done.returncode == 2
    assert "did you mean ws://localhost:8083/ws?" in done.stderr


def test_nobody_there_is_exit_code_3() -> None:
    done = pvws("check", "server", "ws://127.0.0.1:1/ws")
    assert (done.returncode, done.stdout) == (3, "")
    assert "pvws: 127.0.0.1:1: connection refused\nIs a server running?" in done.stderr


def test_ctrl_c_ends_it_with_130() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(40)
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/ws"
        process = subprocess.Popen(
            [sys.executable, "-m", "pvws", "check", "server", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        with silent.accept()[0]:  # it is at work: from here on the signal is the command's own
            os.kill(process.pid, signal.SIGINT)
            said = process.communicate(timeout=20)
    assert (process.returncode, *said) == (130, b"", b"")


def test_the_group_says_what_it_has() -> None:
    done = pvws("check", "--help")
    assert done.returncode == 0
    assert "Check a server against the contract, or examine a client." in done.stdout
    assert "Judge a server by every rule of the contract." in done.stdout
