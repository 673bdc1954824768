// The dashboard in a terminal: node src/main.js [URL]

import { PeerVaultClient } from "./client.js";
import { Dashboard } from "./dashboard.js";

const url = process.argv[2] ?? process.env.PEERVAULT_WS_URL ?? "ws://localhost:8083/ws";
const token = process.env.PEERVAULT_TOKEN ?? process.env.PVWS_TOKEN;
const client = new PeerVaultClient(url, { token });
const dashboard = new Dashboard();

client.subscribe("file_operations", "peer_network", "alerts");
// Of the URL no more than the host is shown: there may be a token in the rest.
client.on("connected", () => console.error(`connected to ${new URL(url).host}`));
client.on("disconnected", ({ code, reason, retryInMs }) => {
  console.error(`disconnected (${code} ${reason})`);
  if (retryInMs === null) {
    process.exitCode = 1;
  } else {
    console.error(`trying again in ${Math.round(retryInMs)} ms`);
  }
});
client.on("event", (event) => {
  dashboard.take(event);
  const connected = [...dashboard.peers.values()].filter(Boolean).length;
  console.log(`${event.type}: ${dashboard.files.size} files, ${connected} peers, ${dashboard.alerts.length} alerts`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await client.close();
    process.exit(0);
  });
}
