"""What the command line says of the control plane, and the control plane of a command's server."""

import asyncio
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from pvws.cli.configured import configured
from pvws.cli.controlled import CONTROL_TOKEN_VARIABLE, control_keys, controlled
from pvws.cli.run import Stop
from pvws.cli.serving import Serving
from pvws.errors import InputError
from pvws.server.settings import Configuration, Control
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("off", {"enabled": False}),
        ("9000", {"enabled": True, "port": 9000}),
        ("0", {"enabled": True, "port": 0}),
        ("0.0.0.0:8084", {"enabled": True, "host": "0.0.0.0", "port": 8084}),
        ("[::]:8084", {"enabled": True, "host": "::", "port": 8084}),
        ("pvws:1", {"enabled": True, "host": "pvws", "port": 1}),
    ],
)
def test_the_option_is_off_a_port_or_an_address(text: str, keys: dict[str, Any]) -> None:
    assert control_keys(text) == keys


@pytest.mark.parametrize("text", ["", "on", "65536", "-1", ":8084", "host:", "host:x", "8084/", "²"])
def test_what_it_is_not_is_told(text: str) -> None:
    with pytest.raises(InputError, match="--control: expected off, a port up to 65535"):
        control_keys(text)


def test_flags_and_variables_say_where_it_is_and_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured(control="off").control == Control(enabled=False)
    assert configured(control="0.0.0.0:1", control_token="t").control == Control(host="0.0.0.0", port=1, token="t")
    (tmp_path / "token").write_text("# the token\nhunter2\n")
    assert configured(control_token=f"@{tmp_path / 'token'}").control.token == "hunter2"
    monkeypatch.setenv(CONTROL_TOKEN_VARIABLE, "from-the-environment")
    assert configured().control.token == "from-the-environment"
    assert configured(control_token="from-the-flag").control.token == "from-the-flag"
    monkeypatch.setenv(CONTROL_TOKEN_VARIABLE, "two words")
    with pytest.raises(InputError, match=f"^{CONTROL_TOKEN_VARIABLE}: "):
        configured()


@pytest.mark.parametrize("content", ["", "one\ntwo\n"])
def test_a_file_that_has_not_one_token_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content)
    with pytest.raises(InputError, match="a file with one token in it"):
        configured(control_token=f"@{tmp_path / 'token'}")


async def test_it_is_beside_the_websocket_and_off_where_it_was_switched_off() -> None:
    configuration = Configuration("127.0.0.1", 0, control=Control(enabled=False))
    async with Venue(Stage(), configuration) as venue, controlled(venue, configuration, lambda: None) as url:
        assert url is None
    async with Venue(Stage(), configuration) as venue:
        given = Configuration("127.0.0.1", venue.port, control=Control(host="127.0.0.1"))
        async with controlled(venue, given, lambda: None) as url:
            assert url is not None
            port = int(url.rpartition(":")[2])
            assert port == venue.port + 1 or port  # that one may be somebody else's


async def test_a_server_is_ended_by_a_call_as_by_a_signal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ready, stop = tmp_path / "ready", Stop()
    configuration = Configuration("127.0.0.1", 0, control=Control(host="127.0.0.1"))
    serving = asyncio.ensure_future(Serving(None, configuration, ready_file=str(ready))(stop))
    while not ready.exists():
        assert not serving.done(), serving.result()
        await asyncio.sleep(0.002)
    url = json.loads(ready.read_text())["control"]
    request = urllib.request.Request(f"{url}/v1/stop", method="POST")
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=10).read())
    assert json.loads(answer) == {"stopping": True}
    assert await serving == 0
    assert f"steer it at {url}, in a browser or with pvws ctl" in capsys.readouterr().err
