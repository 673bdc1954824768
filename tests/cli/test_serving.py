import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from websockets.asyncio.client import connect

from pvws.cli.run import Stop
from pvws.cli.serving import Serving
from pvws.errors import InputError
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.server.settings import Auth, Configuration, Tls
from pvws.session.access import Grant, Token
from pvws.wire.topics import Topic

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
    assert f"short: {len(events)} events (" in capsys.readouterr().err


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
    assert await Serving(short, configuration, show=True)(Stop()) == 0
    said = capfd.readouterr()
    assert said.out.count("peer_connected") == 2
    assert ("serves wss://" in said.err) is protected
    assert "hunter2" not in said.err + said.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"out": "/no/such/out"}, '--out: expected a file that can be written, got "/no/such/out" '),
        ({"ready_file": "/no/such/ready"}, '--ready-file: expected a file that can be written, got "/no/such/ready" '),
    ],
)
async def test_files_that_can_not_be_written_are_told(options: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        await Serving(None, HERE, **options)(Stop())  # type: ignore[arg-type]
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
