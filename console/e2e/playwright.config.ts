import { defineConfig } from '@playwright/test';

// The server is started by the caller and named in SEKISHO_URL. Without one the built console is served with the invented
// answers of mock/, which is for work on the console alone.
const server = process.env.SEKISHO_URL;
const preview = 'http://127.0.0.1:4175';

// A test walks through many pages of a store of 300,000 events; a server built without optimisation on two busy cores takes a
// third of this.
const TEST_MS = 180_000;
// One answer of the server, drawn.
const EXPECT_MS = 15_000;

export default defineConfig({
  testDir: '.',
  outputDir: 'output/results',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: TEST_MS,
  expect: { timeout: EXPECT_MS },
  reporter: [['list']],
  use: {
    baseURL: server ?? preview,
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'Asia/Tokyo',
    actionTimeout: EXPECT_MS,
    navigationTimeout: EXPECT_MS,
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Chromium refuses its sandbox to root, who runs tests in containers.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
  ...(server === undefined
    ? {
        webServer: {
          command: 'npx vite preview --port 4175 --strictPort --host 127.0.0.1',
          cwd: '..',
          url: preview,
          timeout: 30_000,
        },
      }
    : {}),
});
