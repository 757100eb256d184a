import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Tests that hold the program to a time, or give a browser much to do. They come last, three files at a time: two cores
 * are then enough for them.
 */
const TIMED = [
  'test/collector/accept/hostile-clients.test.ts',
  'test/collector/accept/receive-otlp-grpc.test.ts',
  'test/collector/keep/full-disk.test.ts',
  'test/collector/keep/slow-disk.test.ts',
  'test/collector/notify/outbox.test.ts',
  'test/collector/notify/webhook.test.ts',
  'test/collector/observe/canary.test.ts',
  'test/journeys/golden-path.test.ts',
  'test/sdk/open-spans.test.ts',
  'test/sdk/pulse.test.ts',
  'test/sdk/reporter.test.ts',
  'test/web/acceptance/*.test.ts',
  'test/web/timeline-page.test.ts',
]

const common = {
  environment: 'node',
  // Journeys and servers share two cores with everything else on a small machine.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
} as const

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'untimed',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...TIMED],
          // Of four, two wait for a deadline, a process or a browser: together they use both cores, and hardly more.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'timed', include: TIMED, maxWorkers: 3, sequence: { groupOrder: 1 } } },
    ],
  },
})
