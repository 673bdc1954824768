from pvws.sim.source import ClientInput, Cue, Order, Timed
from pvws.stage.accompanied import Accompanied
from pvws.stage.nobody import nobody
from tests.support.listed import Listed
from tests.support.playing import START, rest


def test_what_is_ordered_comes_first_at_its_instant_and_numbers_go_on_through_both() -> None:
    both = Accompanied(Listed(START + 5, START + 7, Cue(START + 8, "mark", name="m"), START + 9), nobody(START))
    for at in (7, 20):
        both.order(Order(START + at, {"do": "emit", "type": "storage_alert"}))
    given = rest(both)
    assert [each.at - START for each in given] == [5, 7, 7, 8, 9, 20]
    assert [each.type for each in given if isinstance(each, Timed)] == [
        "test",
        "storage_alert",
        "test",
        "test",
        "storage_alert",
    ]
    assert [each.sequence for each in given if isinstance(each, Timed)] == [0, 1, 2, 4, 5]
    assert both.peek() is None


def test_nothing_is_given_that_is_not_due() -> None:
    both = Accompanied(Listed(START + 5), nobody(START))
    both.order(Order(START + 3, {"do": "mark", "name": "here"}))
    assert both.peek() == START + 3
    assert both.take(START + 2, 10) == []
    assert [each.at for each in both.take(START + 4, 10)] == [START + 3]


def test_both_hear_of_what_clients_do() -> None:
    main = Listed()
    both = Accompanied(main, nobody(START))
    deed = ClientInput(START + 1, 1, "connects")
    assert both.tell(deed) is None
    both.order(Order(START + 2, {"when": {"client": "connects"}, "do": "mark", "name": "hi"}, "r1"))
    assert both.tell(ClientInput(START + 3, 2, "connects")) is not None
    assert len(main.told) == 2
    assert [each.at for each in rest(both)] == [START + 3]
