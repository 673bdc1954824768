// A client as one writes it with a reconnecting WebSocket from npm, used as it comes: node reconnecting.mjs PACKAGE
//
// PACKAGE is partysocket or reconnecting-websocket. It listens to every topic at $PVWS_URL, and leaves on SIGTERM. What
// is read is read with care here, since the packages do not look at it: what they do about connections that are lost, late
// or closed is what is examined. docs/exam-results.md has the outcome.

import WS from "ws";

const name = process.argv[2];
const { WebSocket: named, default: byDefault } = await import(name);
const Reconnecting = named ?? byDefault;

const topics = ["file_operations", "peer_network", "system", "alerts"];
const url = new URL(process.env.PVWS_URL);
if (process.env.PVWS_TOKEN) {
  url.searchParams.set("token", process.env.PVWS_TOKEN); // as browsers have to: they can send no header
}
const socket = new Reconnecting(url.href, [], { WebSocket: WS });
let seen = 0;

socket.addEventListener("open", () => {
  for (const topic of topics) {
    socket.send(JSON.stringify({ type: "subscribe", topic, data: topic }));
  }
});

socket.addEventListener("message", (event) => {
  for (const text of String(event.data).split("\n")) {
    try {
      seen += JSON.parse(text).topic ? 1 : 0;
    } catch {
      console.error(`passed over ${text.slice(0, 60)}`);
    }
  }
});

socket.addEventListener("error", () => {}); // the package tries again by itself

process.on("SIGTERM", () => {
  if (socket.readyState !== WS.OPEN) {
    process.exit(0); // there is nobody to say goodbye to
  }
  socket.addEventListener("close", () => process.exit(0));
  socket.close(1000);
});
