import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { PeerVaultClient } from "../src/client.js";

// No world of its own: what this client does while the scenario sends it away is judged by `pvws test`.
test("it rides out the outage of the scenario", async (t) => {
  const client = new PeerVaultClient(`${process.env.PVWS_URL}?client=commuter`, { firstRetryMs: 50 });
  t.after(() => client.close());
  let troubles = 0;
  client.on("disconnected", () => {
    troubles += 1;
  });
  client.subscribe("file_operations", "alerts");
  await once(client, "connected");
  await once(client, "connected");
  await client.ping();
  assert.equal(troubles, 4, "sent away once, refused three times");
});
