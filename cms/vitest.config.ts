import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'cms',
    include: ['test/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    // A busy machine may take its time; what is promised within a time is asserted with that time.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 120_000,
  },
});
