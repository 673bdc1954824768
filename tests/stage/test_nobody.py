from pvws.sim.source import ClientInput, Order, Timed
from pvws.stage.nobody import nobody
from tests.support.playing import START, rest


def test_nothing_happens_but_what_is_ordered() -> None:
    director = nobody(START)
    assert director.peek() is None
    director.order(Order(START + 5, {"do": "emit", "type": "storage_alert"}))
    (event,) = rest(director)
    assert isinstance(event, Timed)
    assert (event.at, event.sequence) == (START + 5, 0)


def test_what_is_known_beforehand_happens_too() -> None:
    rule = Order(START + 1, {"when": {"client": "connects"}, "do": "emit", "type": "storage_alert"}, "r1")
    director = nobody(START, [rule, ClientInput(START + 7, 1, "connects")])
    assert [each.at for each in rest(director)] == [START + 7]
