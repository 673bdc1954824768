import asyncio

from pvws.server.settings import Configuration
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.target import Target
from pvws.testing.verdict import Outcome
from tests.testing.conftest import RightServer
from tests.testing.rulings import assert_holds, judged


async def test_every_rule_of_the_section_holds_of_a_right_server(right_server: RightServer) -> None:
    async with right_server() as target:
        await assert_holds(target, "events")


async def test_without_events_nothing_is_judged() -> None:
    async with Venue(Stage(), Configuration(host="127.0.0.1", port=0)) as venue:
        verdicts = await judged(Target(venue.url, window=0.05), ["events"])
        await asyncio.sleep(0)
    assert {verdict.outcome for verdict in verdicts.values()} == {Outcome.NOT_JUDGED}
    assert {verdict.why for verdict in verdicts.values()} == {"no event came within 0.05 s"}
