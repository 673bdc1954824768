"""The spine, from outside: a scenario plays on a real server, and clients of several kinds hear it."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from websockets.frames import Opcode
from websockets.sync.client import connect

from pvws.scenario.director import Director
from pvws.server.settings import Configuration
from pvws.sim.source import Timed
from pvws.stage.observer import Observer
from pvws.stage.shipped import find_scenario
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.command import serving
from tests.support.raw_client import RawClient
from tests.support.terminal import on_a_terminal
from tests.world.story import Story

TOPICS = ("file_operations", "peer_network", "system", "alerts")

MINUTE = """
pvws: 1
scenario: a busy minute
seed: {seed}
duration: 60s
speed: max
network: {{peers: 8, capacity: 48 MiB, replication: 3}}
behaviours:
  uploads: {{rate: 12/s, size: {{lognormal: {{median: 200 KiB, sigma: 1.3, max: 8 MiB}}}}}}
  deletes: {{rate: 5/s}}
  churn: {{rate: 20/min, downtime: 5s}}
  metrics: {{every: 1s}}
timeline:
  - {{at: 10s, do: join, peers: 3, over: 5s}}
  - {{at: 15s, do: fill, to: 97%, over: 10s}}
  - {{at: 30s, do: leave, peers: 4, reason: partition, for: 10s}}
