import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'site',
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    testTimeout: 15_000,
    hookTimeout: 60_000,
  },
});
