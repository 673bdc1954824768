from pvws.server.settings import Configuration
from pvws.sim.source import ClientInput
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from tests.stage.test_stage import Listening
from tests.support.staged import START, listener, story, venue_of

HERE = Configuration("127.0.0.1", 0)


async def test_everything_that_happens_on_a_stage_is_heard_in_order() -> None:
    listening = Listening()
    stage = story(observers=[listening, Observer()])
    async with venue_of(stage) as venue:
        await stage.clock.advance("10s")
        async with listener(venue, "alerts") as client:
            client.send(client.frame(2, b"\x00\xff"))  # type: ignore[arg-type]
            await client.read_until("INVALID_MESSAGE")
            (client_id,) = stage.clients()
        await stage.clock.advance("1s")
        await stage.clock.seek(START)
    now = START + 10_000_000
    assert listening.others[:4] == [
        ("connected", 1, client_id, now),
        ("heard", 1, '{"type":"subscribe","topic":"alerts"}', now),
        ("heard", 1, '{"type":"ping"}', now),
        ("heard", 1, b"\x00\xff", now),
    ]
    assert ("sought", START) in listening.others
    assert [cue.name for cue in listening.cues] == ["ten"]
    assert [event.sequence for event in listening.events] == list(range(len(listening.events)))
    assert ("subscribes", "alerts") in [(deed.did, deed.topic) for deed in listening.deeds]


async def test_who_does_not_want_to_hear_any_more_hears_nothing() -> None:
    listening = Listening()
    stage = story()
    stop = stage.observe(listening)
    await stage.clock.advance("1s")
    heard = len(listening.events)
    assert heard > 0
    stop()
    await stage.clock.advance("1s")
    assert len(listening.events) == heard


async def test_a_quiet_stage_is_observed_as_well() -> None:
    listening = Listening()
    stage = Stage(observers=[listening])
    async with venue_of(stage, HERE) as venue, listener(venue):
        assert [other[0] for other in listening.others] == ["connected", "heard"]
    assert listening.deeds == list[ClientInput]()
