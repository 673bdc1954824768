from collections.abc import Iterator

import pytest

from tests.support.ctl import Ctl, ctl_of
from tests.support.steered_beside import Beside, steered_beside


@pytest.fixture(scope="module")
def beside() -> Iterator[Beside]:
    """A test-bed in another thread, on which the story is held; shared by the tests of a module."""
    with steered_beside() as found:
        yield found


@pytest.fixture
def ctl(beside: Beside, capfd: pytest.CaptureFixture[str]) -> Ctl:
    """`pvws ctl` of it."""
    return ctl_of(capfd, beside.url)
