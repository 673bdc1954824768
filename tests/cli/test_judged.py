from pvws.bus.deeds import Deed, Deeds
from pvws.cli.judged import judged
from pvws.server.sightings import StreamEnded
from pvws.stage.guests import Guests
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


async def test_clients_of_nodes_are_counted_as_not_judged_instead_of_missed() -> None:
    stage = Stage()
    stage.guests = guests = Guests(stage)
    with judged(stage, [expectation("connects")]) as lines:
        guests.hear(Deeds("n1", 1, (Deed("anew"), Deed("connects", 1, client_id="c"), Deed("all"))))
    assert lines == ["  expectations: 1 client of another server was not judged, as only those of this one are"]
    async with venue_of(story()) as venue:
        venue.stage.guests = guests = Guests(venue.stage)
        with judged(venue.stage, [expectation("connects")]) as lines:
            connected = (Deed("connects", number, client_id=str(number)) for number in (1, 2))
            guests.hear(Deeds("n1", 1, (Deed("anew"), *connected, Deed("all"))))
            async with listener(venue, "alerts"):
                pass
        assert [line.strip() for line in lines] == [
            "expectations: 2 clients of other servers were not judged, as only those of this one are",
            "expectations: 1 held",
        ]


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
