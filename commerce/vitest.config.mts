import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'commerce',
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/build.ts',
    // Migrating and loading Medusa take seconds each, on a busy machine many.
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
});
