from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.scenario.inputs import input_line
from pvws.sim.source import ClientInput, Exchange, Order, Timed
from pvws.stage.loading import Files, Loading
from pvws.stage.sequel import Sequel, exchanges
from tests.support.playing import SECOND, START, director_of, rest

FIRST = "duration: 10s\nnetwork: {peers: 1}\nbehaviours: {metrics: {every: 1s, kinds: [system_metrics]}}"
OTHER = Loading(Files({"o.yaml": f"scenario: o\n{FIRST}"}, "o.yaml"), seed=4).written()


def sequel(*inputs: ClientInput | Order | Exchange) -> Sequel:
    return Sequel(lambda known: director_of(FIRST, inputs=known), inputs)


def test_without_an_exchange_it_is_what_it_began_with() -> None:
    assert not exchanges([Order(5)])
    assert rest(sequel()) == rest(director_of(FIRST))


def test_what_plays_is_exchanged_at_its_instant_and_numbers_go_on() -> None:
    at = START + 3 * SECOND
    given = rest(sequel(Exchange(at, at + 1, OTHER), Order(at + 5, {"do": "emit", "type": "storage_alert"})))
    events = [each for each in given if isinstance(each, Timed)]
    assert [each.sequence for each in events] == list(range(len(events)))
    assert max(each.at for each in events) == at + 1 + 10 * SECOND
    assert [each.at - at for each in events if each.type == "storage_alert"] == [5]


def test_behind_an_unloading_only_orders_happen() -> None:
    at = START + 3 * SECOND
    plays = sequel(Exchange(at, at + 1), Order(at + 9, {"do": "emit", "type": "storage_alert"}))
    assert [each.at - at for each in rest(plays) if each.at > at] == [9]
    assert plays.tell(ClientInput(at, 1, "connects")) is None
    assert plays.order(Order(at)) is None


def test_what_can_not_be_loaded_any_more_is_told_before_anything_plays(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a scenario's file"):
        sequel(Exchange(START + 5, START + 6, {"scenario": str(tmp_path / "gone.yaml")}))


def test_an_exchange_is_a_line_of_the_journal() -> None:
    line = input_line(Exchange(START + 5, START + 6, {"scenario": "quickstart"}), START)
    assert line == '{"t":5,"start":6,"plays":{"scenario":"quickstart"}}'
