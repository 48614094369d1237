import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'sandbox',
    include: ['test/**/*.test.ts'],
    // Postgres is initialised and stopped for real in some of them.
    testTimeout: 60_000,
    // A busy machine may take its time; what is promised within a time is asserted with that time.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
});
