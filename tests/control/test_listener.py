"""Where the control plane listens, what is refused, and what is loaded when."""

import asyncio
import socket
import subprocess
import sys
from contextlib import suppress

import pytest

from pvws.control.listener import ControlListener, control_sockets
from pvws.control.plane import Plane
from pvws.errors import InputError, ReachError
from pvws.server.settings import Control
from tests.support.raw_client import RawClient
from tests.support.steered import HERE_TOO, Steered, steered


def never() -> Plane:
    raise AssertionError("nobody has connected")


def taken() -> socket.socket:
    """A port that somebody listens on."""
    return socket.create_server(("127.0.0.1", 0))


async def test_nothing_is_made_until_somebody_connects() -> None:
    async with ControlListener(HERE_TOO, 0, never) as listening:
        assert listening.url.startswith("http://127.0.0.1:")


async def test_who_connects_early_is_served(quiet: Steered) -> None:
    # Many at once, before anything is loaded: the kernel holds them.
    replies = await asyncio.gather(*(quiet.call("GET", "/v1") for _ in range(20)))
    assert [reply.status for reply in replies] == [200] * 20


async def test_a_port_that_was_asked_for_and_is_taken_is_told() -> None:
    with taken() as other:
        port = other.getsockname()[1]
        with pytest.raises(ReachError, match="for the control plane: the port is in use") as error:
            await control_sockets(Control(host="127.0.0.1", port=port), 0)
        assert error.value.advice == "Choose another one with --control, or --control 0 for any that is free."


async def test_without_one_asked_for_another_free_one_is_taken() -> None:
    with taken() as other:
        port = other.getsockname()[1]
        (found,) = await control_sockets(Control(host="127.0.0.1"), port)
        with found:
            assert found.getsockname()[1] not in (0, port)


async def test_beyond_this_machine_it_needs_a_token() -> None:
    with pytest.raises(InputError, match="expected a token beside an address that other machines reach") as error:
        async with ControlListener(Control(host="0.0.0.0", port=0), 0, never):
            pass
    assert error.value.exit_code == 2
    assert "--control-token" in str(error.value)
    async with ControlListener(Control(host="0.0.0.0", port=0, token="t"), 0, never) as listening:
        assert listening.url.startswith("http://0.0.0.0:")


async def test_it_listens_on_every_address_of_a_name() -> None:
    async with steered(control=Control(host="localhost", port=0)) as server:
        assert server.plane.url == f"http://localhost:{server.port}" or not server.plane.url
        assert (await server.call("GET", "/v1")).body["control"] == f"http://localhost:{server.port}"


async def test_leaving_ends_what_goes_on_at_once() -> None:
    async with steered() as server:
        client = RawClient("127.0.0.1", server.port)
        await client.__aenter__()
        await client.request("GET /v1 HTTP/1.1\nHost: localhost")
        client.send(b"POST /v1/clock/hold HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
    assert await client.read_to_end() == b""
    await client.__aexit__(None, None, None)


async def test_leaving_before_anybody_was_served_is_clean() -> None:
    async with steered() as server:
        client = RawClient("127.0.0.1", server.port)
        await client.__aenter__()
        await asyncio.sleep(0)
    await client.__aexit__(None, None, None)


async def test_a_mistake_at_the_start_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Plane:
        raise ZeroDivisionError("it was made wrongly")

    async with (
        ControlListener(HERE_TOO, 0, broken) as listening,
        RawClient("127.0.0.1", int(listening.url.rpartition(":")[2])) as client,
    ):
        with suppress(ConnectionResetError):
            assert await client.read_to_end() == b""
    assert "the control plane could not be started, by a mistake of pvws" in caplog.text


def test_a_server_that_nobody_steers_loads_neither_starlette_nor_uvicorn() -> None:
    # In a process of its own: here everything is loaded.
    code = """
import asyncio, sys
from pvws.cli.run import Stop
from pvws.cli.serving import Serving
from pvws.server.settings import Configuration, Control
async def main(control):
    stop = Stop()
    asyncio.get_running_loop().call_later(0.02, stop.request, 0)
    assert await Serving(None, Configuration("127.0.0.1", 0, control=control))(stop) == 0
def loaded():
    ours = {name for name in sys.modules if "pvws.control" in name}
    return ours | ({name.split(".")[0] for name in sys.modules} & {"starlette", "uvicorn", "anyio"})
asyncio.run(main(Control(enabled=False)))
assert not loaded(), loaded()
asyncio.run(main(Control()))
assert not loaded() & {"starlette", "uvicorn", "anyio"}, loaded()
assert "pvws.control.listener" in loaded(), "the canary"
assert loaded() == {"pvws.control", "pvws.control.listener"}, loaded()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("steer it at http://localhost:") == 1
