import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK

from pvws.errors import ReachError
from pvws.server.settings import Configuration
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue


async def test_a_venue_serves_while_it_is_entered_and_says_goodbye() -> None:
    async with Venue(Stage(), Configuration("127.0.0.1", 0)) as venue:
        client = await connect(venue.url)
        await client.send('{"type":"ping"}')
        assert '"pong"' in str(await client.recv())
        port = venue.url.split(":")[2].split("/")[0]
        with pytest.raises(ReachError):
            async with Venue(Stage(), Configuration("127.0.0.1", int(port))):
                pytest.fail("the port is taken")
        # The answer to the close frame comes from the library while the server waits for it.
    with pytest.raises(ConnectionClosedOK) as closed:
        await client.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
