import { expect } from "@playwright/test";
import { control, test } from "../support/pvws.js";

// The page, connected to a server.
async function open(page, server) {
  const address = new URL("../index.html", import.meta.url);
  address.searchParams.set("server", server);
  await page.goto(address.href);
}

test("it shows what is true of the network", async ({ page, world }) => {
  await open(page, world.url);
  await expect(page.getByRole("status")).toHaveText("Live");
  await world.advance("20s");
  const { fileCount, peers } = await world.truth();
  expect(fileCount).toBeGreaterThan(20);
  await expect(page.locator("#files")).toHaveText(String(fileCount));
  await expect(page.locator("#peers li:not(.away)")).toHaveCount(peers.filter((peer) => peer.connected).length);
  await expect(page.locator("#peers li.away")).toHaveCount(1);
});

test("it says that the connection is lost, and goes on where it was when it is back", async ({ page, world }) => {
  await open(page, world.url);
  await expect(page.getByRole("status")).toHaveText("Live");
  await world.advance("5s");
  await world.fault({ status: 503 });
  await world.disconnect(1012, "restarting");
  await expect(page.getByRole("status")).toHaveText("Connection lost. Trying again…");
  await world.noFaults();
  await expect(page.getByRole("status")).toHaveText("Live");
  await world.advance("5s");
  await expect(page.locator("#files")).toHaveText(String((await world.truth()).fileCount));
});

test("what an alert says is text, whatever is in it", async ({ page, world }) => {
  await open(page, world.url);
  await expect(page.getByRole("status")).toHaveText("Live");
  const message = "<img src=x onerror=\"document.title='taken over'\">";
  await world.emit("security_alert", { level: "critical", message });
  await expect(page.locator("#alerts li.critical")).toHaveText(`critical: ${message}`);
  await expect(page).toHaveTitle("PeerVault");
});

// No world of its own: what the page does while the scenario sends it away is judged by `pvws test`.
test("it rides out the outage of the scenario", async ({ page }) => {
  await open(page, `${process.env.PVWS_URL}?client=commuter`);
  await control("POST", "/journal/wait", { did: "subscribes", topic: "alerts", count: 2, timeout: "20s" });
  await expect(page.getByRole("status")).toHaveText("Live");
});
