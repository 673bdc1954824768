"""The overlay: rings with chords, that stay connected whoever comes and goes."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.chance import Stream
from pvws.world.entities import Peer
from pvws.world.overlay import CHORDS_PER_PEER, Overlay
from tests.world.stagehand import new_peer


def overlay_of(number: int) -> tuple[Overlay, list[Peer], Stream]:
    peers = [new_peer(each) for each in range(number)]
    overlay, chance = Overlay(peers), Stream(1, "links")
    for peer in peers:
        overlay.add(peer, chance)
    return overlay, peers, chance


def edges(overlay: Overlay, peers: Iterable[Peer]) -> set[tuple[int, int]]:
    """The links, each from either end."""
    return {(peer.number, other.number) for peer in peers for other in overlay.neighbours(peer)}


def reached(start: int, links: set[tuple[int, int]]) -> set[int]:
    """Who can be reached from a peer, start included."""
    seen, left = {start}, [start]
    while left:
        here = left.pop()
        for one, other in links:
            if one == here and other not in seen:
                seen.add(other)
                left.append(other)
    return seen


@pytest.mark.parametrize(("peers", "links"), [(0, 0), (1, 0), (2, 1), (3, 3)])
def test_few_peers_are_all_linked_to_each_other(peers: int, links: int) -> None:
    overlay, there, _ = overlay_of(peers)
    assert overlay.links == links == len(edges(overlay, there)) // 2


def test_every_peer_is_on_the_ring_and_has_chords_across_it() -> None:
    overlay, peers, _ = overlay_of(500)
    assert overlay.sides == [peers]
    counts = [len(list(overlay.neighbours(peer))) for peer in peers]
    assert min(counts) >= 2
    assert 5 <= sum(counts) / 500 <= 2 + 2 * CHORDS_PER_PEER
    assert sum(counts) == 2 * overlay.links


def test_two_that_become_neighbours_on_the_ring_lose_the_chord_between_them() -> None:
    overlay, peers, chance = overlay_of(4)
    for _ in range(50):  # until chance has given a chord between the opposite ones
        overlay.remove(peers[0])
        overlay.add(peers[0], chance)
    assert overlay.links == 4 + len([peer for peer in peers if peer.chords]) // 2
    gone = peers[2]
    overlay.remove(gone)
    assert overlay.links == 3
    assert not any(peer.chords for peer in peers)


def test_sides_have_no_links_between_them_and_the_largest_is_where_we_look_from() -> None:
    overlay, peers, chance = overlay_of(30)
    overlay.split([peers[:5], peers[5:25], peers[25:]], chance)
    assert [len(side) for side in overlay.sides] == [20, 5, 5]
    assert [peers[place].group for place in (0, 5, 25)] == [1, 0, 2]
    assert all(peers[a].group == peers[b].group for a, b in edges(overlay, peers))


def test_who_comes_back_is_on_its_side_and_on_ours_when_that_is_no_more() -> None:
    overlay, peers, chance = overlay_of(9)
    overlay.split([peers[:6], peers[6:]], chance)
    overlay.remove(peers[8])
    overlay.add(peers[8], chance)
    assert peers[8].group == 1
    overlay.remove(peers[8])
    overlay.split([peers[:8]], chance)
    overlay.add(peers[8], chance)
    assert peers[8].group == 0


def test_the_same_chance_gives_the_same_links() -> None:
    first, second = overlay_of(50), overlay_of(50)
    assert edges(first[0], first[1]) == edges(second[0], second[1])


@given(st.lists(st.tuples(st.sampled_from(["turn", "turn", "turn", "split", "heal"]), st.integers(0, 11)), max_size=60))
def test_it_is_the_graph_that_a_plain_model_says(deeds: list[tuple[str, int]]) -> None:
    """`turn` adds a peer, or removes it when it is there. The model is who is there, and on which side."""
    peers = [new_peer(number) for number in range(12)]
    overlay, chance = Overlay(peers), Stream(5, "links")
    sides: list[set[int]] = [set()]
    for deed, number in deeds:
        peer, there = peers[number], set().union(*sides)
        if deed == "turn" and number in there:
            overlay.remove(peer)
            for side in sides:
                side.discard(number)
        elif deed == "turn":
            overlay.add(peer, chance)
            sides[peer.group].add(number)
        else:
            cut = sorted(there)[: number if deed == "split" else 0]
            parts = sorted([cut, sorted(there - set(cut))], key=len, reverse=True)
            overlay.split([[peers[each] for each in part] for part in parts], chance)
            sides = [set(part) for part in parts]
        _is_the_graph_of(overlay, peers, sides)


def _is_the_graph_of(overlay: Overlay, peers: list[Peer], sides: list[set[int]]) -> None:
    there = [peers[number] for side in sides for number in side]
    links = [(peer.number, other.number) for peer in there for other in overlay.neighbours(peer)]
    assert len(set(links)) == len(links) == 2 * overlay.links
    assert all((other, one) in links and one != other for one, other in links)
    assert [{peer.number for peer in side} for side in overlay.sides] == sides
    for group, side in enumerate(sides):
        for number in side:
            assert reached(number, set(links)) == side
            assert peers[number].group == group
    for peer in peers:
        assert (peer.seat >= 0) == (peer in there)
        assert peer in there or not peer.chords


# What joining and leaving cost: so many peers whose links or seats are others afterwards


def _touched(overlay: Overlay, peers: list[Peer], before: dict[int, tuple[int, list[int]]]) -> int:
    return sum(before[peer.number] != (peer.seat, list(peer.chords)) for peer in peers)


@pytest.mark.parametrize("number", [50, 5_000])
def test_joining_and_leaving_touch_a_few_peers_however_many_there_are(number: int) -> None:
    overlay, peers, chance = overlay_of(number)
    for peer in peers[: number // 2 : number // 25]:
        before = {each.number: (each.seat, list(each.chords)) for each in peers}
        chords = len(peer.chords)
        overlay.remove(peer)
        assert _touched(overlay, peers, before) <= chords + 4  # itself, who takes its seat, and that one's neighbours
        before = {each.number: (each.seat, list(each.chords)) for each in peers}
        overlay.add(peer, chance)
        assert _touched(overlay, peers, before) <= 1 + CHORDS_PER_PEER
        assert chords < 20
