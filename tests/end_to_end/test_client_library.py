"""`pvws.connect` against a server process that is killed, stopped in its tracks, and started again."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import pvws
from tests.support.command import serving

OPTIONS: pvws.Options = {"retry_first_s": 0.01, "retry_most_s": 0.05}


async def change(everything: AsyncIterator[pvws.Event | pvws.Change], kind: type[pvws.Change]) -> pvws.Change:
    """The next change of a kind; events and other changes before it are passed over."""
    async with asyncio.timeout(30):
        while True:
            item = await anext(everything)
            if isinstance(item, kind):
                return item  # type: ignore[return-value]


async def event(everything: AsyncIterator[pvws.Event | pvws.Change]) -> pvws.Event:
    """The next event."""
    async with asyncio.timeout(30):
        while True:
            if isinstance(item := await anext(everything), pvws.Event):
                return item


async def test_a_server_that_is_killed_and_started_again_is_come_back_to(tmp_path: Path) -> None:
    play = ("simulate", "quickstart", "--speed", "20", "--loop")
    with serving(tmp_path, *play) as first:
        port = first.url.rpartition(":")[2].partition("/")[0]
        async with pvws.connect(first.url, **OPTIONS) as events:
            everything = events.everything()
            assert (await event(everything)).type
            first.process.kill()
            lost = await change(everything, pvws.Disconnected)
            assert isinstance(lost, pvws.Disconnected)
            assert (lost.code, lost.cause) == (1006, "cut")
            first.process.wait()
            again = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "pvws", *play, "--port", port, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
            )
            try:
                connected = await change(everything, pvws.Connected)
                assert isinstance(connected, pvws.Connected)
                assert connected.gap is not None
                assert connected.gap.attempts == connected.attempt > 1
                assert 0 < connected.gap.for_s < 60
                assert (await event(everything)).type, "its topics were subscribed to again"
            finally:
                again.kill()
                await again.wait()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals that stop a process")
async def test_a_server_that_stands_still_is_found_out_and_come_back_to(tmp_path: Path) -> None:
    options = OPTIONS | pvws.Options(heartbeat_s=0.2, heartbeat_timeout_s=0.5)
    with serving(tmp_path, "simulate", "quickstart", "--speed", "20", "--loop") as server:
        async with pvws.connect(server.url, **options) as events:
            everything = events.everything()
            assert (await event(everything)).type
            server.process.send_signal(signal.SIGSTOP)  # its sockets stand, and nobody reads them
            lost = await change(everything, pvws.Disconnected)
            server.process.send_signal(signal.SIGCONT)
            assert isinstance(lost, pvws.Disconnected)
            assert lost.cause == "silent"
            connected = await change(everything, pvws.Connected)
            assert isinstance(connected, pvws.Connected)
            assert connected.gap is not None
            assert connected.gap.began_at < lost.at, "it began before it was noticed"
            assert (await event(everything)).type


async def test_a_server_gone_for_good_ends_with_the_patience(tmp_path: Path) -> None:
    with serving(tmp_path, "serve") as server:
        async with pvws.connect(server.url, patience_s=0.2, **OPTIONS) as events:
            server.process.kill()
            with pytest.raises(pvws.ReachError, match=r"could not be made again within 0\.2 s"):
                await anext(events)
