// The test-bed, from a test: its control plane is HTTP and JSON, so a few lines are all that is needed.

import { randomUUID } from "node:crypto";
import { test as base } from "@playwright/test";

// Asks the control plane; what it refuses is an error that says why.
export async function control(method, path, body) {
  const response = await fetch(`${process.env.PVWS_CONTROL_URL}/v1${path}`, {
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

// Tests that ask for `world` get one of their own, whose clock stands until they move it. It plays what the server
// plays, from its start, and ends with the test.
export const test = base.extend({
  world: async ({}, use) => {
    const name = `test-${randomUUID()}`;
    const { url } = await control("PUT", `/worlds/${name}`, { ttl: "2m", held: true });
    const here = (path) => `${path}?world=${name}`;
    await use({
      url,
      truth: () => control("GET", here("/world")),
      advance: (by) => control("POST", here("/clock/advance"), { by }),
      emit: (type, data) => control("POST", here("/emit"), { type, data }),
      disconnect: (code, reason) => control("POST", here("/disconnect"), { clients: "all", code, reason }),
      fault: (fault) => control("POST", here("/faults"), fault),
      noFaults: () => control("DELETE", here("/faults")),
    });
    await control("DELETE", `/worlds/${name}`);
  },
});
