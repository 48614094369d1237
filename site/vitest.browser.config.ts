import { defineConfig } from 'vitest/config';

// Against a running platform, in a real Chromium: TEST_SITE_URL names the site, CHROMIUM_PATH the browser.
export default defineConfig({
  test: {
    name: 'site-browser',
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
