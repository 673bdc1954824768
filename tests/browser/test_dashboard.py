"""The dashboard in a real browser, beside clients on real sockets."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from websockets.sync.client import ClientConnection, connect

from tests.support.command import Serving
from tests.support.worlds import World

OFFERED = """async (schema) => {
  const { FaultForm } = await import('/dashboard/fault_form.js');
  const form = new FaultForm(document.createElement('div'), document.createElement('code'), schema);
  return Object.fromEntries(form.kinds.map(({ name }) => {
    form.select.value = name;
    form.choose();
    const hint = form.value.element.querySelector('small')?.textContent ?? '';
    const asked = form.fields.filter(({ element }) => !element.hidden).map((field) => field.name);
    return [name, { asked, hint, mapping: form.mapping() }];
  }));
}"""

ALL = ("file_operations", "peer_network", "system", "alerts")


@contextmanager
def client(world: World, name: str, *topics: str) -> Iterator[ClientConnection]:
    """A client that calls itself something, subscribed."""
    with connect(f"{world.url}&client={name}", max_queue=None) as socket:  # it reads on whatever comes
        for topic in topics:
            socket.send(json.dumps({"type": "subscribe", "topic": topic}))
        answered(socket)
        yield socket


def answered(socket: ClientConnection) -> list[str]:
    """The types of what it was sent so far: a pong comes behind it."""
    socket.send('{"type":"ping"}')
    types = list[str]()
    while not types or types[-1] != "pong":
        types.append(json.loads(socket.recv(timeout=20))["type"])
    return types[:-1]


def opened(page: Page, world: World) -> None:
    """Look at a world, and see it live."""
    page.goto(world.page)
    expect(page.locator("#link")).to_have_text("Live")


def test_a_running_scenario_is_seen_with_its_network_rates_events_and_clients(page: Page, world: World) -> None:
    with client(world, "ios", "file_operations", "alerts"), client(world, "quiet"):
        opened(page, world)
        expect(page.locator("#scenario-name")).to_have_text("pictured")
        expect(page).to_have_title("pictured · pvws")
        expect(page.locator("#elapsed")).to_have_text("0:00.0")
        world.post("/v1/clock/speed", speed=10)
        world.post("/v1/clock/resume")
        expect(page.locator("#elapsed")).not_to_have_text("0:00.0")
        expect(page.locator("#graph")).to_have_attribute("aria-label", re.compile("Network of 16 peers"))
        expect(page.locator("#network-note")).to_have_text(re.compile(r"\d+ links"))
        expect(page.locator("#tile-peers-of")).to_have_text("of 16")
        expect(page.locator("#tile-storage-text")).to_have_text(re.compile(r"% of [\d.]+ GiB, \d+ files?"))
        expect(page.locator("#fullest li")).to_have_count(12)
        expect(page.locator("#tile-rate")).not_to_have_text(re.compile("^(–|0)$"))
        expect(page.locator("#rate-legend [data-topic=file_operations] b")).to_have_text(re.compile(r"[1-9]"))
        expect(page.locator(".event:visible").first).to_contain_text(re.compile("file_|peer_|_metrics|_alert"))
        expect(page.locator("#tile-late")).to_have_text(re.compile(r"\d"))
        expect(page.locator("#alert-list li[data-level]").first).to_be_visible()
        rows = page.locator("#client-rows tr")
        expect(rows).to_have_count(2)
        expect(rows.nth(0)).to_contain_text("ios")
        expect(rows.nth(0).get_by_role("img")).to_have_accessible_name("File operations, Alerts")
        expect(rows.nth(0).locator("td").nth(1)).to_have_text(re.compile(r"[1-9]"))
        expect(rows.nth(1).get_by_role("img")).to_have_accessible_name("no topics")
    expect(page.locator("#client-rows tr")).to_have_count(0)
    expect(page.locator("#clients-empty")).to_contain_text("Nobody is connected")


def test_the_clock_is_held_stepped_moved_on_sped_up_and_set(page: Page, world: World) -> None:
    opened(page, world)
    hold = page.locator("#hold")
    expect(hold).to_have_text("Resume")
    expect(page.locator("#instant")).to_contain_text("held")
    start = world.get("/v1/clock")["at"]

    page.locator("#step").click()
    expect(page.locator("#tile-total")).not_to_have_text("0 in all")
    stepped = world.get("/v1/clock")
    assert stepped["held"]
    world.post("/v1/clock/seek", to=start)
    expect(page.locator("#elapsed")).to_have_text("0:00.0")

    page.get_by_label("Advance by").fill("7s")
    page.get_by_role("button", name="Advance").click()
    expect(page.locator("#elapsed")).to_have_text("0:07.0")
    page.get_by_label("Advance by").fill("soon")
    page.get_by_role("button", name="Advance").click()
    expect(page.locator(".toast")).to_contain_text("soon")

    page.get_by_role("radio", name="10×").click()
    expect(page.get_by_role("radio", name="10×")).to_have_attribute("aria-checked", "true")
    assert world.get("/v1/clock")["speed"] == 10
    world.post("/v1/clock/speed", speed=120)
    expect(page.get_by_role("radio", name="120×")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)

    page.get_by_label("Seek to an instant").press("End")
    expect(page.locator("#elapsed")).to_have_text("3:00.0")
    page.get_by_label("Seek to an instant").press("Home")
    expect(page.locator("#elapsed")).to_have_text("0:00.0")

    hold.click()
    expect(hold).to_have_text("Hold")
    expect(page.locator("#elapsed")).not_to_have_text("0:00.0")
    hold.click()
    expect(hold).to_have_text("Resume")
    assert world.get("/v1/clock")["held"]


def test_a_fault_switched_on_reaches_the_client_it_names_and_no_other(page: Page, world: World) -> None:
    with client(world, "ios", *ALL) as ios, client(world, "web", *ALL) as web:
        opened(page, world)
        page.get_by_role("button", name="A fault for ios").click()
        dialog = page.get_by_role("dialog", name="Add a fault")
        dialog.get_by_label("What", exact=True).select_option("drop")
        dialog.get_by_label("Drop").fill("100%")
        expect(dialog.get_by_label("Client", exact=True)).to_have_value("ios")
        dialog.get_by_label("Peer network").check()
        expect(page.locator("#fault-preview")).to_have_text("{drop: 100%, client: ios, topics: [peer_network]}")
        dialog.get_by_role("button", name="Add").click()
        expect(dialog).to_be_hidden()
        expect(page.locator("#fault-list code")).to_contain_text("drop: 100%")
        expect(page.locator("#client-rows tr").nth(0)).to_have_attribute("data-faulty", "")

        world.post("/v1/clock/advance", by="8s")
        here, there = answered(ios), answered(web)
        dropped = [each for each in there if each.startswith(("peer_", "network_topology"))]
        assert dropped
        assert [each for each in there if each not in dropped] == here
        expect(page.locator("#fault-list small")).to_contain_text(f"{len(dropped)} dropped")

        page.get_by_role("button", name=re.compile("Remove fault")).click()
        expect(page.locator("#faults-empty")).to_be_visible()
        assert world.get("/v1/faults")["faults"] == []
        world.post("/v1/clock/advance", by="8s")
        assert answered(ios) == answered(web)


def test_every_kind_of_fault_can_be_switched_on_with_what_the_form_offers(page: Page, world: World) -> None:
    opened(page, world)
    schema = world.get("/v1/schema/fault")
    offered = page.evaluate(OFFERED, schema)
    assert [*offered] == schema["x-kinds"]
    for kind, form in offered.items():
        assert form["asked"] == schema["x-scopes"][kind]
        if kind not in schema["x-levels"]["listener"]:  # those would concern the other tests as well
            assert world.post("/v1/faults", **form["mapping"])["kind"] == kind
    assert offered["corrupt"]["hint"].endswith("With more: {how: …, share: …}")
    assert "invalid_utf8" in offered["corrupt"]["hint"]
    assert "+- 50ms, {lognormal: {median: 80ms, sigma: 0.5}}" in offered["latency"]["hint"]
    dialog = page.get_by_role("dialog", name="Add a fault")
    for kind, said in (
        ("corrupt", "any"),
        ("corrupt", "{how: truncate, share: 5%}"),
        ("latency", "200ms +- 50ms"),
        ("latency", "{lognormal: {median: 80ms, sigma: 0.5}}"),
    ):
        page.keyboard.press("f")
        dialog.get_by_label("What", exact=True).select_option(kind)
        dialog.locator("#fault-value").fill(said)
        expect(page.locator("#fault-preview")).to_have_text(f"{{{kind}: {said}}}")
        dialog.get_by_role("button", name="Add").click()
        expect(dialog).to_be_hidden()
    faults = world.get("/v1/faults")["faults"]
    assert len(faults) > 10
    expect(page.locator("#faults-count")).to_have_text(str(len(faults)))
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator("#faults-empty")).to_be_visible()
    assert world.get("/v1/faults")["faults"] == []


def test_a_fault_that_is_none_is_answered_beside_what_was_written(page: Page, world: World) -> None:
    opened(page, world)
    page.keyboard.press("f")
    dialog = page.get_by_role("dialog", name="Add a fault")
    dialog.get_by_label("What", exact=True).select_option("drop")
    dialog.get_by_label("Drop").fill("often")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_contain_text("often")
    expect(dialog.get_by_label("Drop")).to_have_value("often")
    assert world.get("/v1/faults")["faults"] == []


def test_a_client_is_disconnected_with_the_code_that_was_chosen(page: Page, world: World) -> None:
    with client(world, "ios") as ios:
        opened(page, world)
        page.get_by_role("button", name="Disconnect ios").click()
        dialog = page.get_by_role("dialog", name="Disconnect ios")
        dialog.get_by_label("Code").fill("4001")
        dialog.get_by_label("Reason").fill("out you go")
        dialog.get_by_role("button", name="Disconnect").click()
        with pytest.raises(Exception, match="4001") as closed:
            ios.recv(timeout=20)
        assert "out you go" in str(closed.value)
    expect(page.locator("#client-rows tr")).to_have_count(0)


def test_events_are_filtered_paused_and_shown_in_detail(page: Page, world: World) -> None:
    opened(page, world)
    world.post("/v1/clock/advance", by="3s")
    rows = page.locator(".event:visible")
    expect(rows.first).to_contain_text("_")

    page.get_by_label("Event type").select_option("peer_connected")
    expect(rows).to_have_count(16)
    expect(rows.first).to_contain_text("peer_connected")
    page.keyboard.press("/")
    page.get_by_label("Filter by text").fill("nothing has this")
    expect(rows).to_have_count(0)
    page.get_by_label("Filter by text").fill("")
    page.get_by_label("Event type").select_option("")
    for topic in ("File operations", "System", "Alerts"):
        page.locator("#topics").get_by_role("button", name=topic).click()
    expect(page.locator(".event:visible:not([data-topic=peer_network])")).to_have_count(0)
    for topic in ("File operations", "System", "Alerts"):
        page.locator("#topics").get_by_role("button", name=topic).click()

    first = rows.nth(2)
    kind = first.locator(".type").inner_text()
    first.click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.locator("#detail-type")).to_have_text(kind)
    shown = json.loads(page.locator("#detail-json").inner_text())
    assert shown["type"] == kind
    world.post("/v1/clock/advance", by="3s")
    expect(page.locator("#stream-note")).to_have_text(re.compile(r"Paused, [1-9]\d* newer"))
    expect(first.locator(".type")).to_have_text(kind)

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".toast")).to_contain_text("Copied")
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == shown
    page.locator("#events").press("ArrowDown")
    expect(page.locator("#detail-type")).not_to_have_text("")
    page.locator("#events").press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    page.keyboard.press("p")
    expect(page.locator("#stream-note")).to_have_text(re.compile("kept"))


def test_a_partition_is_seen_as_sides_that_stand_apart(page: Page, world: World) -> None:
    opened(page, world)
    world.post("/v1/clock/advance", by="11s")
    expect(page.locator("#network")).to_have_attribute("data-sides", "1")
    world.post("/v1/clock/advance", by="2s")
    expect(page.locator("#network")).to_have_attribute("data-sides", "2")
    expect(page.locator("#network-note")).to_contain_text("Partitioned: 2 sides")
    expect(page.locator("#legend")).to_contain_text("Away1")
    page.keyboard.press("g")
    table = page.locator("#peers")
    expect(table.locator("tr")).to_have_count(16)
    network = world.get("/v1/network")
    said = {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in table.locator("tr").all()}
    for peer in network["peers"]:
        health, *_, side = said[peer["name"]]
        assert health == ("Away" if not peer["connected"] else peer["status"].capitalize())
        assert side == (str(peer["cluster"] + 1) if peer["connected"] else "–")


def test_a_peer_is_found_with_arrow_keys_and_described(page: Page, world: World) -> None:
    opened(page, world)
    world.post("/v1/clock/advance", by="3s")
    expect(page.locator("#graph")).to_have_attribute("aria-label", re.compile("16 connected"))
    page.locator("#graph").press("ArrowRight")
    expect(page.locator("#graph-tip strong")).to_have_text("peer-1 · Online")
    page.locator("#graph").press("ArrowRight")
    expect(page.locator("#graph-tip strong")).to_contain_text("peer-2")
    expect(page.locator("#graph-said")).to_contain_text("peer-2")
    page.locator("#graph").press("Escape")
    expect(page.locator("#graph-tip")).to_be_hidden()


def test_a_scenario_is_loaded_and_unloaded(page: Page, world: World) -> None:
    with client(world, "ios", *ALL) as ios:
        opened(page, world)
        page.keyboard.press("l")
        dialog = page.get_by_role("dialog", name="Load a scenario")
        dialog.get_by_role("radio", name=re.compile("quickstart")).check()
        dialog.get_by_label("Seed").fill("42")
        dialog.get_by_label("Held at its start").check()
        dialog.get_by_role("button", name="Load", exact=True).click()
        expect(page.locator("#scenario-name")).to_have_text("quickstart")
        loaded = world.get("/v1/scenario")
        assert (loaded["name"], loaded["seed"]) == ("quickstart", 42)
        world.post("/v1/clock/advance", by="3s")
        assert "peer_connected" in answered(ios), "clients stay"

        page.keyboard.press("l")
        dialog.get_by_role("button", name="Unload").click()
        expect(page.locator("#scenario-name")).to_have_text("Nothing plays")
        expect(page.locator("#graph-empty")).to_be_visible()
        assert world.get("/v1/state")["scenario"] is None


def test_a_scenario_plays_where_nothing_did_before(page: Page, server: Serving) -> None:
    main = World(server.control, server.url)
    refused = list[str]()
    page.on("response", lambda response: refused.append(response.url) if response.status >= 400 else None)
    with client(main, "ios", *ALL) as ios:
        page.goto(server.control)
        expect(page.locator("#graph-empty")).to_contain_text("Nothing plays")
        expect(page.locator("#events-empty")).to_contain_text("None has come yet")
        expect(page.locator("#fullest-empty")).to_be_visible()
        for _ in range(2):
            with page.expect_request(re.compile("/v1/clients")):
                pass
        assert refused == [], "what has no answer is not asked for, second after second"
        page.locator("#graph-load").click()
        dialog = page.get_by_role("dialog", name="Load a scenario")
        expect(dialog.get_by_role("button", name="Unload")).to_be_hidden()
        dialog.get_by_role("radio", name=re.compile("quickstart")).check()
        dialog.get_by_role("button", name="Load", exact=True).click()
        expect(page.locator("#scenario-name")).to_have_text("quickstart")
        assert json.loads(ios.recv(timeout=20))["type"] == "peer_connected"
        expect(page.locator("#graph")).to_have_attribute("aria-label", re.compile(r"Network of \d+ peers"))
        expect(page.locator(".event:visible").first).to_be_visible()
        expect(page.locator("#events-empty")).to_be_hidden()
        assert not main.get("/v1/clock")["held"]
        page.keyboard.press("l")
        dialog.get_by_role("button", name="Unload").click()
        expect(page.locator("#graph-empty")).to_contain_text("Nothing plays")


def test_an_event_is_emitted_and_a_message_as_it_stands(page: Page, world: World) -> None:
    with client(world, "ios", "alerts") as ios, client(world, "web") as web:
        opened(page, world)
        expect(page.locator("#client-rows tr")).to_have_count(2)
        page.keyboard.press("e")
        dialog = page.get_by_role("dialog", name="Emit an event")
        dialog.get_by_label("What", exact=True).select_option("storage_alert")
        data = dialog.get_by_label("Data")
        for wrong, said in (('{"level": "hot"}', "data.level: expected one of"), ("[1]", "an object"), ("{", "JSON")):
            data.fill(wrong)
            dialog.get_by_role("button", name="Emit").click()
            expect(dialog.get_by_role("alert")).to_contain_text(said)
            expect(data).to_have_value(wrong)
        data.fill('{"level": "critical", "value": 97}')
        data.press("Control+Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator(".toast").last).to_contain_text("Emitted storage_alert")
        expect(page.locator(".toast").last).to_contain_text("for 1 client.")
        expect(page.locator(".event:visible").first).to_contain_text("storage_alert")
        event = json.loads(ios.recv(timeout=20))
        assert (event["type"], event["data"]["level"], event["data"]["value"]) == ("storage_alert", "critical", 97)
        assert answered(web) == []

        page.keyboard.press("e")
        dialog.get_by_label("What", exact=True).select_option("A message as it stands")
        expect(data).to_be_hidden()
        dialog.get_by_label("Text").fill('{"type": "half')
        dialog.get_by_label("Client").fill("web")
        dialog.get_by_role("button", name="Emit").click()
        expect(dialog).to_be_hidden()
        assert web.recv(timeout=20) == '{"type": "half'
        assert answered(ios) == []


def test_other_worlds_are_looked_at_and_made(page: Page, world: World) -> None:
    main = f"{world.page.partition('?')[0]}"
    page.goto(main)
    expect(page.locator("#scenario-name")).to_have_text("Nothing plays")
    page.get_by_label("World", exact=True).select_option(world.name)
    expect(page.locator("#scenario-name")).to_have_text("pictured")
    expect(page).to_have_url(re.compile(f"world={world.name}"))
    page.reload()
    expect(page.locator("#scenario-name")).to_have_text("pictured")

    page.get_by_label("World", exact=True).select_option("")
    dialog = page.get_by_role("dialog", name="A world of one’s own")
    dialog.get_by_label("Name").fill(f"{world.name}-beside")
    dialog.get_by_role("button", name="Make it").click()
    expect(page.get_by_label("World", exact=True)).to_have_value(f"{world.name}-beside")
    names = [each["name"] for each in world.get("/v1/worlds")["worlds"]]
    assert f"{world.name}-beside" in names
    world.delete(f"/v1/worlds/{world.name}-beside")


def test_what_a_client_sent_is_seen_with_what_was_wrong_with_it(page: Page, world: World) -> None:
    with client(world, "ios", "alerts") as ios:
        opened(page, world)
        page.get_by_role("button", name="ios", exact=True).click()
        dialog = page.get_by_role("dialog", name="ios")
        entries = dialog.locator("#journal li")
        expect(entries.filter(has_text='{"type":"ping"}')).to_have_count(1)
        expect(entries.filter(has_text="connects")).to_have_count(1)
        expect(dialog.locator("#client-facts")).to_contain_text("Alerts")
        ios.send("no JSON")
        expect(entries.first).to_contain_text("no JSON")
        expect(entries.first).to_contain_text("INVALID_MESSAGE")
        expect(entries.first).to_have_attribute("data-level", "critical")
    expect(dialog.locator("#client-facts")).to_contain_text("gone")
    expect(entries.first).to_contain_text("disconnects")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
