// Shows a PeerVault network as it lives: index.html?server=ws://localhost:8083/ws

"use strict";

const TOPICS = ["file_operations", "peer_network", "alerts"];
const FIRST_RETRY_MS = 250;
const MOST_RETRY_MS = 30_000;

const server = new URLSearchParams(location.search).get("server") ?? "ws://localhost:8083/ws";
const status = document.querySelector("[role=status]");
const files = new Map(); // key → size
const peers = new Map(); // id → its line in the list
let failures = 0;

function connect() {
  const socket = new WebSocket(server);
  socket.onopen = () => {
    for (const topic of TOPICS) {
      socket.send(JSON.stringify({ type: "subscribe", topic }));
    }
    socket.send(JSON.stringify({ type: "ping" })); // answered when the subscriptions hold
  };
  socket.onmessage = ({ data }) => {
    for (const text of data.split("\n")) { // the real server joins messages when it is busy
      read(text);
    }
  };
  socket.onclose = () => {
    // Exponential backoff with jitter, so that not all pages come back at once.
    const ceiling = Math.min(FIRST_RETRY_MS * 2 ** failures, MOST_RETRY_MS);
    failures += 1;
    status.textContent = "Connection lost. Trying again…";
    setTimeout(connect, ceiling / 2 + (Math.random() * ceiling) / 2);
  };
}

function read(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return; // one broken message is no reason to lose the others
  }
  if (typeof message?.type === "string") {
    failures = 0;
    show(message.type, message.data ?? {});
  }
}

function show(type, data) {
  switch (type) {
    case "pong":
      status.textContent = "Live";
      break;
    case "file_uploaded":
    case "file_updated":
      files.set(data.key, data.size);
      break;
    case "file_deleted":
      files.delete(data.key);
      break;
    case "peer_connected":
    case "peer_disconnected":
      peerLine(data.id).classList.toggle("away", type === "peer_disconnected");
      break;
    default:
      if (type.endsWith("_alert")) {
        const line = document.createElement("li");
        line.className = data.level;
        line.textContent = `${data.level}: ${data.message}`; // a text, never markup
        document.getElementById("alerts").prepend(line);
      }
  }
  document.getElementById("files").textContent = files.size;
}

function peerLine(id) {
  if (!peers.has(id)) {
    const line = document.createElement("li");
    line.textContent = id.slice(0, 8);
    document.getElementById("peers").append(line);
    peers.set(id, line);
  }
  return peers.get(id);
}

connect();
