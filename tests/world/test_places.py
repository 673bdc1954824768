"""Places: who takes a file, and who answers for it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.chance import Stream
from pvws.world.entities import File, Peer
from pvws.world.places import PLACES_ASKED_MAX, PLACES_TRIED, answering, with_room
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
    file = File("key", 1, 0, [2, 0, 1], [])
    assert answering(peers, file) is peers[2]
    peers[2].crashed = True
    assert answering(peers, file) is peers[0]
    peers[0].crashed = peers[1].crashed = True
    assert answering(peers, file) is peers[2]
