import pytest

from pvws.bus.question import Node, NodeLedger, Question, Settled, Waiting, decoded, encoded
from pvws.errors import MessageError


@pytest.mark.parametrize(
    "said",
    [
        Node("a1", "ws://here:1/ws", 3, 17, 2),
        Question("settle", 17, 4.5, ack=True),
        Settled((Waiting(1, "c" * 32, "held", 2, 30, ("f1",)),), behind=True),
        NodeLedger(1, 2, 3, 4, {40: 2}, 1_500),
    ],
)
def test_what_is_said_comes_as_it_went(said: object) -> None:
    assert decoded(encoded(said), type(said)) == said


def test_what_is_none_is_an_error_of_ours() -> None:
    with pytest.raises(MessageError):
        decoded(b'{"what":"dance"}', Question)


def test_a_node_is_called_by_where_it_is_if_that_is_known() -> None:
    assert str(Node("a1")) == "a1"
    assert str(Node("a1", "ws://here:1/ws")) == "ws://here:1/ws"
