"""`--reload`: a scenario whose file changes plays anew, also on new worlds; what is wrong with it is printed."""

import asyncio
import json
from pathlib import Path

import pytest

from pvws.cli.reloading import Current, reloaded
from pvws.cli.run import Stop
from pvws.cli.serving import Serving
from pvws.server.settings import Configuration, Control
from pvws.stage import reloading
from pvws.stage.loading import Loading
from tests.cli.test_serving import log  # noqa: F401
from tests.support.raw_client import RawClient

SCRIPT = "scenario: mine\nduration: 60s\nnetwork: {peers: 2}\n"
HERE = Configuration("127.0.0.1", 0, control=Control(host="127.0.0.1", port=0))


async def state(control: str, world: str = "main") -> dict[str, object]:
    """What the control plane says of a world."""
    host, port = control.removeprefix("http://").split(":")
    async with RawClient(host, int(port)) as client:
        _, _, body = await client.request(f"GET /v1/state?world={world} HTTP/1.1\nHost: localhost")
        found: dict[str, object] = json.loads(body)
        return found


async def make(control: str, world: str) -> None:
    host, port = control.removeprefix("http://").split(":")
    async with RawClient(host, int(port)) as client:
        status, _, body = await client.request(f"PUT /v1/worlds/{world} HTTP/1.1\nHost: localhost\nContent-Length: 0")
        assert status == 201, body


async def test_a_server_plays_what_its_file_says_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reloading, "PERIOD_S", 0.005)
    script, ready, stop, said = tmp_path / "mine.yaml", tmp_path / "ready", Stop(), ""
    write(script, SCRIPT)
    loading = Loading(str(script))
    scenario = loading.read()
    assert scenario.start is not None
    serving = asyncio.ensure_future(
        Serving(scenario, HERE, start=scenario.start, stay=True, ready_file=str(ready), loading=loading, reload=True)(
            stop
        )
    )

    async def until(text: str) -> None:
        nonlocal said
        while text not in said:
            assert not serving.done(), serving.result()
            await asyncio.sleep(0.002)
            said += capsys.readouterr().err

    await until("steer it at")
    control = json.loads(read(ready))["control"]
    write(script, SCRIPT.replace("60s", "soon"))
    await until("the old one goes on:")
    assert f"{script}:2:11: duration: expected a duration" in said
    assert (await state(control))["scenario"] is not None
    write(script, SCRIPT.replace("mine", "other"))
    await until("other has changed and plays from its beginning")
    for world in ("main", "new"):
        if world == "new":
            await make(control, world)
        playing = (await state(control, world))["scenario"]
        assert isinstance(playing, dict)
        assert playing["name"] == "other"
    stop.request(0)
    assert await serving == 0


async def test_without_a_way_to_read_it_again_nothing_is_watched() -> None:
    before = asyncio.all_tasks()
    async with reloaded(None, Current(None), lambda: ()):
        assert asyncio.all_tasks() == before


def write(path: Path, text: str) -> None:
    path.write_text(text)


def read(path: Path) -> str:
    return path.read_text()
