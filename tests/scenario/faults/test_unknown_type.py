from collections.abc import Callable

from tests.scenario.faults.conftest import Passage

EVENT = '{"type":"storage_alert","topic":"alerts","data":{"type":"inner","value":7.50}}'


def test_the_type_alone_is_another(passage: Callable[..., Passage]) -> None:
    story = passage("unknown_type: 100%")
    story.take(0, EVENT)
    assert story.texts == [EVENT.replace("storage_alert", "not_yet_invented")]
    assert story.counts == {"renamed": 1}


def test_it_may_be_any_and_what_has_none_stays_as_it_is(passage: Callable[..., Passage]) -> None:
    story = passage("unknown_type: {share: 100%, type: 'a \"new\" one'}")
    story.take(0, EVENT)
    story.take(1, '{"topic":"alerts"}')
    story.take(2, "no json")
    assert story.texts[0] == EVENT.replace("storage_alert", r"a \"new\" one")
    assert story.texts[1:] == ['{"topic":"alerts"}', "no json"]
    assert story.counts == {"renamed": 1}
