"""Scenarios over HTTP: what plays, something else in its place, and what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest

from pvws.stage.shipped import shipped_scenarios
from tests.support.steered import Reply, Steered

SHORT = "pvws: 1\nscenario: short\ndescription: A short one.\nduration: 5s\nnetwork: {peers: 2}\n"
WITH_PARAMETER = 'scenario: other\nparameters: {peers: 4}\nnetwork: {peers: "${peers}"}\n'


async def load(server: Steered, **wish: Any) -> Reply:
    return await server.call("PUT", "/v1/scenario", wish)


async def test_the_shipped_ones_are_listed(quiet: Steered) -> None:
    found = {each["name"]: each for each in (await quiet.call("GET", "/v1/scenarios")).body["scenarios"]}
    assert found.keys() == shipped_scenarios().keys()
    assert found["quickstart"]["duration_s"] == 30.0
    assert found["quickstart"]["title"].startswith("Peers join")


async def test_what_plays_is_told(played: Steered) -> None:
    assert (await played.call("GET", "/v1/scenario")).body == {
        "name": "story",
        "title": "",
        "seed": 0,
        "duration_s": 60.0,
        "source": "story",
    }
    assert (await played.call("GET", "/v1/state")).body["scenario"]["name"] == "story"


async def test_where_nothing_plays_that_is_told_with_what_helps(quiet: Steered) -> None:
    reply = await quiet.call("GET", "/v1/scenario")
    assert (reply.status, reply.kind) == (409, "no-world")
    assert "PUT /v1/scenario" in reply.body["detail"]
    reply = await quiet.call("POST", "/v1/scenario/reload")
    assert (reply.status, reply.kind) == (409, "no-world")
    reply = await load(quiet, seed=5)
    assert (reply.status, reply.mistakes[0][0]) == (422, "scenario")


async def test_a_shipped_one_is_loaded_while_clients_stay(played: Steered) -> None:
    async with played.client("peer_network") as client:
        await played.call("POST", "/v1/clock/advance", {"by": "5s"})
        seen = len(await client.catch_up())
        reply = await load(played, scenario="quickstart", seed=7, held=True)
        assert (reply.status, reply.body["name"], reply.body["seed"]) == (200, "quickstart", 7)
        assert (await played.call("GET", "/v1/clock")).body["held"]
        await played.call("POST", "/v1/clock/advance", {"by": "5s"})
        assert len(await client.catch_up()) > seen + 1


async def test_one_is_loaded_from_texts_that_lie_nowhere(quiet: Steered) -> None:
    files = {"a.yaml": "include: b.yaml\nduration: 9s\n", "b.yaml": SHORT}
    reply = await load(quiet, files=files, main="a.yaml", held=True, speed="max")
    assert reply.status == 200, reply.content
    assert (reply.body["name"], reply.body["title"], reply.body["duration_s"]) == ("short", "A short one.", 9.0)
    assert (await quiet.call("GET", "/v1/clock")).body["speed"] == "max"


async def test_parameters_are_set_and_the_same_is_loaded_otherwise(quiet: Steered) -> None:
    wish = {"files": {"a.yaml": WITH_PARAMETER}, "main": "a.yaml", "held": True, "set": {"peers": 3}}
    assert (await load(quiet, **wish)).status == 200
    await quiet.call("POST", "/v1/clock/advance", {"by": "1s"})
    assert len((await quiet.call("GET", "/v1/world")).body["peers"]) == 3
    reply = await load(quiet, set={"peers": "5"}, duration="20s")
    assert (reply.status, reply.body["duration_s"]) == (200, 20.0)
    await quiet.call("POST", "/v1/clock/advance", {"by": "1s"})
    assert len((await quiet.call("GET", "/v1/world")).body["peers"]) == 5


async def test_one_on_disk_is_read_again(quiet: Steered, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SHORT)
    assert (await load(quiet, scenario=str(path), held=True)).body["duration_s"] == 5.0
    path.write_text(SHORT.replace("5s", "7s"))
    assert (await quiet.call("POST", "/v1/scenario/reload")).body["duration_s"] == 7.0
    path.write_text(SHORT.replace("5s", "soon"))
    reply = await quiet.call("POST", "/v1/scenario/reload")
    assert (reply.status, reply.kind) == (422, "invalid")
    (mistake,) = reply.body["errors"]
    assert (mistake["file"], mistake["line"], mistake["path"]) == (str(path), 4, "duration")
    assert (await quiet.call("GET", "/v1/scenario")).body["duration_s"] == 7.0


async def test_what_is_unloaded_plays_no_more(played: Steered) -> None:
    assert (await played.call("DELETE", "/v1/scenario")).body == {}
    assert (await played.call("GET", "/v1/state")).body["scenario"] is None
    assert (await played.call("GET", "/v1/world")).kind == "no-world"


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"scenario": "quickstrat"}, "SCENARIO"),
        ({"scenario": "quickstart", "files": {}, "main": "a"}, ""),
        ({"files": {"a": ""}}, "main"),
        ({"main": "a"}, "main"),
        ({"files": {"a": ""}, "main": "b"}, "main"),
        ({"scenario": "quickstart", "speed": "fast"}, "speed"),
        ({"scenario": "quickstart", "set": {"network.peers": []}}, "set.network.peers"),
        ({"scenario": "quickstart", "start": "soon"}, "start"),
    ],
)
async def test_what_is_wrong_is_told_and_the_old_one_goes_on(played: Steered, wish: dict[str, Any], path: str) -> None:
    reply = await load(played, **wish)
    assert (reply.status, reply.kind) == (422, "invalid")
    assert reply.mistakes[0][0] == path, reply.body
    assert (await played.call("GET", "/v1/scenario")).body["name"] == "story"


async def test_every_mistake_of_a_script_is_told_with_its_line(quiet: Steered) -> None:
    script = "scenario: x\nduration: soon\nnetwork: {peers: many}\n"
    reply = await load(quiet, files={"x.yaml": script}, main="x.yaml")
    assert [(each["file"], each["line"], each["path"]) for each in reply.body["errors"]] == [
        ("x.yaml", 2, "duration"),
        ("x.yaml", 3, "network.peers"),
    ]


async def test_the_schema_is_that_of_editors(quiet: Steered) -> None:
    schema = (await quiet.call("GET", "/v1/schema/scenario")).body
    assert schema["$id"] == "urn:pvws:schema:scenario:1"
