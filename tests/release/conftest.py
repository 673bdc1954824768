"""One build and one venv for all tests of what is released."""

import pytest

from tests.release.distribution import Built, Installed, build, install


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist and the wheel."""
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a venv, on a path as people have them."""
    return install(built, tmp_path_factory.mktemp("a fresh vënv"))
