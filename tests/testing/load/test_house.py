"""Our own server as a process: what it says, and when."""

import zlib
from contextlib import ExitStack, closing

from pvws.testing.load.crowd import Crowd
from pvws.testing.load.house import TOPIC, Plan, house_command
from pvws.testing.load.metronome import Metronome
from pvws.testing.load.process import server_process
from pvws.testing.load.reckoning import Reckoning
from pvws.testing.target import Target


def test_it_says_where_it_is_what_it_has_sent_and_what_that_took() -> None:
    texts = [event.text for event in Metronome(TOPIC, None, events=50).take(None, 50)]  # type: ignore[union-attr]
    with ExitStack() as stack, server_process(house_command(Plan(30.0, events=50, at_once=7))) as server:
        crowd = stack.enter_context(closing(Crowd(Target(server.hear()["url"]), 2)))
        crowd.open()
        crowd.subscribe([TOPIC], quiet=True)
        server.tell()
        crowd.listen(server.has_said)
        assert server.hear() == {"events": 50, "checksum": zlib.crc32(b"".join(texts))}
        crowd.catch_up(50)
        server.tell()
        assert 0 < server.hear()["cpu"] < 30
        assert crowd.finish(complete=True) == Reckoning(reach=2)
        assert crowd.leader.messages == [hash(text) for text in texts]
