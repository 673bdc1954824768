"""A walk through all that can happen: no world contradicts itself, and neither does what it tells."""

import os
import pickle
from collections import Counter

import pytest

from tests.world.walk import Walk

SEEDS = 1_000 if os.environ.get("PVWS_HYPOTHESIS") == "deep" else 40
STEPS = 100

# To repeat one that failed: pytest 'tests/world/test_walk.py::test_no_world_contradicts_itself[SEED]'


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_world_contradicts_itself(seed: int) -> None:
    Walk(seed).walk(STEPS)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_when_all_is_well_again_everything_comes_to_rest_and_files_have_their_copies(seed: int) -> None:
    walk = Walk(1_000 + seed)
    walk.walk(STEPS)
    walk.calm()
    store = walk.world.store
    assert walk.kernel.peek() is None, "nothing is left to happen"
    assert (store.transfers, store.repairs.under_way, walk.world.missing) == (0, 0, 0)
    for file in store.available:
        if len(file.copies) < store.replication:
            assert file.key in store.lacking
            assert not [peer.name for peer in store.connected if peer.room >= file.size and file.key not in peer.held]
    assert len(store.available) == len(store.files)
    assert {peer.health for peer in walk.world.peers} <= {"ONLINE", "DEGRADED"}


@pytest.mark.parametrize("seed", range(2_000, 2_008))
def test_a_world_that_is_pickled_midway_goes_on_identically(seed: int) -> None:
    walk = Walk(seed)
    walk.walk(STEPS)
    copy = pickle.loads(pickle.dumps(walk))
    told = len(walk.texts)
    for each in (walk, copy):
        each.walk(STEPS)
        each.calm()
    assert copy.texts == walk.texts
    assert len(walk.texts) > told


def test_the_same_seed_walks_the_same_way() -> None:
    walks = [Walk(3), Walk(3), Walk(4)]
    for walk in walks:
        walk.walk(STEPS)
    assert walks[0].texts == walks[1].texts != walks[2].texts


def test_the_walks_meet_all_that_can_happen() -> None:
    told, healths, statuses = Counter[str](), set[str](), set[str]()
    for seed in range(16):
        walk = Walk(seed)
        walk.walk(STEPS)
        told.update(walk.story.told)
        for text in walk.texts:
            if b'"peer_health_changed"' in text:
                healths.add(text.partition(b'"status":"')[2].partition(b'"')[0].decode())
            if b'"file_replicated"' in text:
                statuses.add(text.partition(b'"status":"')[2].partition(b'"')[0].decode())
    assert len(told) == 16
    assert min(told.values()) >= 10, told
    assert healths == {"ONLINE", "DEGRADED", "OFFLINE", "UNKNOWN"}
    assert statuses == {"SYNCED", "SYNCING", "FAILED", "PENDING"}
