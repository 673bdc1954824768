from pvws.session.echo import Echo
from pvws.session.session import Close, Moment, Reply, Rules
from pvws.timestamp import Timestamp

NOW = Moment(Timestamp(0), 0.0, 0)


def test_every_message_is_answered_by_itself() -> None:
    echo = Echo("0" * 32, Rules())
    assert echo.begin("token", NOW) == []
    assert echo.receive("käse", NOW) == [Reply("käse".encode())]
    assert echo.receive(b"\x00\xff", NOW) == [Reply(b"\x00\xff", binary=True)]
    assert echo.wake(NOW) == []


def test_the_rate_limit_holds_here_too() -> None:
    echo = Echo("0" * 32, Rules(messages_per_second=2))
    assert [len(echo.receive("x", NOW)) for _ in range(4)] == [1, 1, 0, 0]


def test_faults_of_a_session_act_here_too() -> None:
    echo = Echo("0" * 32, Rules(messages_per_second=None))
    echo.pardon()
    echo.penalise(NOW, 30.0)
    assert echo.receive("x", NOW) == []
    echo.pardon()
    assert echo.receive("x", NOW) == [Reply(b"x")]
    assert echo.revoke(NOW) == [Close(1008, "authentication failed")]
