import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      // Unit and integration tests; Postgres is at TEST_POSTGRES_URL.
      'realtime',
      'sandbox',
      'cms',
      'commerce',
      'site',
      { test: { name: 'scripts', include: ['test/scripts/**/*.test.ts'], testTimeout: 120_000 } },
      // Against a whole running platform, whose addresses are in TEST_*_URL.
      {
        test: {
          name: 'browser',
          include: ['site/test/browser/**/*.test.ts', 'test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          fileParallelism: false,
        },
      },
      // Starts, kills and stops a platform of its own.
      {
        test: {
          name: 'platform',
          include: ['test/platform/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: '.soulseer/coverage',
      include: [
        'realtime/{src,contract}/**/*.ts',
        'sandbox/{src,world}/**/*.ts',
        'cms/src/**/*.ts',
        'commerce/src/**/*.ts',
        'site/src/**/*.ts',
        'scripts/**/*.ts',
      ],
      exclude: ['cms/src/migrations/**', 'cms/src/payload-types.ts'],
    },
  },
});
