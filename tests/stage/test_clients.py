import pytest

from pvws.histogram import Spread
from pvws.stage.clients import ClientState, NoSuchClientError, find
from pvws.stage.stage import Stage
from tests.support.staged import listener, venue_of

NOTHING = Spread(0, 0, 0, 0)


def client(number: int, id: str, name: str = "") -> ClientState:  # noqa: A002
    return ClientState(id, number, name, "::1", (), 0, 0, 0, 0, 0, 0, 0, 0, 0, NOTHING)


HERE = [client(1, "ab01"), client(2, "ab02", "app"), client(12, "12cd", "app"), client(3, "ef00", "1")]


@pytest.mark.parametrize(("which", "number"), [("ab01", 1), (2, 2), ("2", 2), ("12", 12), ("1", 3), ("ef", 3)])
def test_an_id_goes_before_a_name_and_that_before_a_number_and_the_beginning_of_an_id(which: str, number: int) -> None:
    assert find(HERE, which).number == number


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("app", '"app" may be any of these clients: 2 app (ab02), 12 app (12cd)'),
        ("ab", '"ab" may be any of these clients: 1 (ab01), 2 app (ab02)'),
        ("", 'no client is called ""; here are: 1 (ab01), 2 app (ab02), 12 app (12cd), 3 1 (ef00)'),
    ],
)
def test_whoever_is_not_one_is_told_who_is_there(which: str, said: str) -> None:
    with pytest.raises(NoSuchClientError) as caught:
        find(HERE, which)
    assert str(caught.value) == said


def test_of_many_only_some_are_named() -> None:
    with pytest.raises(NoSuchClientError, match=r"20 \(20\) and 5 more"):
        find([client(number, str(number)) for number in range(1, 26)], "nobody")
    with pytest.raises(NoSuchClientError, match="here are: none"):
        find([], 1)


async def test_a_client_that_gets_what_it_is_sent_does_not_lag() -> None:
    stage = Stage()
    async with venue_of(stage) as venue, listener(venue, "alerts", path="/ws?client=app") as client:
        stage.controller.emit("storage_alert")
        await client.read_until("storage_alert")
        state = stage.controller.client("app")
        assert (state.name, state.address, state.topics) == ("app", "127.0.0.1", ("alerts",))
        assert (state.sent, state.backlog, state.lag, state.lost, state.errors) == (1, 0, 0, 0, 0)
        assert state.connected_real <= stage.real()
