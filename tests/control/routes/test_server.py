"""What the server says of itself, and its end."""

import os

from pvws import __version__
from pvws.wire.asyncapi import asyncapi_document
from tests.support.steered import Steered


async def test_it_says_what_serves_and_where(quiet: Steered) -> None:
    said = (await quiet.call("GET", "/v1")).body
    assert (said["pvws"], said["pid"], said["profile"]) == (__version__, os.getpid(), "documented")
    assert (said["url"], said["control"]) == (quiet.venue.url, f"http://127.0.0.1:{quiet.port}")
    assert said["worlds"] == ["main"]


async def test_it_gives_the_document_of_what_clients_are_served(quiet: Steered) -> None:
    assert (await quiet.call("GET", "/v1/asyncapi.json")).body == asyncapi_document(__version__)


async def test_stopping_is_answered_and_done_once_asked(quiet: Steered) -> None:
    assert (await quiet.call("GET", "/v1/stop", documented=False)).status == 405
    assert quiet.stops == 0
    reply = await quiet.call("POST", "/v1/stop")
    assert (reply.status, reply.body, quiet.stops) == (202, {"stopping": True}, 1)
