import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'site',
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    testTimeout: 15_000,
    // A busy machine may take its time; what is promised within a time is asserted with that time.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
});
