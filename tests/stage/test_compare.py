"""A client's own view beside the truth."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.stage.compare import NOTHING, Difference, compare
from pvws.world.truth import Truth, truth
from tests.support.playing import SECOND, START, director_of

BUSY = """
duration: 30s
network: {peers: 4, capacity: 100 MiB}
behaviours:
  uploads: {rate: 2/s, size: 1 MiB}
timeline:
  - {at: 8s, do: leave, peer: peer-2}
  - {at: 9s, do: load, peers: 1, share: 99%, for: 20s}
"""


def known() -> Truth:
    director = director_of(BUSY)
    director.take(START + 12 * SECOND, 100_000)
    director.pass_until(START + 12 * SECOND)
    return truth(director.play.world)


TRUTH = known()
VIEW: dict[str, Any] = msgspec.to_builtins(TRUTH, enc_hook=str)


def test_there_is_something_to_compare() -> None:
    assert len(VIEW["files"]) > 10
    assert {peer["connected"] for peer in VIEW["peers"]} == {True, False}


def test_the_truth_differs_in_nothing_from_itself() -> None:
    assert compare(VIEW, TRUTH) == []


def test_a_part_is_compared_in_what_it_has() -> None:
    assert compare({}, TRUTH) == []
    assert compare({"fileCount": VIEW["fileCount"]}, TRUTH) == []
    peers = [{"id": peer["id"], "name": peer["name"]} for peer in VIEW["peers"]]
    assert compare({"peers": peers}, TRUTH) == []


def test_a_field_that_is_otherwise_is_told_with_its_path() -> None:
    first = VIEW["peers"][0]
    found = compare({"usedSpace": 1, "peers": [{"id": first["id"], "used": 5}]}, TRUTH, partial=True)
    assert found == [
        Difference("usedSpace", VIEW["usedSpace"], 1),
        Difference(f"peers[{first['id']}].used", first["used"], 5),
    ]
    assert str(found[0]) == f"usedSpace: expected {VIEW['usedSpace']}, found 1"


def test_what_is_missing_from_a_list_differs_unless_the_view_is_partial() -> None:
    files = VIEW["files"][1:]
    (found,) = compare({"files": files}, TRUTH)
    assert (found.path, found.found) == (f"files[{VIEW['files'][0]['key']}]", NOTHING)
    assert compare({"files": files}, TRUTH, partial=True) == []


def test_a_peer_that_left_may_be_forgotten() -> None:
    assert compare({"peers": [peer for peer in VIEW["peers"] if peer["connected"]]}, TRUTH) == []


def test_what_is_not_there_is_told() -> None:
    (found,) = compare({"files": [*VIEW["files"], {"key": "ghost"}]}, TRUTH)
    assert (found.path, found.expected, found.found) == ("files[ghost]", NOTHING, {"key": "ghost"})
    assert str(found).startswith("files[ghost]: expected nothing, found")


def test_lists_may_be_mappings_by_their_ids() -> None:
    view = {"peers": {peer["id"]: {"connected": peer["connected"]} for peer in VIEW["peers"]}}
    assert compare(view, TRUTH) == []
    view["peers"][VIEW["peers"][0]["id"]]["connected"] = "yes"
    assert [each.found for each in compare(view, TRUTH)] == ["yes"]


def test_the_order_of_capabilities_and_tags_says_nothing() -> None:
    peer = VIEW["peers"][0]
    turned = {"id": peer["id"], "capabilities": peer["capabilities"][::-1]}
    assert compare({"peers": [turned]}, TRUTH, partial=True) == []
    (found,) = compare({"peers": [turned | {"capabilities": ["flying"]}]}, TRUTH, partial=True)
    assert found.found == ["flying"]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ({"fileCont": 3}, 'fileCont: expected one of at, totalSpace, .*did you mean "fileCount"'),
        ({"peers": 5}, "peers: expected a list of objects, or an object of them by id, got 5"),
        ({"peers": [{"name": "x"}]}, r"peers\[0\]: expected an object with id"),
        ({"files": ["x"]}, r"files\[0\]: expected an object with key, got \"x\""),
    ],
)
def test_what_can_not_be_compared_is_told(view: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        compare(view, TRUTH)


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
anything = st.recursive(leaves, lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3))


@given(st.dictionaries(st.sampled_from(sorted(VIEW)), anything, max_size=4))
def test_whatever_a_client_believes_is_compared_or_refused(view: dict[str, Any]) -> None:
    try:
        found = compare(view, TRUTH)
    except InputError:
        return
    assert [each for each in found if each.path.partition("[")[0].partition(".")[0] not in view] == []
    for name, value in view.items():
        if not isinstance(value, list | dict) and value != VIEW[name]:
            assert any(each.path == name for each in found), name


@given(st.data())
def test_one_changed_figure_is_the_one_difference(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(VIEW["files"]) - 1))
    files = [dict(file) for file in VIEW["files"]]
    files[place]["size"] += data.draw(st.integers(1, 1_000))
    (found,) = compare({"files": files}, TRUTH)
    assert found.path == f"files[{files[place]['key']}].size"
