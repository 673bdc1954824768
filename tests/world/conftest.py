"""For the tests of the world: a stagehand."""

import pytest

from tests.world.stagehand import Stagehand


@pytest.fixture
def hand() -> Stagehand:
    """A small world without peers, in which a file should have three copies."""
    return Stagehand()
