import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'realtime',
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/template.ts',
    testTimeout: 30_000,
    // A busy machine may take its time; what is promised within a time is asserted with that time.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 30_000,
  },
});
