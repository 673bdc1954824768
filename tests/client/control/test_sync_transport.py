"""What both transports do is in test_transport; here is what only plain sockets have to be told."""

import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme

from pvws.client.control.address import place_of
from pvws.client.control.exchange import Request
from pvws.client.control.sync_transport import SyncTransport
from pvws.errors import ReachError
from tests.support.canned import answer, canned

GET = Request(method="GET", path="/v1")


def test_threads_may_ask_at_the_same_time() -> None:
    all_there = threading.Barrier(4, timeout=10)

    def respond(request: str) -> bytes:
        all_there.wait()
        return answer(f'"{request.split()[1]}"')

    with canned(respond) as server, ThreadPoolExecutor(4) as pool:
        transport = SyncTransport(place_of(server.url), None, 5, None)
        paths = [f"/v1/faults/f{number}" for number in range(4)]
        asked = [pool.submit(transport.ask, Request(method="GET", path=path)) for path in paths]
        assert [each.result().body.decode() for each in asked] == [f'"{path}"' for path in paths]
        transport.close()


def test_what_speaks_no_tls_is_said() -> None:
    context = ssl.create_default_context()
    trustme.CA().configure_trust(context)
    with canned(lambda request: answer("{}")) as server:
        transport = SyncTransport(place_of(server.url.replace("http:", "https:")), None, 0.2, context)
        with pytest.raises(ReachError, match=r"no TLS connection|no answer"):
            transport.ask(GET)
