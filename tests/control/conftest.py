from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.staged import story
from tests.support.steered import Steered, steered


@pytest_asyncio.fixture
async def quiet() -> AsyncIterator[Steered]:
    """A server on which nothing plays."""
    async with steered() as found:
        yield found


@pytest_asyncio.fixture
async def played() -> AsyncIterator[Steered]:
    """A server on which the story is held at its start."""
    async with steered(story()) as found:
        yield found
