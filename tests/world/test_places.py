"""Places: who takes a file, and who answers for it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.chance import Stream
from pvws.world.entities import File, Peer, Transfer
from pvws.world.places import PLACES_ASKED_MAX, PLACES_TRIED, answering, takers, with_room
from tests.world.stagehand import new_peer


class Asked(list[Peer]):
    """Peers that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return super().__getitem__(place)


def test_nobody_has_room_where_nobody_is() -> None:
    assert with_room([], 1, Stream(1, "places")) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60), st.integers(1, 9), st.integers())
def test_a_peer_with_room_that_answers_is_found_when_there_is_one(
    rooms: list[tuple[int, bool]], size: int, seed: int
) -> None:
    peers = [new_peer(number, capacity=room) for number, (room, _) in enumerate(rooms)]
    for peer, (_, crashed) in zip(peers, rooms, strict=True):
        peer.crashed = crashed
    fitting = [peer for peer in peers if peer.room >= size and not peer.crashed]
    found = with_room(peers, size, Stream(seed, "places"))
    assert found in fitting if fitting else found is None


def test_all_with_room_are_found_sooner_or_later() -> None:
    peers, chance = [new_peer(number, capacity=number % 2) for number in range(20)], Stream(1, "places")
    assert {with_room(peers, 1, chance) for _ in range(500)} == set(peers[1::2])


def test_where_nobody_has_room_so_many_are_asked_and_no_more() -> None:
    peers = Asked(new_peer(number, capacity=0) for number in range(5_000))
    assert with_room(peers, 1, Stream(1, "places")) is None
    assert peers.looks == PLACES_TRIED + PLACES_ASKED_MAX


def test_the_first_copy_that_answers_answers() -> None:
    peers = [new_peer(number) for number in range(3)]
    file = File("key", 1, [2, 0, 1], [])
    assert answering(peers, file) is peers[2]
    peers[2].crashed = True
    assert answering(peers, file) is peers[0]
    peers[0].crashed = peers[1].crashed = True
    assert answering(peers, file) is peers[2]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["", "copies", "coming"])), min_size=1, max_size=60),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
def test_takers_have_room_and_nothing_of_the_file_in_the_order_of_the_key(
    states: list[tuple[int, str]], number: int, start: int
) -> None:
    key = f"{start:08x}"
    file = File(key, 5, [], [])
    peers = [new_peer(place, capacity=room) for place, (room, _) in enumerate(states)]
    for peer, (_, state) in zip(peers, states, strict=True):
        if state == "copies":
            file.copies.append(peer.number)
        elif state == "coming":
            transfer = Transfer(key, 5, 0, peer.number, 0, 1)
            file.coming.append(transfer)
            peer.incoming[key] = transfer
    first = start % len(peers)
    fitting = [each for each in [*peers[first:], *peers[:first]] if each.room >= 5 and not states[each.number][1]]
    assert takers(peers, file, number) == fitting[:number]


def test_so_many_takers_are_looked_for_and_no_more() -> None:
    peers = Asked(new_peer(number, capacity=0) for number in range(10 * PLACES_ASKED_MAX))
    assert takers(peers, File("0" * 64, 1, [], []), 2) == []
    assert peers.looks == PLACES_ASKED_MAX
