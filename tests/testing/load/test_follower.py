"""Those who are compared: whatever happens to what they get, however it is cut, is seen for what it is."""

from hypothesis import given
from hypothesis import strategies as st

from pvws.testing.load.follower import Follower
from pvws.testing.load.leader import Leader
from pvws.testing.load.reckoning import Reckoning
from pvws.wire.frames import ping_frame, pong_frame, text_frame

FRAMES = [text_frame(b"%d" % number * (1 + 50 * (number % 4))) for number in range(40)]


def follow(leader: Leader, follower: Follower, theirs: bytes, ours: bytes, size: int, our_size: int) -> None:
    """Have the leader and a follower read their bytes by pieces, the follower where it may."""
    place = 0
    for start in range(0, len(theirs), size):
        leader.read(theirs[start : start + size])
        while place < len(ours):
            room = follower.room(leader)
            piece = ours[place : place + (our_size if room is None else min(room, our_size))]
            if not piece:
                break
            follower.take(piece, leader)
            place += len(piece)
    follower.part(leader)
    follower.take(ours[place:], leader)


def reckoned(ours: bytes, size: int = 100, our_size: int = 100, *, quiet: bool = True) -> Reckoning:
    leader, follower = Leader(), Follower(quiet=quiet)
    follower.agree(leader)
    follow(leader, follower, b"".join(FRAMES), ours, size, our_size)
    return follower.reckon(leader, to_the_end=quiet)


sizes = st.integers(1, 600)


@given(sizes, sizes, st.lists(st.integers(0, 40)))
def test_the_same_messages_reach_it_also_around_control_frames(size: int, our_size: int, pings: list[int]) -> None:
    frames = [ping_frame(b"p") * pings.count(place) + frame for place, frame in enumerate(FRAMES)]
    ours = b"".join(frames) + pong_frame(b"fence")
    assert reckoned(ours, size, our_size) == Reckoning(reach=1)


@given(sizes, sizes, st.sets(st.integers(0, 39), min_size=1))
def test_lost_messages_are_counted(size: int, our_size: int, lost: set[int]) -> None:
    ours = b"".join(frame for place, frame in enumerate(FRAMES) if place not in lost)
    assert reckoned(ours, size, our_size) == Reckoning(lost=len(lost))


@given(sizes, sizes, st.integers(0, 39))
def test_a_message_that_comes_twice_is_counted(size: int, our_size: int, twice: int) -> None:
    assert reckoned(b"".join([*FRAMES[: twice + 1], *FRAMES[twice:]]), size, our_size) == Reckoning(repeated=1)


@given(sizes, sizes, st.integers(0, 38))
def test_a_message_that_comes_late_is_counted(size: int, our_size: int, late: int) -> None:
    ours = [*FRAMES[:late], FRAMES[late + 1], FRAMES[late], *FRAMES[late + 2 :]]
    assert reckoned(b"".join(ours), size, our_size) == Reckoning(disordered=1)


@given(sizes, sizes, st.integers(0, 39))
def test_a_changed_message_is_one_lost_and_a_strange_one(size: int, our_size: int, changed: int) -> None:
    ours = [*FRAMES[:changed], text_frame(b"?"), *FRAMES[changed + 1 :]]
    assert reckoned(b"".join(ours), size, our_size) == Reckoning(lost=1, strange=1)


@given(sizes, sizes, st.integers(0, 39), st.integers(1, 40))
def test_who_begins_later_and_ends_earlier_is_to_get_what_lies_between(
    size: int, our_size: int, first: int, count: int
) -> None:
    assert reckoned(b"".join(FRAMES[first : first + count]), size, our_size, quiet=False) == Reckoning(reach=1)


@given(sizes, sizes, st.integers(0, 35), st.integers(1, 3))
def test_what_it_misses_between_its_first_message_and_its_last_is_lost(
    size: int, our_size: int, first: int, missed: int
) -> None:
    ours = [FRAMES[first], *FRAMES[first + 1 + missed :]]
    assert reckoned(b"".join(ours), size, our_size, quiet=False) == Reckoning(lost=missed)


def test_while_it_agrees_nothing_is_read_of_it_and_nothing_ahead_of_the_leader() -> None:
    leader, follower = Leader(), Follower(quiet=True)
    assert follower.room(leader) is None
    follower.take(pong_frame(b"fence"), leader)
    assert follower.room(leader) is None, "it is read by itself until it may agree"
    follower.agree(leader)
    assert follower.room(leader) == 0
    leader.read(FRAMES[0] + FRAMES[1])
    assert follower.room(leader) == len(FRAMES[0] + FRAMES[1])
    assert follower.behind(leader)
    follower.take(FRAMES[0] + FRAMES[1][:1], leader)
    assert follower.room(leader) == len(FRAMES[1]) - 1
    assert follower.messages(leader) == 1
    follower.take(FRAMES[1][1:], leader)
    assert not follower.behind(leader)
    assert follower.messages(leader) == 2


def test_who_gets_nothing_of_what_the_leader_got_has_lost_it_all_unless_it_may_have_begun_later() -> None:
    leader = Leader()
    leader.read(FRAMES[0])
    assert Follower(quiet=True).reckon(leader, to_the_end=True) == Reckoning(lost=1)
    assert Follower(quiet=False).reckon(leader, to_the_end=False) == Reckoning(lost=1)
    assert Follower(quiet=False).reckon(Leader(), to_the_end=False) == Reckoning(reach=1)


@given(st.integers(1, 39), st.integers(1, 126), st.data())
def test_behind_a_control_frame_it_agrees_again_as_soon_as_the_leader_has_got_as_much(
    place: int, ahead: int, data: st.DataObject
) -> None:
    leader, follower = Leader(), Follower(quiet=True)
    follower.agree(leader)
    before, behind = b"".join(FRAMES[:place]), b"".join(FRAMES[place:])
    leader.read(before)
    follower.take(before, leader)
    ahead = min(ahead, len(behind))
    cut = data.draw(st.integers(0, 3))
    theirs = ping_frame(b"p") + behind[:ahead]
    control = [each for piece in (theirs[:cut], theirs[cut:]) for each in follower.take(piece, leader)]
    assert len(control) == 1
    leader.read(behind)
    assert follower.room(leader) == len(leader.log) - len(before) - ahead, "it is compared, not read"
