from pvws.sim.source import ClientInput
from pvws.stage.silence import Silence


def test_nothing_ever_is_due_whatever_clients_do() -> None:
    silence = Silence()
    assert silence.tell(ClientInput(1, 1, "connects")) is None
    assert silence.peek() is None
    assert silence.take(None, 10) == []
