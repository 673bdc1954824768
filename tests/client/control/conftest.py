from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from pvws.client.control.control import Control
from tests.support.staged import story
from tests.support.steered import Steered, steered
from tests.support.steered_beside import Beside, steered_beside


@pytest_asyncio.fixture
async def test_bed() -> AsyncIterator[Steered]:
    """A server on which the story is held at its start."""
    async with steered(story()) as found:
        yield found


@pytest_asyncio.fixture
async def control(test_bed: Steered) -> AsyncIterator[Control]:
    """Steers it."""
    async with Control(test_bed.listening.url) as found:
        yield found


@pytest.fixture(scope="module")
def beside() -> Iterator[Beside]:
    """The same in another thread, for code without an event loop; shared by the tests of a module."""
    with steered_beside() as found:
        yield found
