from collections.abc import Iterator

import pytest

from tests.support.nats_server import NatsServer, nats_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A NATS server for the tests of a file, each in a world of its own."""
    with nats_server(tmp_path_factory.mktemp("nats")) as started:
        yield started
