"""What a script consists of when it is to become shorter."""

from pvws.notation.document import Node, parse
from pvws.notation.layout import laid_out
from pvws.testing.shrinking.script_parts import (
    amounts,
    cut,
    entries_at,
    instants,
    moved_up,
    parts,
    size_of,
    spelled_out,
    tidied,
)
from tests.support.trees import plain

SECOND = 1_000_000
SCRIPT = """\
scenario: x
seed: 3
duration: 20s
network:
  peers: 4
  repair: {delay: 3s}
behaviours:
  uploads: {rate: 5/s, size: {lognormal: {median: 2 MiB, sigma: 1}}}
alerts: {storage_usage: {warning: 80, critical: 95, clear: 70}}
timeline:
  - {at: 2s, do: mark, name: here}
  - {at: 6s, do: burst, files: 30, over: 2s}
  - {every: 5s, from: 6s, do: emit, type: storage_alert, data: {peers: 3}}
expect:
  - {client: reconnects, after: here}
  - {client: connects}
"""


def root(text: str = SCRIPT) -> Node:
    return parse(text, "f.yaml")


def test_what_is_left_out_is_spelled_out_and_what_is_said_to_people_goes() -> None:
    made = spelled_out(root("scenario: x\ndescription: For people.\n"), 60 * SECOND, 12)
    assert plain(made) == {"scenario": "x", "duration": "1m", "network": {"peers": 12}}
    assert plain(spelled_out(root(), 1, 1)) == plain(root()), "what is said stays"


def test_parts_are_what_may_go_whole() -> None:
    assert parts(root()) == [
        ("behaviours", "uploads"),
        ("timeline", 0),
        ("timeline", 1),
        ("timeline", 2),
        ("alerts", "storage_usage"),
        ("seed",),
    ]
    named = root("scenario: x\nnetwork: {peers: [{name: anna}, {name: bert}]}\n")
    assert parts(named) == [("network", "peers", 0), ("network", "peers", 1)]


def test_the_keys_of_a_level_are_those_of_what_is_played() -> None:
    assert ("network", "repair") in entries_at(root(), 2)
    assert ("network", "peers") not in entries_at(root(), 2), "or there were as many as usual"
    assert ("timeline", 1, "over") in entries_at(root(), 3)
    assert ("behaviours", "uploads", "size", "lognormal") in entries_at(root(), 4)
    assert not [path for level in range(9) for path in entries_at(root(), level) if path[0] in ("expect", "duration")]


def test_amounts_are_numbers_of_which_less_is_simpler_and_none_of_what_is_said_to_clients() -> None:
    found = [(amount.path, amount.value) for amount in amounts(root())]
    assert found[0] == (("network", "peers"), 4)
    assert sorted(map(str, found)) == sorted(
        map(
            str,
            [
                (("network", "peers"), 4),
                (("network", "repair", "delay"), 3 * SECOND),
                (("behaviours", "uploads", "rate"), 5),
                (("timeline", 1, "files"), 30),
                (("timeline", 1, "over"), 2 * SECOND),
            ],
        )
    )
    files = next(amount for amount in amounts(root()) if amount.path == ("timeline", 1, "files"))
    assert "files: 7," in laid_out(files.put(root(), 7))


def test_everything_from_an_instant_on_comes_earlier_and_the_whole_is_as_much_shorter() -> None:
    assert instants(root()) == [2 * SECOND, 6 * SECOND]
    made = moved_up(root(), 6 * SECOND, 3 * SECOND)
    assert instants(made) == [2 * SECOND, 3 * SECOND]
    assert plain(made)["duration"] == "17s"


def test_what_would_come_behind_the_end_goes_with_the_time_that_is_cut() -> None:
    made = cut(root(), 3 * SECOND)
    assert plain(made)["timeline"] == [{"at": "2s", "do": "mark", "name": "here"}]
    assert plain(made)["duration"] == "3s"
    assert plain(cut(root(), 0))["duration"] == "1ms", "a scenario has some time"


def test_expectations_go_with_what_they_wait_for_and_empty_sections_go() -> None:
    made = tidied(cut(root(), 0))
    assert "timeline" not in plain(made)
    assert plain(made)["expect"] == [{"client": "connects"}]
    assert plain(tidied(root())) == plain(root())


def test_a_script_is_smaller_with_fewer_values_and_then_with_smaller_ones() -> None:
    whole = size_of(root())
    assert size_of(cut(root(), 3 * SECOND)) < whole
    assert size_of(moved_up(root(), 2 * SECOND, 1)) < whole
    assert size_of(root())[0] == size_of(moved_up(root(), 2 * SECOND, 1))[0]
    assert size_of(tidied(root(SCRIPT.replace("after: here", "after: gone"))))[0] == whole[0], "expected is not played"
