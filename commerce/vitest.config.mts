import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'commerce',
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/build.ts',
    // Migrating and loading Medusa take seconds each, on a busy machine many.
    testTimeout: 90_000,
    // A busy machine may take its time; what is promised within a time is asserted with that time.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 180_000,
  },
});
