from pvws.cli.judged import judged
from pvws.server.sightings import StreamEnded
from pvws.stage.stage import Stage
from tests.stage.test_stage import Guest
from tests.support.evidence import expectation
from tests.support.staged import listener, story, venue_of


async def test_where_nothing_is_expected_or_nobody_came_nothing_is_said() -> None:
    stage = Stage()
    with judged(stage, ()) as lines:
        pass
    assert lines == []
    with judged(stage, [expectation("connects")]) as lines:
        stage.saw(Guest(), StreamEnded())
    assert lines == []


async def test_what_did_not_hold_is_told_and_the_rest_is_counted() -> None:
    said = ("connects", "subscribes, topics: [alerts]", "answers_pings", "sends_valid_messages")
    async with venue_of(story()) as venue:
        with judged(venue.stage, [expectation(each) for each in said]) as lines:
            async with listener(venue, "alerts") as client:
                client.say("{")
                await client.read_until("INVALID_MESSAGE")
        said_of = list(lines)
    assert said_of[:2] == [
        "  expectations: 2 held, 1 failed, 1 not judged",
        "    not judged: answers_pings (no ping was sent: timeouts.ping_period says how often one is)",
    ]
    assert said_of[2] == "    failed: sends_valid_messages"
    assert said_of[3].startswith("      the client (connection 1): expected messages of the contract; found {")
