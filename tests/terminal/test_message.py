from pvws.client.happenings import Received
from pvws.terminal.message import Message


def test_what_a_client_receives_is_a_message() -> None:
    message: Message = Received("no json", 1.0)
    assert (message.text, message.at, message.message) == ("no json", 1.0, None)
    assert message.trouble is not None
