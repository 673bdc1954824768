"""The clients under exam, before they are examined: they come, they are what they say, and they go."""

import ast
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pvws.server.settings import Auth, Configuration
from pvws.session.access import Token
from pvws.stage.journal import Wanted
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.wire.topics import TOPICS
from tests.exam.subjects import CLIENTS, CONNECTED, REFERENCE, flawed, flaws
from tests.support.staged import HERE

TOKEN = "let-me-in"


@asynccontextmanager
async def running(command: tuple[str, ...], url: str, token: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    """A client of a server; it is ended in any case."""
    environment = os.environ | {"PVWS_URL": url, "PVWS_TOKEN": token}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def comes_and_goes(command: tuple[str, ...], configuration: Configuration = HERE) -> int:
    """The exit code of a client that subscribes to all there is, is disconnected, does it again, and is to go."""
    stage = Stage()
    journal = stage.controller.journal
    async with Venue(stage, configuration) as venue, running(command, venue.url, TOKEN) as process:
        first = await journal.wait(Wanted(did="subscribes"), count=len(TOPICS), timeout=30)
        assert {entry.topic for entry in first} == set(TOPICS)
        stage.controller.disconnect(code=1012)
        again = await journal.wait(Wanted(did="subscribes"), count=len(TOPICS), timeout=30, after=first[-1].number)
        assert {entry.topic for entry in again} == set(TOPICS)
        assert not [entry for entry in journal.entries() if not entry.valid]
        process.terminate()
        (left,) = await journal.wait(Wanted(did="disconnects"), count=1, timeout=30, after=again[-1].number)
        assert left.code == 1000
        return await process.wait()


async def test_the_good_client_comes_with_its_token_and_comes_back_and_goes() -> None:
    guarded = Configuration("127.0.0.1", 0, auth=Auth(tokens=(Token(TOKEN),)))
    assert await comes_and_goes(REFERENCE, guarded) == 0


async def test_so_does_one_that_is_written_with_pvws_connect() -> None:
    assert await comes_and_goes(CONNECTED) == 0


async def test_a_flawed_one_is_the_good_one_but_for_its_flaw() -> None:
    stage = Stage()
    async with Venue(stage, HERE) as venue, running(flawed("no-reconnect"), venue.url) as process:
        await stage.controller.journal.wait(Wanted(did="subscribes"), count=len(TOPICS), timeout=30)
        stage.controller.disconnect(code=1012)
        assert await process.wait() == 1
    assert await comes_and_goes(flawed("no-growth")) == 0


def test_every_flaw_has_a_name_of_its_own_and_says_what_it_is() -> None:
    assert len(flaws()) == len(set(flaws())) > 60
    for path in (CLIENTS / "flaws").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"
