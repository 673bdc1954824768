// A plain JavaScript client: node client.mjs URL COUNT TOPIC...
//
// Subscribes to the topics, prints each message as it came, one a line, and leaves after COUNT of them with exit code 0.
// A connection that fails or ends before is told on stderr, with exit code 1.

import WebSocket from "ws";

const [url, count, ...topics] = process.argv.slice(2);
const wanted = Number(count);
if (!url || !Number.isInteger(wanted) || wanted < 1) {
  console.error("usage: node client.mjs URL COUNT TOPIC...");
  process.exit(2);
}

let received = 0;
process.exitCode = 1;
const socket = new WebSocket(url);

socket.on("open", () => {
  for (const topic of topics) {
    socket.send(JSON.stringify({ type: "subscribe", topic }));
  }
});

socket.on("message", (data, isBinary) => {
  if (received === wanted) {
    return; // sent before the server read our close frame
  }
  const text = data.toString();
  JSON.parse(text); // anything else is a failure, told with a stack
  if (isBinary || text.includes("\n")) {
    throw new Error("expected a text message of one line");
  }
  console.log(text);
  received += 1;
  if (received === wanted) {
    process.exitCode = 0;
    socket.close(1000);
  }
});

socket.on("close", (code, reason) => {
  if (received < wanted) {
    console.error(`closed with ${code} ${reason} after ${received} of ${wanted} messages`);
  }
});

socket.on("error", (error) => {
  console.error(`${url}: ${error.message || error.code}`);
});