"""


def subscription(topic: str) -> str:
    return json.dumps({"type": "subscribe", "topic": topic})


def subscribe(client: RawClient, *topics: str) -> None:
    """Subscribe to all topics in one segment, so that nothing comes between."""
    client.send(b"".join(client.frame(Opcode.TEXT, subscription(topic).encode()) for topic in topics))


def address(url: str) -> tuple[str, int]:
    host, port = url.removeprefix("ws://").removesuffix("/ws").split(":")
    return host, int(port)


def of_topics(texts: Iterable[str], *topics: str) -> list[str]:
    return [text for text in texts if json.loads(text)["topic"] in topics]


async def texts_until_close(client: RawClient) -> list[str]:
    """The texts of all messages until the server says 1001, which is answered."""
    texts: list[str] = []
    while True:
        opcode, payload = await client.read_frame()
        if opcode == Opcode.CLOSE:
            assert payload[:2] == (1001).to_bytes(2, "big")
            client.send(client.frame(Opcode.CLOSE, payload))
            return texts
        texts.append(payload.decode())


def test_all_four_topics_arrive_at_a_plain_python_client(tmp_path: Path) -> None:
    with serving(tmp_path, "simulate", "quickstart", "--speed", "60", "--wait-for-client") as server:
        with connect(server.url) as client:
            for topic in TOPICS:
                client.send(subscription(topic))
            got = [json.loads(message) for message in client]
        server.process.communicate()
        assert server.process.returncode == 0
    assert {message["topic"] for message in got} == set(TOPICS)


@pytest.mark.tools
def test_all_four_topics_arrive_at_a_node_client(tmp_path: Path, node_client: list[str]) -> None:
    with serving(tmp_path, "simulate", "quickstart", "--speed", "60", "--wait-for-client", "--stay") as server:
        ended = subprocess.run(
            [*node_client, server.url, "350", *TOPICS], capture_output=True, text=True, timeout=50, check=False
        )
    assert ended.returncode == 0, ended.stderr
    assert {json.loads(line)["topic"] for line in ended.stdout.splitlines()} == set(TOPICS)


class Writing(Observer):
    """Writes down the texts of events."""

    def __init__(self, written: list[str]) -> None:
        self._written = written

    def published(self, events: Sequence[Timed], real: int) -> None:
        self._written.extend(event.text.decode() for event in events)


async def test_two_subscribers_get_the_same_bytes_and_one_of_one_topic_nothing_of_another() -> None:
    scenario = find_scenario("quickstart")
    director = Director(scenario, start=0, seed=scenario.seed, duration=scenario.duration)
    written: list[str] = []
    stage = Stage(director, start=0, speed=None)
    stage.observe(Writing(written))
    async with Venue(stage, Configuration("127.0.0.1", 0)) as venue:
        clients = [RawClient(*address(venue.url)) for _ in range(4)]
        for client, topics in zip(clients, (TOPICS, TOPICS, TOPICS[:1], TOPICS[1:3]), strict=True):
            await client.__aenter__()
            await client.open()
            subscribe(client, *topics)
            client.say('{"type":"ping"}')
            assert "pong" in await client.read_text()
        await stage.play()
        length = sum(len(text) + (2 if len(text) < 126 else 4) for text in written)
        first, second = [await client.reader.readexactly(length) for client in clients[:2]]
        assert first == second
        third = [await clients[2].read_text() for _ in of_topics(written, "file_operations")]
        fourth = [await clients[3].read_text() for _ in of_topics(written, "peer_network", "system")]
        for client in clients:
            await client.__aexit__(None, None, None)
    assert third == of_topics(written, "file_operations")
    assert fourth == of_topics(written, "peer_network", "system")
    assert all(text.encode() in first for text in written)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_busy_minute_at_speed_max_contradicts_itself_nowhere(tmp_path: Path, seed: int) -> None:
    script, out = tmp_path / "minute.yaml", tmp_path / "out.jsonl"
    script.write_text(MINUTE.format(seed=seed), encoding="utf-8")
    scenario = find_scenario(str(script))
    story = Story(scenario.alerts.thresholds(), scenario.network.replication)
    story.capacities = defaultdict(lambda: 48 * 1024**2)
    with serving(tmp_path, "simulate", str(script), "--wait-for-client", "--out", str(out)) as server:
        async with RawClient(*address(server.url)) as client:
            await client.open()
            subscribe(client, *TOPICS)
            texts = await texts_until_close(client)
        server.process.communicate()
    assert texts == out.read_text().splitlines(), "a client that reads loses nothing at speed max"
    for text in texts:
        story.tell(json.loads(text))
    assert story.problems == []
    assert {"peer_disconnected", "file_deleted", "storage_alert", "system_metrics"} <= set(story.told)


def test_two_watchers_at_once_and_one_of_them_leaves_early(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pvws", "watch", "--json"]
    with serving(tmp_path, "simulate", "quickstart", "--speed", "10", "--wait-for-client", "--stay") as server:
        first = subprocess.Popen(
            [*command, server.url, "--topic", "alerts", "--count", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        head = subprocess.run(
            f'"{sys.executable}" -m pvws watch --json {server.url} | head -n 5',
            shell=True,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        alerts, _ = first.communicate(timeout=50)
    assert len(head.stdout.splitlines()) == 5
    assert "Traceback" not in head.stderr
    assert first.returncode == 0
    assert json.loads(alerts)["data"]["level"] == "warning"


def test_a_reader_that_leaves_while_nothing_comes_ends_the_watch(tmp_path: Path) -> None:
    with serving(tmp_path, "simulate", "quickstart", "--speed", "max", "--wait-for-client", "--stay") as server:
        watch = f'"{sys.executable}" -m pvws watch --json --topic alerts {server.url} | head -n 1'
        ended = subprocess.run(watch, shell=True, capture_output=True, text=True, timeout=30, check=False)
    assert json.loads(ended.stdout)["type"] == "storage_alert"


def test_the_demo_shows_the_network_in_colour_and_ends_by_itself() -> None:
    """What `make demo` runs, at another speed, in a real pseudo-terminal."""
    run = ("simulate", "quickstart", "--port", "0", "--view", "log", "--speed", "30")
    screen = on_a_terminal(sys.executable, "-m", "pvws", *run)
    assert "\x1b[" in screen
    for word in ("peer_connected", "file_replicated", "storage_metrics", "storage_alert", "messages in"):
        assert word in screen
