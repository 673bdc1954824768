import asyncio
import hashlib
import json
import logging
import os
import select
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.asyncio.client import connect

from pvws.cli.journal import read_journal
from pvws.cli.run import Stop
from pvws.cli.serving import Serving
from pvws.errors import InputError
from pvws.scenario.loader import load
from pvws.scenario.schema import DEFAULT_START, Scenario
from pvws.server.settings import Auth, Configuration, Tls
from pvws.session.access import Grant, Token
from pvws.wire.topics import Topic
from pvws.world.invariants import ContradictionError

SHORT = "pvws: 1\nscenario: short\nduration: 1s\nspeed: max\nnetwork: {peers: 2}\n"
HERE = Configuration("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """A command sets the log up; here it is set back."""
    logger = logging.getLogger("pvws")
    before = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


@pytest.fixture
def short() -> Scenario:
    """Two peers connect, and that is all."""
    return load(SHORT, "short.yaml")


async def url_in(ready: Path, serving: "asyncio.Task[int]") -> str:
    """Where it serves, once it says so."""
    while not (said := _text_of(ready)):
        assert not serving.done(), serving.result()
        await asyncio.sleep(0.005)
    url: str = json.loads(said)["url"]
    return url


def _text_of(file: Path) -> str:
    return file.read_text() if file.exists() else ""


async def test_it_serves_until_it_is_to_stop_and_gives_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ready, stop = tmp_path / "ready", Stop()
    serving = asyncio.ensure_future(Serving(None, HERE, ready_file=str(ready))(stop))
    url = await url_in(ready, serving)
    async with connect(url) as client:
        await client.send('{"type":"ping"}')
        assert json.loads(await client.recv())["type"] == "pong"
        stop.request(130)
        assert [message async for message in client] == []
    assert await serving == 130
    said = capsys.readouterr().err
    assert f"serves {url}; Ctrl-C ends it" in said
    assert "nothing plays, so no events will come" in said


async def test_echo_is_said_and_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ready, stop = tmp_path / "ready", Stop()
    serving = asyncio.ensure_future(Serving(None, HERE, ready_file=str(ready), echo=True)(stop))
    async with connect(await url_in(ready, serving)) as client:
        for message in ("käse", b"\x00\xff"):
            await client.send(message)
            assert await client.recv() == message
    stop.request(0)
    assert await serving == 0
    said = capsys.readouterr().err
    assert "every message is answered by itself; this is no PeerVault server" in said
    assert "add --scenario" not in said


async def test_a_scenario_is_written_out_without_a_server_and_counted(
    tmp_path: Path, short: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert await Serving(short, None, out=str(out))(Stop()) == 0
    events = [json.loads(line) for line in out.read_text().splitlines()]
    assert [event["type"] for event in events].count("peer_connected") == 2
    said = capsys.readouterr().err
    assert f"short: {len(events)} events in 1s, played in " in said
    assert f"  sha256 {hashlib.sha256(out.read_bytes()).hexdigest()} of {out}\n" in said


@pytest.mark.parametrize("protected", [False, True], ids=["open", "with TLS and a token"])
async def test_its_own_view_needs_neither_trust_nor_an_invitation(
    tmp_path: Path, short: Scenario, capfd: pytest.CaptureFixture[str], *, protected: bool
) -> None:
    configuration = HERE
    if protected:
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "c"))
        certificate.private_key_pem.write_to_path(str(tmp_path / "k"))
        only_alerts = Token("hunter2", Grant(frozenset({Topic.ALERTS})))
        configuration = Configuration(
            "127.0.0.1", 0, auth=Auth(tokens=(only_alerts,)), tls=Tls(str(tmp_path / "c"), str(tmp_path / "k"))
        )
    assert await Serving(short, configuration, show="log")(Stop()) == 0
    said = capfd.readouterr()
    assert said.out.count("peer_connected") == 2
    assert ("serves wss://" in said.err) is protected
    assert "hunter2" not in said.err + said.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"out": "/no/such/out"}, '--out: expected a file that can be written, got "/no/such/out" '),
        (
            {"save_inputs": "/no/such/inputs", "scenario": load(SHORT, "short.yaml")},
            '--save-inputs: expected a file that can be written, got "/no/such/inputs" ',
        ),
        ({"ready_file": "/no/such/ready"}, '--ready-file: expected a file that can be written, got "/no/such/ready" '),
    ],
)
async def test_files_that_can_not_be_written_are_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        await Serving(configuration=HERE, **{"scenario": None} | options)(Stop())
    assert str(caught.value) == said + "(no such file or directory)"


async def test_it_logs_on_stderr_only_when_it_is_to_be_verbose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for verbose in (True, False):
        ready, stop = tmp_path / f"ready-{verbose}", Stop()
        serving = asyncio.ensure_future(Serving(None, HERE, ready_file=str(ready), verbose=verbose)(stop))
        async with connect(await url_in(ready, serving)) as client:
            await client.send("nonsense")
            await client.recv()
        stop.request(0)
        await serving
        said = capsys.readouterr().err
        for words in ("connected from 127.0.0.1", "is answered INVALID_MESSAGE", "disconnected (1000)"):
            assert (words in said) is verbose


ASKED = """
scenario: asked
duration: 1s
network: {peers: 2}
timeline:
  - {at: 500ms, do: mark, name: halfway}
  - {when: {client: subscribes, topic: alerts}, do: emit, type: security_alert}
"""


async def test_a_world_plays_the_scenario_afresh(tmp_path: Path, short: Scenario) -> None:
    ready, stop = tmp_path / "ready", Stop()
    serving = asyncio.ensure_future(Serving(short, HERE, ready_file=str(ready), stay=True, wait_for_client=True)(stop))
    url = await url_in(ready, serving)
    for world in ("?world=a", "?world=b", ""):
        async with connect(url + world) as client:
            await client.send('{"type":"subscribe","topic":"peer_network"}')
            types = [json.loads(await client.recv())["type"] for _ in range(2)]
        assert types == ["peer_connected"] * 2
    stop.request(0)
    assert await serving == 0


async def test_what_clients_did_is_written_down_and_played_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = load(ASKED, "asked.yaml")
    first, journal, ready = tmp_path / "first", tmp_path / "journal", tmp_path / "ready"
    serving = asyncio.ensure_future(
        Serving(
            *(asked, HERE, DEFAULT_START),
            ready_file=str(ready),
            out=str(first),
            save_inputs=str(journal),
            wait_for_client=True,
        )(Stop())
    )
    async with connect(await url_in(ready, serving)) as client:
        await client.send('{"type":"subscribe","topic":"alerts"}')
        assert json.loads(await client.recv())["type"] == "security_alert"
    assert await serving == 0
    assert "mark halfway at 500ms" in capsys.readouterr().err

    deeds = tuple(read_journal(str(journal), asked, DEFAULT_START))
    assert ("subscribes", "alerts") in [(deed.did, deed.topic) for deed in deeds]
    again, ready = tmp_path / "again", tmp_path / "ready again"
    serving = asyncio.ensure_future(
        Serving(asked, HERE, DEFAULT_START, ready_file=str(ready), out=str(again), inputs=deeds, wait_for_client=True)(
            Stop()
        )
    )
    async with connect(await url_in(ready, serving)) as client:
        await client.send('{"type":"subscribe","topic":"alerts"}')
        assert json.loads(await client.recv())["type"] == "security_alert"
        assert [message async for message in client] == [], "this client's own subscription is not answered"
    assert await serving == 0
    assert again.read_bytes() == first.read_bytes()
    assert "inputs of the journal; what clients do now changes nothing" in capsys.readouterr().err


async def test_a_loop_goes_on_until_it_is_to_stop(
    tmp_path: Path, short: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    out, stop = tmp_path / "out", Stop()
    playing = asyncio.ensure_future(Serving(short, None, DEFAULT_START, loop=True, out=str(out))(stop))
    while not out.exists() or out.stat().st_size < 100_000:
        assert not playing.done()
        await asyncio.sleep(0)
    stop.request(130)
    assert await playing == 130
    events = [json.loads(line) for line in out.read_text().splitlines()]
    stamps = [event["timestamp"] for event in events]
    assert stamps == sorted(stamps)
    assert stamps[-1] > "2024-01-01T00:00:10"
    joined = [event["data"]["id"] for event in events if event["type"] == "peer_connected"]
    assert set(joined) == set(joined[:2]), "each round has the same peers"
    said = capsys.readouterr().err
    assert f"short: {len(events):,} events in " in said
    assert f"  sha256 {hashlib.sha256(out.read_bytes()).hexdigest()} of {out}\n" in said


async def test_a_paranoid_run_ends_where_the_world_contradicts_itself(
    short: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await Serving(short, None, paranoid=True)(Stop()) == 0
    monkeypatch.setattr("pvws.world.invariants.contradictions", lambda world: ["2 is 3"])
    with pytest.raises(ContradictionError, match="2 is 3") as caught:
        await Serving(short, None, paranoid=True)(Stop())
    assert caught.value.exit_code == 1
    assert await Serving(short, None)(Stop()) == 0


async def first_line(reader: int) -> None:
    """Return once something has been written to the fifo, which stays there."""
    while not select.select([reader], [], [], 0)[0]:  # noqa: ASYNC110 - a fifo is no event
        await asyncio.sleep(0.005)


async def until_full(fifo: Path) -> None:
    """Return once a fifo whose reader has stopped takes nothing more."""
    writer = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    try:
        while select.select([], [writer], [], 0)[1]:  # noqa: ASYNC110 - a fifo is no event
            await asyncio.sleep(0.005)
    finally:
        os.close(writer)


async def test_a_reader_that_stops_reading_keeps_nobody_from_leaving(
    tmp_path: Path, short: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    fifo, stop = tmp_path / "fifo", Stop()
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    playing = asyncio.ensure_future(Serving(short, None, loop=True, out=str(fifo))(stop))
    async with asyncio.timeout(20):
        await first_line(reader)
        await until_full(fifo)
    stop.request(130)
    assert await playing == 130
    os.close(reader)
    said = capsys.readouterr().err
    assert "short: " in said
    assert "sha256" not in said, "not all of it has got there"


async def test_a_reader_that_leaves_ends_it_without_a_word(
    tmp_path: Path, short: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    playing = asyncio.ensure_future(Serving(short, None, loop=True, out=str(fifo))(Stop()))
    async with asyncio.timeout(20):
        await first_line(reader)
    os.close(reader)
    assert await playing == 0
    assert "sha256" not in capsys.readouterr().err


async def test_what_a_scenario_expects_of_its_clients_is_judged_and_told_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = "expect:\n  - {client: subscribes, topics: [alerts]}\n  - {client: reconnects}\n"
    ready, stop = tmp_path / "ready", Stop()
    serving = asyncio.ensure_future(
        Serving(load(SHORT + expect, "short.yaml"), HERE, ready_file=str(ready), wait_for_client=True)(stop)
    )
    async with connect(await url_in(ready, serving)) as client:
        await client.send('{"type":"subscribe","topic":"alerts"}')
        assert [message async for message in client] == []
    assert await serving == 0
    said = capsys.readouterr().err
    assert "  expectations: 1 held, 1 not judged\n" in said
    assert "    not judged: reconnects (no client was disconnected)\n" in said
