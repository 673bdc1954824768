from pvws.testing.fixture.afflicting import ServerFault as ServerFault
from pvws.testing.fixture.afflicting import ServerFaults as ServerFaults
from pvws.testing.fixture.aio import AsyncPvwsServer as AsyncPvwsServer
from pvws.testing.fixture.clock import ServerClock as ServerClock
from pvws.testing.fixture.conduct import ClientError as ClientError
from pvws.testing.fixture.expecting import ServerExpectation as ServerExpectation
from pvws.testing.fixture.factory import PvwsFactory as PvwsFactory
from pvws.testing.fixture.server import PvwsServer as PvwsServer
