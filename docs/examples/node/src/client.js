// A client of the PeerVault WebSocket API that stays: it comes back when the connection is lost, and asks again for
// everything it had asked for. What it does not understand it passes over.
//
// It emits
//   "event"         a message of one of its topics
//   "connected"     its topics have been asked for
//   "disconnected"  { code, reason, retryInMs }; retryInMs is null when it won't come back
//   "ignored"       { text, why }: something that is no message, or an error that the server told

import { EventEmitter } from "node:events";
import WebSocket from "ws";

export class PeerVaultClient extends EventEmitter {
  #url;
  #socket = null;
  #topics = new Set();
  #pings = [];
  #closing = false;
  #failures = 0;
  #notBefore = 0;
  #timer = null;
  #firstRetryMs;
  #mostRetryMs;
  #heartbeatMs;
  #headers;

  constructor(url, { firstRetryMs = 500, mostRetryMs = 30_000, heartbeatMs = 20_000, token } = {}) {
    super();
    this.#url = url;
    this.#firstRetryMs = firstRetryMs;
    this.#mostRetryMs = mostRetryMs;
    this.#heartbeatMs = heartbeatMs;
    this.#headers = token ? { Authorization: `Bearer ${token}` } : {};
    this.#connect();
  }

  subscribe(...topics) {
    for (const topic of topics) {
      this.#topics.add(topic);
      this.#send({ type: "subscribe", topic });
    }
  }

  unsubscribe(...topics) {
    for (const topic of topics) {
      this.#topics.delete(topic);
      this.#send({ type: "unsubscribe", topic });
    }
  }

  // Resolves when everything that was sent to us before has been emitted: the server answers in order.
  ping() {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN || Date.now() < this.#notBefore) {
        reject(new Error("not connected, or asked to be quiet"));
        return;
      }
      this.#pings.push({ resolve, reject });
      this.#send({ type: "ping" });
    });
  }

  // Leaves for good; resolves when the connection has ended.
  close() {
    this.#closing = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket === null) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      socket.once("close", resolve);
      socket.close(1000);
    });
  }

  #connect() {
    const socket = new WebSocket(this.#url, { handshakeTimeout: 10_000, headers: this.#headers });
    this.#socket = socket;
    socket.on("open", () => {
      this.#watch(socket);
      this.#ask();
      this.emit("connected");
    });
    socket.on("message", (data) => this.#receive(data.toString()));
    socket.on("unexpected-response", (request, response) => {
      this.#waitFor(Number(response.headers["retry-after"]));
      if (response.statusCode === 401 || response.statusCode === 403) {
        this.#closing = true; // the same token again would be no better
      }
      request.destroy();
      this.#lost(socket, 1006, `HTTP ${response.statusCode}`);
    });
    socket.on("error", () => {}); // "close" follows
    socket.on("close", (code, reason) => this.#lost(socket, code, reason.toString()));
  }

  // A connection may stand although nobody is there any more. Whoever is there answers a ping.
  #watch(socket) {
    let alive = true;
    for (const sign of ["message", "ping", "pong"]) {
      socket.on(sign, () => {
        alive = true;
      });
    }
    const timer = setInterval(() => {
      if (!alive) {
        socket.terminate();
        return;
      }
      alive = false;
      socket.ping();
    }, this.#heartbeatMs);
    socket.on("close", () => clearInterval(timer));
  }

  #ask() {
    for (const topic of this.#topics) {
      this.#send({ type: "subscribe", topic });
    }
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN && Date.now() >= this.#notBefore) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  // The real server joins messages with newlines when it is busy.
  #receive(text) {
    this.#failures = 0; // only now is it known that somebody is there
    for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
      let message;
      try {
        message = JSON.parse(line);
      } catch {
        this.emit("ignored", { text: line, why: "no JSON" });
        continue;
      }
      this.#take(message, line);
    }
  }

  #take(message, text) {
    switch (message?.type) {
      case "pong":
        this.#pings.shift()?.resolve();
        break;
      case "error":
        this.#waitFor(message.data?.retryAfter);
        if (message.data?.code === "RATE_LIMIT_EXCEEDED") {
          clearTimeout(this.#timer);
          this.#timer = setTimeout(() => this.#ask(), this.#notBefore - Date.now() + 100); // what went unheard, again
        }
        if (message.data?.code === "AUTH_FAILED") {
          this.#closing = true;
        }
        this.emit("ignored", { text, why: message.data?.message });
        break;
      default:
        if (typeof message?.topic === "string") {
          this.emit("event", message);
        } else {
          this.emit("ignored", { text, why: "no topic" });
        }
    }
  }

  #waitFor(seconds) {
    if (seconds > 0) {
      this.#notBefore = Date.now() + seconds * 1000;
    }
  }

  // Exponential backoff with equal jitter: half of the ceiling for certain, the other half by chance, so that a
  // server that comes back is not met by all of its clients at once.
  #lost(socket, code, reason) {
    if (socket !== this.#socket) {
      return; // told already
    }
    this.#socket = null;
    for (const { reject } of this.#pings.splice(0)) {
      reject(new Error(`connection lost: ${code} ${reason}`));
    }
    let retryInMs = null;
    if (!this.#closing) {
      const ceiling = Math.min(this.#firstRetryMs * 2 ** this.#failures, this.#mostRetryMs);
      retryInMs = Math.max(ceiling / 2 + (Math.random() * ceiling) / 2, this.#notBefore - Date.now());
      this.#failures += 1;
      this.#timer = setTimeout(() => this.#connect(), retryInMs);
    }
    this.emit("disconnected", { code, reason, retryInMs });
  }
}
