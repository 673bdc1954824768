"""How a stage is doing."""

from tests.support.steered import Steered


async def test_it_counts_events_clients_and_deliveries(played: Steered) -> None:
    async with played.client("file_operations", "alerts"):
        await played.call("POST", "/v1/clock/advance", {"by": "20s"})
        state = (await played.call("GET", "/v1/state")).body
    assert (state["world"], state["clients"]) == ("main", 1)
    counts = state["events"]["by_topic"]
    assert counts["file_operations"] > 0
    assert state["events"]["total"] == sum(counts.values())
    ledger = state["ledger"]
    assert ledger["owed"] == ledger["written"] == counts["file_operations"] + counts["alerts"]
    assert ledger["lateness"]["count"] == ledger["written"]
    assert (await played.call("GET", "/v1/ledger")).body["owed"] == ledger["owed"]
