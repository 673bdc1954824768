"""What is kept of a run so that it can be made afresh, and when it no longer can."""

from collections.abc import Sequence

import pytest

from pvws.sim.source import ClientInput, Input, Order
from pvws.stage import inputs as inputs_module
from pvws.stage.advance import CantGoBackError
from pvws.stage.inputs import Inputs
from pvws.stage.silence import Silence


class Made:
    """What makes a run afresh: it remembers with which inputs."""

    def __init__(self) -> None:
        self.known: Sequence[Input] = ()

    def __call__(self, inputs: Sequence[Input]) -> Silence:
        self.known = inputs
        return Silence()


def deed(at: int, message: str = "") -> ClientInput:
    return ClientInput(at, 1, "sends", message=message)


def test_a_run_is_made_afresh_with_what_was_done_by_an_instant() -> None:
    made = Made()
    inputs = Inputs(made)
    given: list[Input] = [deed(1), Order(2, {"do": "mark"}), deed(2), deed(3)]
    for each in given:
        inputs.keep(each)
    inputs.remade(2)
    assert list(made.known) == given[:3]
    assert list(inputs.all()) == given


def test_what_is_behind_an_instant_is_forgotten_when_time_is_set_back() -> None:
    inputs = Inputs(Made())
    inputs.keep(deed(1))
    inputs.keep(deed(2))
    inputs.forget_after(1)
    assert list(inputs.all()) == [deed(1)]


def test_a_run_that_cannot_be_made_afresh_keeps_nothing() -> None:
    inputs = Inputs()
    inputs.keep(deed(1))
    assert inputs.all() == ()
    with pytest.raises(CantGoBackError, match="can't be made afresh"):
        inputs.remade(1)


def test_past_the_bound_of_things_there_is_no_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs_module, "INPUTS_KEPT_MAX", 2)
    inputs = Inputs(Made())
    inputs.keep(deed(1))
    inputs.keep(deed(2))
    inputs.remade(2)
    inputs.keep(deed(3))
    with pytest.raises(CantGoBackError, match=r"did more than is remembered \(2 things, .* of messages\)"):
        inputs.remade(1)


def test_past_the_bound_of_their_messages_there_is_no_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs_module, "INPUTS_BYTES_MAX", 10)
    inputs = Inputs(Made())
    inputs.keep(deed(1, "five."))
    inputs.keep(deed(2, "sixsix"))
    with pytest.raises(CantGoBackError):
        inputs.remade(1)


def test_what_was_forgotten_does_not_count_however_often_time_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs_module, "INPUTS_BYTES_MAX", 10)
    inputs = Inputs(Made())
    for _ in range(5):
        inputs.keep(deed(2, "five."))
        inputs.forget_after(1)
    inputs.keep(deed(1, "five."))
    inputs.remade(1)
    assert list(inputs.all()) == [deed(1, "five.")]


def test_steps_of_controllers_count_as_messages_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs_module, "INPUTS_BYTES_MAX", 40)
    made = Made()
    inputs = Inputs(made)
    orders = [Order(1, {"do": "mark", "name": "a"}, behind=True), Order(2, None, "r1")]
    for each in orders:
        inputs.keep(each)
    assert list(inputs.all()) == orders
    inputs.remade(2)
    assert list(made.known) == orders
    inputs.keep(Order(3, {"do": "mark", "name": "b"}))
    with pytest.raises(CantGoBackError):
        inputs.remade(3)
