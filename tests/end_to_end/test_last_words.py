"""What a run delivered, as whoever runs the command sees it: another process, real sockets, its last words."""

import re
import socket
import time
from pathlib import Path

from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

from tests.support.command import pvws, serving

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


ALONE = """
scenario: alone
duration: 1500ms
network: {peers: 1}
timeline:
  - {at: 200ms, do: emit, type: security_alert}
"""


def test_a_run_lasts_as_long_as_it_says_though_nothing_happens_at_its_end(tmp_path: Path) -> None:
    script = tmp_path / "alone.yaml"
    script.write_text(ALONE, encoding="utf-8")
    began = time.monotonic()
    ended = pvws("simulate", str(script), "--port", "0")
    assert time.monotonic() - began >= 1.5
    assert ended.returncode == 0
    found = re.search(r": 3 events in 1\.5s, played in ([\d.]+)s", ended.stderr)
    assert found, ended.stderr
    assert float(found[1]) >= 1.5
    assert "delivered" not in ended.stderr, "nobody was there"


def test_the_summary_tells_what_was_delivered_and_how_late(tmp_path: Path) -> None:
    options = ("simulate", "quickstart", "--speed", "100", "--wait-for-client")
    with serving(tmp_path, *options) as server, connect(server.url) as client, connect(server.url):
        for topic in ("alerts", "system"):
            client.send(f'{{"type":"subscribe","topic":"{topic}"}}')
        got = len(list(client))
        said = server.process.communicate()[1]
        assert server.process.returncode == 0
    found = re.search(
        r"^  delivered (\d+) of (\d+) to 2 clients; late by (\S+) \(p50\), (\S+) \(p99\), (\S+) \(worst\)$", said, re.M
    )
    assert found is not None, said
    assert int(found[1]) == int(found[2]) == got


def test_a_client_that_does_not_read_is_named_at_the_end_and_not_waited_for(tmp_path: Path) -> None:
    script = tmp_path / "large.yaml"
    script.write_text(
        "scenario: large\nduration: 1s\nspeed: max\nnetwork: {peers: 1}\ntimeline:\n"
        "  - {every: 10ms, do: emit, type: security_alert, data: {message: " + "x" * 40_000 + "}}\n",
        encoding="utf-8",
    )
    options = ("simulate", str(script), "--wait-for-client")
    with serving(tmp_path, *options, PEERVAULT_WS_TIMEOUTS_CLOSE="100ms") as server:
        host, port = server.url.removeprefix("ws://").removesuffix("/ws").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            subscribe = Frame(Opcode.TEXT, b'{"type":"subscribe","topic":"alerts"}').serialize(mask=True)
            client.sendall(HANDSHAKE + subscribe)
            said = server.process.communicate(timeout=30)[1]
    waiting = r"^pvws: client 1 \([0-9a-f]{8}\): takes nothing, .* bytes waiting; it is not waited for$"
    assert re.search(waiting, said, re.MULTILINE), said
    assert re.search(r"^    client [0-9a-f]{8}: \d+ written, \d+ lost; ", said, re.MULTILINE), said
