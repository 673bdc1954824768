from pvws.errors import PvwsError
from pvws.sim.source import Order
from pvws.stage.steering import Obeyed, Plays, RefusedError


def test_what_is_not_said_is_the_usual() -> None:
    assert Plays(5) == Plays(start=5, end=None, speed=1.0, remake=None, what=None)
    assert Obeyed(Order(3)).given == ()


def test_a_refusal_is_an_error_of_ours() -> None:
    assert issubclass(RefusedError, PvwsError)
