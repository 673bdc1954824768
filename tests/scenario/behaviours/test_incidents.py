"""Things happen that look like attacks, and enough of them alarm."""

import re
from collections import Counter
from typing import Any

import pytest

from pvws.wire.events import SecurityAlert

SECOND = 1_000_000


def alerts(play: Any, until: int) -> list[tuple[int, SecurityAlert]]:
    return play.told(until, SecurityAlert)  # type: ignore[no-any-return]


def incidents(play: Any, until: int) -> list[tuple[str, str, int]]:
    """What the watch is told: category, source, attempts."""
    told: list[tuple[str, str, int]] = []
    play.world.watch = Witness(told)
    for behaviour in play.behaviours.values():
        assert behaviour._world is play.world
    play.told(until)
    return told


class Witness:
    def __init__(self, told: list[tuple[str, str, int]]) -> None:
        self.told = told

    def incident(self, category: str, source: str, attempts: int) -> None:
        self.told.append((category, source, attempts))

    def uncleared(self) -> list[object]:
        return []


def test_enough_failed_authentications_within_a_minute_alarm(rehearsal: Any) -> None:
    play = rehearsal().add("incidents: {rate: 1/s, arrivals: fixed, until: 30s}")
    told = alerts(play, 200 * SECOND)
    assert [(at // SECOND, payload.level) for at, payload in told] == [(5, "warning"), (20, "critical"), (90, "info")]
    assert {payload.category for _, payload in told} == {"auth_failure"}


@pytest.mark.parametrize("category", ["auth_failure", "rate_abuse"])
def test_who_guesses_and_who_asks_too_often_has_an_address(category: str, rehearsal: Any) -> None:
    told = incidents(rehearsal().add(f"incidents: {{rate: 10/s, category: {category}}}"), 20 * SECOND)
    assert {kind for kind, _, _ in told} == {category}
    sources = {source for _, source, _ in told}
    assert all(re.fullmatch(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.[1-9]\d{0,2}", source) for source in sources)
    assert len(sources) > 100


def test_an_unknown_peer_has_an_id_that_nobody_has(rehearsal: Any) -> None:
    play = rehearsal().add("incidents: {rate: 10/s, category: unknown_peer}")
    sources = [source for _, source, _ in incidents(play, 20 * SECOND)]
    assert all(re.fullmatch("[0-9a-f]{64}", source) for source in sources)
    assert len(set(sources)) == len(sources)
    assert not set(sources) & {peer.id for peer in play.world.peers}


def test_an_integrity_violation_is_blamed_on_a_peer_that_is_here(rehearsal: Any) -> None:
    play = rehearsal(peers=3).add("incidents: {rate: 10/s, category: integrity_violation}")
    assert {source for _, source, _ in incidents(play, 20 * SECOND)} == {peer.id for peer in play.peers()}


def test_an_integrity_violation_without_peers_is_nobody_s(rehearsal: Any) -> None:
    play = rehearsal(peers=0).add("incidents: {rate: 10/s, category: integrity_violation}")
    assert all(re.fullmatch("[0-9a-f]{64}", source) for _, source, _ in incidents(play, SECOND))


def test_categories_come_as_often_as_their_weights_say(rehearsal: Any) -> None:
    play = rehearsal().add("incidents: {rate: 100/s, category: {auth_failure: 3, rate_abuse: 1, unknown_peer: 0}}")
    counts = Counter(category for category, _, _ in incidents(play, 60 * SECOND))
    assert counts.keys() == {"auth_failure", "rate_abuse"}
    assert counts["auth_failure"] / counts["rate_abuse"] == pytest.approx(3, rel=0.1)


def test_attempts_are_whole_and_at_least_one(rehearsal: Any) -> None:
    play = rehearsal().add("incidents: {rate: 10/s, attempts: {uniform: {from: 0, to: 4}}}")
    assert {attempts for _, _, attempts in incidents(play, 60 * SECOND)} == {1, 2, 3, 4}


def test_neither_the_category_nor_who_is_here_moves_the_next_address(rehearsal: Any) -> None:
    def sources(play: Any, category: str) -> list[str]:
        told = incidents(play.add(f"incidents: {{rate: 5/s, category: {category}}}"), 60 * SECOND)
        return [source for kind, source, _ in told if kind == "auth_failure"]

    plain = sources(rehearsal(), "auth_failure")
    mixed = sources(rehearsal(peers=0), "{auth_failure: 1, unknown_peer: 1, integrity_violation: 1}")
    assert len(plain) > len(mixed) > 50
    remaining = iter(plain)
    assert all(source in remaining for source in mixed), "the same addresses, in the same order, but fewer"
