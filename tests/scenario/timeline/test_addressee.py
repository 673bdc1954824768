import pytest

from pvws.errors import InputError
from pvws.scenario.timeline.addressee import addressed
from pvws.sim.source import ClientInput, Letter
from tests.scenario.test_observations import asked, played
from tests.support.playing import START, director_of, rest
from tests.support.small_run import SmallRun, read_step


def test_a_client_is_meant_by_number_by_name_or_as_the_one_that_was_heard() -> None:
    observations = asked(played(0))
    assert addressed(3, observations, "client") == (3, "")
    assert addressed("app", observations, "client") == (None, "app")
    observations.deed = ClientInput(0, 7, "connects")
    assert addressed("sender", observations, "client") == (7, "")


def test_nobody_is_the_sender_of_a_step_that_has_none() -> None:
    with pytest.raises(InputError, match="client: expected a client that the step is taken because of"):
        addressed("sender", asked(played(0)), "client")


def test_one_client_gets_an_event_and_another_is_told_to_go() -> None:
    run = SmallRun(1).script(
        "{at: 1s, do: emit, type: storage_alert, client: app}", "{at: 2s, do: disconnect, client: 3, code: 4000}"
    )
    letter, goodbye = (each.payload for each in run.told(3, "Letter", "Cue"))
    assert (letter.whom, letter.type, letter.topic) == ("app", "storage_alert", "alerts")
    assert (goodbye.client, goodbye.code) == (3, 4000)


def test_everybody_gets_what_goes_to_all() -> None:
    director = director_of("duration: 1s\nnetwork: {peers: 0}\ntimeline: [{at: 0, do: emit, raw: hi, to_all: on}]")
    assert [each for each in rest(director) if isinstance(each, Letter)] == [
        Letter(START, "send", text=b"hi", to_all=True)
    ]


def test_a_client_is_no_mapping() -> None:
    (complaint,) = read_step("{at: 0, do: disconnect, client: {a: 1}}")[1]
    assert "timeline[0].client: expected" in complaint
