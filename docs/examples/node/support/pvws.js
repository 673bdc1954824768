// The test-bed, from a test: its control plane is HTTP and JSON, so a few lines are all that is needed.

import { randomUUID } from "node:crypto";

const CONTROL = process.env.PVWS_CONTROL_URL;

// Asks the control plane; what it refuses is an error that says why.
export async function control(method, path, body) {
  const response = await fetch(`${CONTROL}/v1${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${answer.detail}`);
  }
  return answer;
}

// A world of the test's own, whose clock stands until the test moves it. It plays what the server plays, from its
// start, and ends with the test.
export async function ownWorld(t) {
  const name = `test-${randomUUID()}`;
  const { url } = await control("PUT", `/worlds/${name}`, { ttl: "60s", held: true });
  t.after(() => control("DELETE", `/worlds/${name}`));
  const here = (path) => `${path}?world=${name}`;
  return {
    url,
    advance: (by) => control("POST", here("/clock/advance"), { by }),
    emit: (type, data) => control("POST", here("/emit"), { type, data }),
    emitRaw: (text, topics) => control("POST", here("/emit"), { text, topics }),
    disconnect: (code, reason) => control("POST", here("/disconnect"), { clients: "all", code, reason }),
    fault: (fault) => control("POST", here("/faults"), fault),
    // Waits until clients have subscribed so many times.
    subscriptions: (count) => control("POST", here("/journal/wait"), { type: "subscribe", count }),
    // What is wrong in a view of the network; nothing, if it is right in all that it says.
    differences: async (view) =>
      (await control("POST", here("/world/compare"), { view, partial: true })).differences,
  };
}
