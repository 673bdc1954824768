"""Invariants: a world that is broken on purpose is found out, by the sentence that says what is broken."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pvws.world import invariants
from pvws.world.alerts import Thresholds
from pvws.world.entities import File, Transfer
from pvws.world.invariants import ContradictionError, Doubts, contradictions
from pvws.world.world import World
from tests.world.stagehand import MEBIBYTE, SECOND, START, Stagehand, key_of

LIMITS = Thresholds(warning=60, critical=90, clear=40)


class Scene(Stagehand):
    """A world with something of everything: names say what is what."""

    def __init__(self) -> None:
        limits = {"storage_usage": LIMITS, "peer_storage_usage": LIMITS}
        super().__init__(replication=3, thresholds=limits, repairs_at_once=1)
        self.ours = self.peers(4, capacity=8 * MEBIBYTE)
        gone = self.peer("gone", capacity=8 * MEBIBYTE)
        self.done = [self.upload(f"done {number}", 10, self.ours[number]) for number in range(4)]
        self.lost = [self.upload(f"lost {number}", MEBIBYTE, gone) for number in range(2)]
        self.passes(5 * SECOND)
        self.gone = gone
        self.leave(gone)
        self.passes(10 * SECOND)  # one of its files is being repaired, the other waits
        self.slow = self.upload("slow", 3 * MEBIBYTE, self.ours[0])
        self.huge = self.upload("huge", 1, self.ours[0])
        self.chords()
        self.told()

    def chords(self) -> None:
        """Have one between two peers that are opposite each other."""
        while not any(peer.chords for peer in self.ours):
            self.leave(self.ours[3], "shutdown")
            self.back(self.ours[3])

    @property
    def transfer(self) -> Transfer:
        """A copy on its way that is no repair."""
        return self.slow.coming[0]

    @property
    def repair(self) -> Transfer:
        """One that is under way."""
        return next(each for file in self.lost for each in file.coming if each.status == "SYNCING")

    @property
    def waiting(self) -> Transfer:
        """One that waits."""
        return next(each for file in self.lost for each in file.coming if each.status == "PENDING")


def test_a_world_that_nobody_broke_is_without_contradictions() -> None:
    scene = Scene()
    assert contradictions(scene.world) == []
    assert scene.repair.target != scene.repair.source
    assert scene.waiting
    assert scene.gone.held


# Canaries: what is broken, and all that is said of it (parts of the sentences, in order)


def used_space(scene: Scene) -> None:
    scene.store.used_space += 1


def total_space(scene: Scene) -> None:
    scene.store.total_space -= 1


def taken_space(scene: Scene) -> None:
    scene.store.taken_space += 1


def copies(scene: Scene) -> None:
    scene.store.copies += 1


def transfers(scene: Scene) -> None:
    scene.store.transfers -= 1


def missing(scene: Scene) -> None:
    scene.world.missing += 1


def degraded(scene: Scene) -> None:
    scene.world.care.degraded += 1


def links(scene: Scene) -> None:
    scene.world.overlay._chords += 1


def place_of_peer(scene: Scene) -> None:
    scene.ours[0].place = 2


def place_of_absent_peer(scene: Scene) -> None:
    scene.gone.place = 4


def list_of_peers(scene: Scene) -> None:
    scene.store.connected.pop()


def place_of_file(scene: Scene) -> None:
    scene.done[0].place += 1


def list_of_files(scene: Scene) -> None:
    scene.store.available.pop()


def number_of_peer(scene: Scene) -> None:
    scene.world._names["p0"] = scene.ours[1]


def used_of_peer(scene: Scene) -> None:
    scene.ours[0].room -= 1
    scene.store.used_space += 1


def room_of_peer(scene: Scene) -> None:
    scene.ours[0].room -= 1


def capacity_of_absent_peer(scene: Scene) -> None:
    scene.gone.capacity = 2 * MEBIBYTE
    scene.gone.room = scene.gone.capacity - sum(scene.gone.held.values())


def given_up(scene: Scene) -> None:
    scene.gone.crashed = True


def health_of_absent_peer(scene: Scene) -> None:
    scene.gone.health = "ONLINE"


def unheard(scene: Scene) -> None:
    scene.ours[3].heard = scene.kernel.now


def silent_for_too_long(scene: Scene) -> None:
    scene.world.crash(scene.ours[3])
    scene.told()
    scene.ours[3].heard = START - 60 * SECOND


def missed(scene: Scene) -> None:
    scene.ours[3].missed = True
    scene.world.missing += 1


def outgoing(scene: Scene) -> None:
    scene.ours[0].outgoing += 1
    scene.ours[1].outgoing -= 1


def outgoing_of_absent_peer(scene: Scene) -> None:
    scene.gone.outgoing = 1


def waiting(scene: Scene) -> None:
    scene.ours[0].waiting += 1


def copy_removed_in_silence(scene: Scene) -> None:
    scene.ours[scene.done[0].copies[-1]].held.pop(scene.done[0].key)


def copy_that_its_file_forgot(scene: Scene) -> None:
    scene.done[0].copies.pop()
    scene.store.copies -= 1
    scene.store.used_space -= 10


def seat(scene: Scene) -> None:
    scene.ours[2].seat = 3


def group(scene: Scene) -> None:
    scene.ours[3].group = 1


def chord(scene: Scene) -> None:
    one, other = scene.ours[1], scene.ours[3]
    (other if other.number in one.chords else scene.ours[2]).chords.popitem()


def chord_across(scene: Scene) -> None:
    scene.cut(scene.ours[:2], scene.ours[2:])
    scene.passes(0)
    scene.ours[0].chords[2] = scene.ours[2].chords[0] = None
    scene.world.overlay._chords += 1


def chord_beside_the_ring(scene: Scene) -> None:
    one, other = scene.ours[0], scene.ours[1]
    one.chords[other.number] = other.chords[one.number] = None
    scene.world.overlay._chords += 1


def chord_to_oneself(scene: Scene) -> None:
    scene.ours[2].chords[2] = None


def seats(scene: Scene) -> None:
    scene.world.overlay.remove(scene.ours[3])


def chords_of_absent_peer(scene: Scene) -> None:
    scene.gone.chords[0] = None


def side_in_two(scene: Scene) -> None:
    scene.world.overlay.sides.append([scene.world.overlay.sides[0].pop()])
    scene.world.overlay.sides[1][0].seat = 0


def key_of_file(scene: Scene) -> None:
    scene.done[1].key = scene.done[0].key


def two_copies_at_a_peer(scene: Scene) -> None:
    file = scene.lost[0]
    file.copies.append(file.copies[0])


def too_many_copies(scene: Scene) -> None:
    scene.store.replication = 2


def copy_at_absent_peer(scene: Scene) -> None:
    file = scene.done[0]
    file.copies[-1] = scene.gone.number


def nowhere(scene: Scene) -> None:
    file = File(key_of("nowhere"), 0, [], [], 0)
    scene.store.files[file.key] = file


def one_end(scene: Scene) -> None:
    scene.ours[scene.transfer.target].incoming[scene.transfer.key] = Transfer(
        scene.transfer.key, scene.transfer.size, 0, scene.transfer.target, 0, 5
    )


def nothing_at_its_source(scene: Scene) -> None:
    scene.ours[0].outgoing -= 1
    scene.ours[3].outgoing += 1
    scene.transfer.source = 3


def another_size(scene: Scene) -> None:
    transfer = scene.transfer
    transfer.size -= 1
    scene.ours[transfer.target].room += 1
    scene.store.taken_space -= 1


def partition(scene: Scene) -> None:
    overlay = scene.world.overlay
    cut = [peer for peer in scene.ours if peer.number != scene.transfer.target]
    overlay.split([cut, [scene.ours[scene.transfer.target]]], scene.chance)
    peer = scene.ours[scene.transfer.target]
    peer.missed, peer.heard = True, scene.kernel.now
    scene.world.missing += 1


def life(scene: Scene) -> None:
    scene.transfer.live = False


def turns(scene: Scene) -> None:
    scene.store.repairs.under_way = 0


def turn_not_given(scene: Scene) -> None:
    scene.repair.repair = False
    scene.store.repairs.under_way = 0


def waits_without_being_a_repair(scene: Scene) -> None:
    scene.transfer.status = "PENDING"


def corrupt(scene: Scene) -> None:
    scene.store.corrupt.add(scene.lost[0].key, 1)


def corrupt_and_deleted(scene: Scene) -> None:
    scene.store.corrupt.add(key_of("nothing"), 1)


def lacking(scene: Scene) -> None:
    scene.store.lacking[scene.done[0].key] = None


def lacking_and_deleted(scene: Scene) -> None:
    scene.store.lacking[key_of("nothing")] = None


def alarm(scene: Scene) -> None:
    scene.world.watch._alarms["storage_usage"].level = "warning"


def alarm_of_peer(scene: Scene) -> None:
    scene.world.watch._thresholds["peer_storage_usage"] = Thresholds(0, 0, 0)
    scene.world.watch.peer(scene.ours[1])


def coming(scene: Scene) -> None:
    scene.slow.coming.remove(scene.transfer)


def goes_nowhere(scene: Scene) -> None:
    transfer = scene.transfer
    scene.ours[transfer.target].incoming.pop(transfer.key)
    transfer.target = transfer.source
    scene.ours[transfer.source].incoming[transfer.key] = transfer


def too_many_repairs(scene: Scene) -> None:
    scene.transfer.repair = True
    scene.store.repairs.under_way = 2


BROKEN: list[tuple[Callable[[Scene], None], list[str]]] = [
    (used_space, ["used_space, by peers is 7340144, and should be 7340143", "used_space, by copies is 7340144"]),
    (total_space, ["total_space is 33554431, and should be 33554432"]),
    (taken_space, ["taken_space is"]),
    (copies, ["copies is 18, and should be 17"]),
    (transfers, ["transfers is 6, and should be 7"]),
    (coming, ["coming copies is 7, and should be 6", "is known to one end only"]),
    (missing, ["missing is 2, and should be 1"]),
    (degraded, ["degraded is 1, and should be 0"]),
    (place_of_peer, ["p0 is in the list of connected peers, and is none or elsewhere in it"]),
    (place_of_absent_peer, ["gone is away, and has a place among the connected peers"]),
    (list_of_peers, ["a connected peer is not in the list of them"]),
    (place_of_file, ["is in the list of available files, and is none or elsewhere in it"]),
    (list_of_files, ["an available file is not in the list of them"]),
    (number_of_peer, ["p0 is known under another number or name"]),
    (used_of_peer, ["used_space, by copies is", "taken_space is", "p0 has used 4194326, which is not what it holds"]),
    (room_of_peer, ["used_space, by peers is", "taken_space is", "p0 has used 4194326, which is not what it holds"]),
    (capacity_of_absent_peer, ["gone holds more than it can: 2097162, and -10 free"]),
    (given_up, ["gone has crashed, and was given up already"]),
    (health_of_absent_peer, ["gone is ONLINE, and connected is False"]),
    (unheard, ["p3 is heard or not heard against the facts"]),
    (silent_for_too_long, ["p3 is ONLINE, and was not heard for 75000000 microseconds"]),
    (missed, ["p3 is missed or not missed against the facts"]),
    (outgoing, ["p0 sends 7 copies, and 6 are on their way from it", "p1 sends -1 copies, and 0 are"]),
    (outgoing_of_absent_peer, ["gone is away, and copies are on their way from or to it", "gone sends 1 copies"]),
    (waiting, ["p0 waits with 3 copies, and 2 wait"]),
    (copy_removed_in_silence, ["p3 has used 2097182, which is not what it holds", "has a copy on p3, which is away"]),
    (copy_that_its_file_forgot, ["used_space, by peers is", "p3 holds"]),
    (copy_at_absent_peer, ["p3 holds", "has a copy on gone, which is away or has none"]),
    (seat, ["p2 has a seat on side 0, and does not belong there"]),
    (group, ["p3 is heard or not", "p3 is missed or not", "p3 has a seat on side 0, and does not belong there"]),
    (side_in_two, ["p3 has a seat on side 1, and does not belong there"]),
    (links, ["links is 6, and should be 5"]),
    (chord, ["links is 5, and should be 4", "the link from p1 to p3 is none in the other direction"]),
    (
        chord_across,
        ["from p0 to p2 is none in the other direction, or crosses sides", "from p2 to p0", "clusters are [4]"],
    ),
    (chord_beside_the_ring, ["p0 is linked to a peer twice, or to itself", "p1 is linked to a peer twice"]),
    (chord_to_oneself, ["p2 is linked to a peer twice, or to itself"]),
    (seats, ["p3 has 0 seats"]),
    (chords_of_absent_peer, ["gone has no seat, and links"]),
    (key_of_file, ["elsewhere in it", "is stored under another key"]),
    (two_copies_at_a_peer, ["used_space, by copies", "copies is", "has two copies at a peer", "has 3 copies and 1 on"]),
    (too_many_copies, ["copies and"] * 8),
    (nowhere, ["is nowhere, and has a place among the available files, or copies on their way"]),
    (one_end, ["is known to one end only"]),
    (nothing_at_its_source, ["has nothing at its source, or something else"]),
    (another_size, ["has nothing at its source, or something else"]),
    (
        goes_nowhere,
        ["not what it holds", "not what it holds", "has two copies at a peer, or one is on its way to", "goes nowhere"],
    ),
    (partition, ["crosses a partition"] * 3),
    (life, ["lives or not against the facts"]),
    (turns, ["0 repairs are said to be under way, 1 are, and 1 may"]),
    (too_many_repairs, ["2 repairs are said to be under way, 2 are, and 1 may"]),
    (turn_not_given, ["a repair waits for its turn, and only 0 of 1 are under way"]),
    (waits_without_being_a_repair, ["p0 waits with", "p1 waits with", "waits for its turn, and is no repair"]),
    (corrupt, ["is corrupt at p1, which has none"]),
    (corrupt_and_deleted, ["is corrupt at p1, which has none"]),
    (lacking, ["lacks copies, and is not stored or has enough"]),
    (lacking_and_deleted, ["lacks copies, and is not stored or has enough"]),
    (alarm, ["storage_usage is 21.875331%, and its alarm says warning"]),
    (alarm_of_peer, ["peer_storage_usage of p1 is 0.000358%, and its alarm says critical"]),
]


@pytest.mark.parametrize(("broken", "parts"), BROKEN, ids=[broken.__name__ for broken, _ in BROKEN])
def test_what_is_broken_is_told_and_nothing_else(broken: Callable[[Scene], None], parts: list[str]) -> None:
    scene = Scene()
    broken(scene)
    said = contradictions(scene.world)
    assert len(said) == len(parts), said
    for sentence, part in zip(said, parts, strict=True):
        assert part in sentence


def test_every_sentence_that_can_be_said_was_said() -> None:
    """By the lines that say them: one that no canary reaches is worth nothing."""
    reached, told = set[int](), Path(invariants.__file__).read_text("utf-8").splitlines()

    def note(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename == invariants.__file__ and event == "line":
            reached.add(frame.f_lineno)
        return note

    for broken, _ in BROKEN:
        scene = Scene()
        broken(scene)
        before = sys.gettrace()
        sys.settrace(note)
        try:
            contradictions(scene.world)
        finally:
            sys.settrace(before)
    saying = {number for number, line in enumerate(told, 1) if line.strip().startswith("yield f") or 'yield "' in line}
    assert len(saying) > 25
    assert not saying - reached, [told[number - 1].strip() for number in sorted(saying - reached)]


def test_a_contradiction_that_ends_a_run_says_where_and_asks_for_a_report() -> None:
    error = ContradictionError(["one thing", "another"], "at noon, with seed 3")
    assert error.sentences == ["one thing", "another"]
    assert str(error) == (
        "the simulated network contradicts itself at noon, with seed 3; please report this\none thing\nanother"
    )


# How often one looks


def test_a_small_world_is_looked_at_after_every_step_and_a_large_one_after_some(
    hand: Stagehand, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def look(world: World) -> list[str]:
        nonlocal looks
        looks += 1
        return ["a mistake"]

    monkeypatch.setattr(invariants, "contradictions", look)
    doubts = Doubts()
    hand.peers(3)
    assert [doubts.step(hand.world) for _ in range(5)] == [["a mistake"]] * 5
    for number in range(97):
        hand.upload(f"f{number}", size=1)
    hand.passes(60 * SECOND)
    looks = 0
    assert [bool(doubts.step(hand.world)) for _ in range(8)] == [False, False, False, True] * 2
    assert looks == 2, "100 things are worth 4 steps"
    assert doubts.look(hand.world) == [], "nothing has happened since"
    assert doubts.step(hand.world) == []
    assert doubts.look(hand.world) == ["a mistake"]
