import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  reporter: "list",
  workers: 1,
  expect: { timeout: 20_000 }, // a condition is waited for, and mostly met at once
  use: {
    browserName: "chromium",
    viewport: { width: 800, height: 600 },
    // A browser that is there already, instead of the one that `npx playwright install chromium` brings.
    launchOptions: { executablePath: process.env.CHROMIUM || undefined },
  },
});
