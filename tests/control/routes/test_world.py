"""The oracle over HTTP: what is true, and what of a client's view is not."""

from typing import Any

import pytest

from tests.support.steered import Steered


async def truth(server: Steered, query: str = "") -> dict[str, Any]:
    reply = await server.call("GET", f"/v1/world{query}")
    assert reply.status == 200, reply.content
    found: dict[str, Any] = reply.body
    return found


async def test_what_is_true_now_and_was_before(played: Steered) -> None:
    await played.call("POST", "/v1/clock/advance", {"by": "20s"})
    now = await truth(played)
    assert (now["at"], len(now["peers"])) == ("2024-01-01T00:00:20.000000Z", 3)
    assert now["fileCount"] == len(now["files"]) > 0
    await played.call("POST", "/v1/clock/advance", {"by": "20s"})
    assert await truth(played, "?at=2024-01-01T00:00:20Z") == now
    assert (await truth(played))["fileCount"] > now["fileCount"]


async def test_the_network_is_drawn_without_its_files_and_with_its_links(played: Steered) -> None:
    await played.call("POST", "/v1/clock/advance", {"by": "20s"})
    true = await truth(played)
    reply = await played.call("GET", "/v1/network")
    assert reply.body.pop("links") == [[0, 1], [0, 2], [1, 2]]
    assert reply.body == {key: value for key, value in true.items() if key != "files"}


async def test_a_view_is_compared_field_by_field(played: Steered) -> None:
    await played.call("POST", "/v1/clock/advance", {"by": "20s"})
    view = await truth(played)
    reply = await played.call("POST", "/v1/world/compare", {"view": view})
    assert reply.body == {"equal": True, "differences": [], "at": view["at"]}
    view["fileCount"] += 1
    peer = view["peers"][0]
    peer["connected"] = False
    gone = view["files"].pop()
    reply = await played.call("POST", "/v1/world/compare", {"view": view})
    assert not reply.body["equal"]
    found = {each["path"]: (each["expected"], each["found"]) for each in reply.body["differences"]}
    assert found["fileCount"] == (view["fileCount"] - 1, view["fileCount"])
    assert found[f"peers[{peer['id']}].connected"] == (True, False)
    assert found[f"files[{gone['key']}]"] == (gone, None)
    partial = {"view": {"files": view["files"]}, "partial": True}
    assert (await played.call("POST", "/v1/world/compare", partial)).body["equal"]
    past = {"view": {"fileCount": 0}, "at": "2024-01-01T00:00:00Z"}
    assert (await played.call("POST", "/v1/world/compare", past)).body["equal"]


@pytest.mark.parametrize(
    ("said", "path"),
    [({}, "view"), ({"view": []}, "view"), ({"view": {"flies": []}}, "flies"), ({"view": {}, "at": "now"}, "at")],
)
async def test_what_is_wrong_is_told_with_its_path(played: Steered, said: dict[str, Any], path: str) -> None:
    reply = await played.call("POST", "/v1/world/compare", said)
    assert (reply.status, reply.kind) == (422, "invalid"), reply.body
    assert reply.mistakes[0][0] == path


async def test_without_a_scenario_nothing_is_true(quiet: Steered) -> None:
    assert (await quiet.call("GET", "/v1/world")).kind == "no-world"
    assert (await quiet.call("GET", "/v1/network")).kind == "no-world"
    assert (await quiet.call("POST", "/v1/world/compare", {"view": {}})).kind == "no-world"
    assert (await quiet.call("GET", "/v1/world?at=noon")).kind == "query"
