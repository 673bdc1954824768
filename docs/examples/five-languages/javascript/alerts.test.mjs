import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import WebSocket from "ws";

test("an alert arrives", { timeout: 10_000 }, async () => {
  const socket = new WebSocket(process.env.PVWS_URL);
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "subscribe", topic: "alerts" }));
  const [message] = await once(socket, "message");
  assert.equal(JSON.parse(message).data.value, 97.5);
  socket.close();
  await once(socket, "close");
});
