"""Which peers a step is about: by name, by number, by share, or all."""

from collections import Counter

import pytest

from pvws.notation.document import parse
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import Observations
from pvws.scenario.selection import Peers, Selection, filled_name, named, number_of
from pvws.sim.chance import Stream
from tests.support.small_run import SmallRun


def read(text: str) -> tuple[object, list[str]]:
    reader = Reader("f.yaml")
    selection = reader.struct(parse(text, "f.yaml"), Selection, "")
    assert (selection is INVALID) == bool(reader.problems)
    return selection, [str(problem) for problem in reader.problems]


def chosen(run: SmallRun, text: str, stream: str = "test") -> list[str]:
    selection, complaints = read(text)
    assert isinstance(selection, Selection), complaints
    chance = run.chance.stream(stream)
    return [peer.name for peer in selection.chosen(run, chance, Observations(run, run.chance.stream("observations")))]


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("{}", Selection(None, 1)),
        ("{peer: peer-3}", Selection("peer-3")),
        ("{peer: 7}", Selection("7")),
        ("{peers: 3}", Selection(peers=3)),
        ("{peers: 30%}", Selection(peers=0.3)),
        ("{peers: all}", Selection(peers=1.0)),
        ("{peers: [a, 2, '${peer.first.name}']}", Selection(peers=("a", "2", "${peer.first.name}"))),
    ],
)
def test_a_selection_is_read(text: str, selection: Selection) -> None:
    assert read(text) == (selection, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{peers: some}",
            '1:9: peers: expected a number of peers, a percentage like "30%", a list of names, or all, got "some"',
        ),
        ("{peers: 0.5}", '1:9: peers: expected a number of peers, a percentage like "30%", a list of names, or all'),
        ("{peers: on}", '1:9: peers: expected a number of peers, a percentage like "30%", a list of names, or all'),
        ("{peers: 0}", "1:9: peers: expected a whole number from 1 to 100000, got 0"),
        ("{peers: 0%}", '1:9: peers: expected a percentage above 0%, got "0%"'),
        ("{peers: 101%}", '1:9: peers: expected a percentage between "0%" and "100%", got "101%"'),
        ("{peers: []}", "1:9: peers: expected at least 1 of them, got 0"),
        ("{peers: [a, '']}", '1:13: peers[1]: expected the name of a peer, got ""'),
        ("{peer: ' '}", '1:8: peer: expected the name of a peer, got " "'),
        ("{peer: '${peer.'}", """1:9: peer: expected a "}" for this "${", got none"""),
        ("{peer: '${pear.name}'}", "1:11: peer: expected one of"),
        ("{peer: [a]}", "1:8: peer: expected a text, got a list"),
    ],
)
def test_a_wrong_selection_is_answered_with_what_would_be_right(text: str, said: str) -> None:
    (complaint,) = read(text)[1]
    assert complaint.startswith(f"f.yaml:{said}")


def test_one_of_the_two_is_enough() -> None:
    assert [mistake.keys for mistake in Selection("a", 3).mistakes({"peer", "peers"})] == [("peers",)]
    assert not list(Selection("a").mistakes({"peer"}))


def test_a_name_is_that_of_a_connected_peer_or_of_nobody() -> None:
    run = SmallRun(3).script("{at: 1s, do: leave, peer: peer-2}")
    assert chosen(run, "{peer: peer-2}") == ["peer-2"]
    run.told(2)
    assert chosen(run, "{peer: peer-2}") == []
    assert chosen(run, "{peer: nobody}") == []
    assert chosen(run, "{peers: [peer-3, peer-2, peer-1, peer-3]}") == ["peer-3", "peer-1"]


def test_a_template_names_whom_it_gives() -> None:
    run = SmallRun(4)
    assert chosen(run, "{peer: '${peer.last.name}'}") == ["peer-4"]
    assert chosen(run, "{peers: ['peer-${1 + 1}', '${peer.first.name}']}") == ["peer-2", "peer-1"]
    assert len(chosen(run, "{peer: '${peer.random.name}'}")) == 1


def test_a_template_without_a_name_names_nobody() -> None:
    for peers in (0, 2):
        run = SmallRun(peers)
        for name in ("${peer.nobody.name}", "${n}", "${peer.first.capabilities}", "${1 / 0}"):
            assert chosen(run, f"{{peer: '{name}'}}") == []
    assert filled_name("plain", Observations(run, run.chance.stream("x"))) == "plain"
    assert named(run, (), Observations(run, run.chance.stream("x"))) == []


def test_so_many_random_ones_are_different_and_each_as_likely() -> None:
    run, met = SmallRun(10), Counter[str]()
    for _ in range(500):
        names = chosen(run, "{peers: 3}")
        assert len(set(names)) == 3
        met.update(names)
    assert set(met) == set(run.names())
    assert 100 < min(met.values()) <= max(met.values()) < 200


@pytest.mark.parametrize(("share", "number"), [("1%", 1), ("10%", 1), ("14%", 1), ("15%", 2), ("50%", 5), ("99%", 10)])
def test_a_share_is_rounded_and_at_least_one(share: str, number: int) -> None:
    assert len(set(chosen(SmallRun(10), f"{{peers: {share}}}"))) == number
    assert number_of(float(share[:-1]) / 100, 10) == number


@pytest.mark.parametrize("everybody", ["all", "100%"])
def test_all_are_in_the_order_in_which_they_first_came(everybody: str) -> None:
    run = SmallRun(5).script("{at: 1s, do: leave, peer: peer-1, for: 1s}")
    run.told(3)
    assert chosen(run, f"{{peers: {everybody}}}") == [f"peer-{number}" for number in range(1, 6)]


@pytest.mark.parametrize("text", ["{}", "{peers: 3}", "{peers: 30%}", "{peers: all}", "{peers: [a]}"])
def test_where_nobody_is_nobody_is_chosen(text: str) -> None:
    assert chosen(SmallRun(0), text) == []


def test_the_same_stream_chooses_the_same() -> None:
    assert chosen(SmallRun(50), "{peers: 5}") == chosen(SmallRun(50), "{peers: 5}")
    assert chosen(SmallRun(50), "{peers: 5}") != chosen(SmallRun(50), "{peers: 5}", "another")


class Counted(Stream):
    """Counts what is drawn."""

    drawn = 0

    def sample(self, among, number):  # type: ignore[no-untyped-def]
        type(self).drawn += number
        return super().sample(among, number)


def test_choosing_costs_what_is_chosen() -> None:
    run = SmallRun(500)
    Selection(peers=2).chosen(run, Counted(1, "x"), Observations(run, run.chance.stream("x")))
    assert Counted.drawn == 2


def test_the_names_it_says_are_known_before_the_run() -> None:
    assert list(Selection("peer-1").peer_names()) == [(("peer",), "peer-1")]
    assert list(Selection("${peer.first.name}").peer_names()) == []
    assert list(Selection(peers=("a", "${n}", "b")).peer_names()) == [(("peers", 0), "a"), (("peers", 2), "b")]
    assert list(Selection(peers=0.5).peer_names()) == []


def test_a_selection_is_written_as_it_is_read() -> None:
    form = Peers.__metadata__[0]  # type: ignore[attr-defined]
    assert [form.write(value) for value in (3, 0.3, 1.0, ("a", "b"))] == [3, "30%", "all", ["a", "b"]]
