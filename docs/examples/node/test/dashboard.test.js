import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { PeerVaultClient } from "../src/client.js";
import { Dashboard } from "../src/dashboard.js";
import { ownWorld } from "../support/pvws.js";

const TOPICS = ["file_operations", "peer_network", "alerts"];
const QUICK = { firstRetryMs: 50, mostRetryMs: 2_000 };

// A client with its dashboard, connected and subscribed.
async function dashboardAt(t, url) {
  const client = new PeerVaultClient(url, QUICK);
  t.after(() => client.close());
  const dashboard = new Dashboard();
  client.on("event", (event) => dashboard.take(event));
  client.subscribe(...TOPICS);
  await once(client, "connected");
  await client.ping(); // the subscriptions hold
  return { client, dashboard };
}

test("the dashboard shows what is true of the network", async (t) => {
  const world = await ownWorld(t);
  const { client, dashboard } = await dashboardAt(t, world.url);
  await world.advance("20s");
  await client.ping();
  assert.ok(dashboard.files.size > 20, `only ${dashboard.files.size} files`);
  assert.equal(dashboard.peers.size, 7);
  const files = [...dashboard.files].map(([key, size]) => ({ key, size }));
  const peers = [...dashboard.peers].map(([id, connected]) => ({ id, connected }));
  assert.deepEqual(await world.differences({ fileCount: dashboard.files.size, files, peers }), []);
});

test("it comes back after an outage, subscribes to everything again, and goes on counting", async (t) => {
  const world = await ownWorld(t);
  const { client, dashboard } = await dashboardAt(t, world.url);
  await world.advance("5s");
  await world.fault({ status: 503, attempts: 2 });
  const outage = [];
  client.on("disconnected", (event) => outage.push(event));
  await world.disconnect(1012, "restarting");
  await world.subscriptions(2 * TOPICS.length);
  assert.deepEqual(outage.map(({ reason }) => reason), ["restarting", "HTTP 503", "HTTP 503"]);
  await world.advance("5s");
  await client.ping();
  assert.deepEqual(await world.differences({ fileCount: dashboard.files.size }), []);
});

test("what it does not understand changes nothing", async (t) => {
  const world = await ownWorld(t);
  const { client, dashboard } = await dashboardAt(t, world.url);
  const ignored = [];
  client.on("ignored", ({ why }) => ignored.push(why));
  await world.emitRaw('{"type":"file_uploaded","topic":', ["file_operations"]);
  await world.emitRaw("null", ["file_operations"]);
  await world.emitRaw('{"type":"file_pinned","topic":"file_operations","data":{"key":"a"}}', ["file_operations"]);
  await world.emitRaw(
    '{"type":"file_uploaded","topic":"file_operations","data":{"key":"a","size":1}}\n' +
      '{"type":"file_uploaded","topic":"file_operations","data":{"key":"b","size":2}}',
    ["file_operations"],
  );
  await world.emit("storage_alert", { level: "critical", message: "almost full" });
  await client.ping();
  assert.deepEqual(ignored, ["no JSON", "no topic"]);
  assert.deepEqual([...dashboard.files], [["a", 1], ["b", 2]]);
  assert.deepEqual(dashboard.alerts, [{ level: "critical", message: "almost full" }]);
});
