import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // Journeys and servers share two cores with everything else on a small machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // Of three, one or two wait for a deadline or a browser.
    maxWorkers: 3,
  },
})
