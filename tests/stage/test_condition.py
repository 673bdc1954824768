import pytest

from pvws.errors import InputError
from pvws.sim.source import Cue, Timed
from pvws.stage.condition import until

EVENT = Timed(0, 0, "alerts", "storage_alert", b'{"type":"storage_alert","topic":"alerts","data":{"value":91}}')
BROKEN = Timed(0, 0, "alerts", "broken", b'{"type":')


def test_an_expression_sees_the_message_as_a_client_does() -> None:
    met, name = until("type == 'storage_alert' and data.value > 90", None)
    assert name == "\"type == 'storage_alert' and data.value > 90\""
    assert met(EVENT)
    assert not until("data.value > 91", None)[0](EVENT)


def test_of_a_message_that_cannot_be_read_type_and_topic_are_known() -> None:
    assert until("type == 'broken' and topic == 'alerts'", None)[0](BROKEN)
    assert not until("has(data)", None)[0](BROKEN)
    assert until("type == 'list'", None)[0](Timed(0, 0, "alerts", "list", b"[1]"))


def test_a_function_gets_the_event_and_a_mark_has_a_name() -> None:
    def is_large(event: Timed) -> int:
        return len(event.text)

    met, name = until(is_large, None)
    assert (met(EVENT), name) == (True, "is_large")
    met, name = until(None, "storm")
    assert (met(Cue(0, "mark", name="storm")), met(Cue(0, "mark", name="calm")), met(EVENT)) == (True, False, False)
    assert name == 'mark "storm"'
    assert not until("true", None)[0](Cue(0, "mark", name="storm")), "a cue is no event"


def test_a_wrong_expression_is_told() -> None:
    with pytest.raises(InputError):
        until("type =", None)
