import pytest

from pvws.notation.document import parse
from pvws.scenario.questions import peers_asked_about


@pytest.mark.parametrize(
    ("step", "asked"),
    [
        ("{when: peer.a.usage > 1, if: peer.b.usage > 1}", [("s.if", "b", 35)]),
        ("{to: 'x ${peer.b.id} ${peer.c.id}'}", [("s.to", "b", 16), ("s.to", "c", 29)]),
        ("{to: ['${peer.b.id}'], at: {of: '${peer.random.id}'}}", [("s.to[0]", "b", 15)]),
        ("{to: \"${peer['a.b'].id}\"}", []),
        ("{when: {client: connects}, to: 3, at: peer.b.id}", []),
        ("{when: peers > 1 and has(peer)}", []),
    ],
)
def test_peers_that_nobody_knows_are_found_where_they_are_named(step: str, asked: list[object]) -> None:
    found = peers_asked_about(parse(step, "f.yaml"), "s", ["a", "a.b"])
    assert [(path, name, node.column) for node, path, name in found] == asked
