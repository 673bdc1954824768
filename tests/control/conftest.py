from collections.abc import AsyncIterator

import pytest_asyncio

from pvws.scenario.loader import load
from pvws.stage.loading import Loading
from tests.support.staged import START, STORY, story
from tests.support.steered import Steered, steered


@pytest_asyncio.fixture
async def quiet() -> AsyncIterator[Steered]:
    """A server on which nothing plays."""
    async with steered() as found:
        yield found


@pytest_asyncio.fixture
async def played() -> AsyncIterator[Steered]:
    """A server on which the story is held at its start."""
    stage = story()
    scenario = load(STORY, "story.yaml")
    stage.controller.plays(scenario, START, Loading(scenario))
    async with steered(stage) as found:
        yield found
