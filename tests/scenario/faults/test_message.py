from pvws.scenario.faults.message import Message


def test_a_message_is_an_event_of_one_frame_unless_it_says_otherwise() -> None:
    message = Message(b"x", topics=("alerts",), type="storage_alert", events=1)
    assert message.kind == "event"
    assert not (message.verbatim or message.binary or message.illegal)
    assert message.fragments is message.frame_size is None
