/**
 * The house rules about shape, as tables: who may import whom, which files know an outside package, who reads time.
 * When a rule has to bend, the exception is a row with its reason.
 */
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asSource, matches, readSources } from './kit/read-imports.ts'
import type { SourceFile } from './kit/read-imports.ts'

const ROOT = dirname(import.meta.dirname)
const VERBS = ['accept', 'assemble', 'assess', 'compare', 'investigate', 'keep', 'notify', 'observe', 'serve'] as const

/** First matching row decides. A file may always import its own folder. */
const MAY_IMPORT: readonly { from: string; files: readonly string[]; because: string }[] = [
  { from: 'contract/**', files: [], because: 'the shared language is the bottom' },
  { from: 'sdk/**', files: ['contract/*', 'sdk/*'], because: 'a runtime imports the SDK and nothing else of ours' },
  {
    from: 'client/**',
    files: ['contract/*', 'client/*'],
    because: 'a page imports the client and nothing else of ours',
  },
  {
    from: 'examples/**',
    files: ['examples/*'],
    because: 'an example imports the packages, as a stranger would, and the agent they share',
  },
  {
    from: 'collector/search-main.ts',
    files: ['contract/*', 'collector/**'],
    because: 'a thread has a main of its own, which wires it',
  },
  {
    from: 'collector/compare-main.ts',
    files: ['contract/*', 'collector/**'],
    because: 'a thread has a main of its own, which wires it',
  },
  { from: 'collector/main.ts', files: ['contract/*', 'collector/**'], because: 'only main wires' },
  ...VERBS.map((verb) => ({
    from: `collector/${verb}/**`,
    files: ['contract/*', 'collector/*', `collector/${verb}/**`],
    because: 'a stage uses the nouns, never another stage',
  })),
  { from: 'collector/*', files: ['contract/*', 'collector/*'], because: 'nouns build on nouns' },
  { from: 'server/main.ts', files: ['contract/*', 'server/**'], because: 'only main wires' },
  ...['connect', 'orchestrate', 'agent', 'faults'].map((part) => ({
    from: `server/${part}/**`,
    files: ['contract/*', 'server/*', `server/${part}/**`],
    because: 'parts of the runtime meet in main',
  })),
  { from: 'server/*', files: ['contract/*', 'server/*'], because: 'nouns build on nouns' },
  { from: 'web/main.tsx', files: ['contract/*', 'web/**'], because: 'only main wires' },
  { from: 'web/model/**', files: ['contract/*', 'web/model/**'], because: 'thinking knows neither data nor drawing' },
  {
    from: 'web/view/**',
    files: ['contract/*', 'web/model/**', 'web/paths.ts', 'web/read-address.ts', 'web/view/**', 'web/style/*'],
    because: 'views draw what the model worked out; one that few visit brings its own styles',
  },
  { from: 'web/**', files: ['contract/*', 'web/*', 'web/model/**', 'web/data/**'], because: 'data feeds the model' },
]

/** Each outside package is known to the files of its row. Packages without a row may not be imported at all. */
const KNOWS_PACKAGE: readonly { package: string; files: readonly string[] }[] = [
  { package: 'node:sqlite', files: ['collector/keep/*'] },
  { package: 'express', files: ['collector/serve/*', 'server/main.ts', 'server/connect/*'] },
  { package: 'ws', files: ['collector/serve/live-socket.ts', 'server/connect/*', 'examples/ws/*'] },
  { package: 'socket.io', files: ['examples/socket.io/*'] },
  {
    package: '@grpc/grpc-js',
    files: ['collector/accept/receive-otlp-grpc.ts', 'collector/accept/leave-compressed.ts'],
  },
  { package: 'standardwebhooks', files: ['collector/notify/webhook.ts'] },
  {
    package: 'zod',
    files: ['collector/*', 'collector/assess/parse-contract.ts', 'collector/serve/*', 'server/*', 'server/agent/**'],
  },
  { package: 'yaml', files: ['collector/assess/parse-contract.ts'] },
  { package: 'pino', files: ['collector/main.ts', 'server/main.ts'] },
  { package: 'jose', files: ['server/connect/*'] },
  { package: 'ai', files: ['server/agent/**'] },
  { package: '@ai-sdk/*', files: ['server/agent/**'] },
  { package: '@opentelemetry/api', files: ['sdk/*', 'server/**'] },
  { package: '@opentelemetry/**', files: ['sdk/instrument.ts'] },
  { package: '@laststep/sdk', files: ['server/**', 'examples/**'] },
  { package: 'preact', files: ['web/**'] },
  { package: 'preact/**', files: ['web/**'] },
  { package: '@preact/signals', files: ['web/**'] },
  { package: 'preact-iso', files: ['web/**'] },
  { package: 'preact-iso/router', files: ['web/**'] },
  { package: '@tanstack/query-core', files: ['web/data/*', 'web/main.tsx'] },
  { package: 'chart.js', files: ['web/view/chart.ts'] },
  { package: 'micromark', files: ['web/view/markdown.tsx'] },
  { package: 'vite', files: ['web/vite.config.ts'] },
  { package: 'vite/client', files: ['web/**'] },
  { package: 'node:**', files: ['collector/**', 'server/**', 'sdk/**', 'examples/**', 'web/vite.config.ts'] },
]

const READS_TIME = /\b(Date\.now|performance\.now|setTimeout|setInterval|new Date\(\))/

/** Under any name but `err` pino writes an Error as `{}`. */
const LOGS_NOTHING = /\blog\.(?:warn|error|fatal)\(\{ error[ ,]/

const PROGRAMS = ['contract', 'sdk', 'client', 'examples', 'server', 'collector', 'web']
const sources = readSources(ROOT, PROGRAMS)

test('there is something to hold the rules against', () => {
  expect(sources.length).toBeGreaterThan(50)
})

describe('the import rule', () => {
  test('every file imports only what its place allows', () => {
    expect(sources.flatMap(importProblems)).toEqual([])
  })

  test.each([
    ['contract/units.ts', "import { x } from '../collector/run.ts'"],
    ['collector/assess/judge-run.ts', "import { x } from '../keep/history.ts'"],
    ['collector/run.ts', "import { x } from './assess/judge-run.ts'"],
    ['server/connect/hub.ts', "import { x } from '../../collector/run.ts'"],
    ['web/view/run-page.tsx', "import { x } from '../data/feed.ts'"],
    ['sdk/pulse.ts', "import { x } from '../server/main.ts'"],
    ['client/connect.ts', "import { x } from '../sdk/index.ts'"],
    ['examples/ws/server.ts', "import { x } from '../../sdk/index.ts'"],
  ])('a breach in %s is seen', (path, text) => {
    expect(importProblems(asSource(path, text))).not.toEqual([])
  })
})

describe('the package rule', () => {
  test('every file uses only packages it may know', () => {
    expect(sources.flatMap(packageProblems)).toEqual([])
  })

  test.each([
    ['collector/assess/judge-run.ts', "import { DatabaseSync } from 'node:sqlite'"],
    ['web/model/format.ts', "import dayjs from 'dayjs'"],
    ['sdk/open-spans.ts', "import { TracerProvider } from '@opentelemetry/sdk-trace'"],
  ])('a breach in %s is seen', (path, text) => {
    expect(packageProblems(asSource(path, text))).not.toEqual([])
  })
})

describe('the clock rule', () => {
  test('every file leaves time to contract/clock.ts', () => {
    expect(sources.flatMap(clockProblems)).toEqual([])
  })

  test.each(['const t = Date.now()', 'setTimeout(go, 5)', 'const d = new Date()', 'performance.now()'])(
    '%s is seen',
    (text) => {
      expect(clockProblems(asSource('collector/run.ts', text))).not.toEqual([])
    },
  )
})

describe('the log rule', () => {
  test('every caught error is logged as err', () => {
    expect(sources.flatMap(logProblems)).toEqual([])
  })

  test.each(["log.error({ error }, 'it failed')", "log.warn({ error, path }, 'it failed')"])('%s is seen', (text) => {
    expect(logProblems(asSource('collector/run.ts', text))).not.toEqual([])
  })
})

function importProblems(file: SourceFile): string[] {
  const rule = MAY_IMPORT.find((row) => matches(row.from, file.path))
  if (!rule) return [`${file.path} has no place in the table`]
  const own = `${dirname(file.path)}/**`
  return file.imports
    .filter((target) => PROGRAMS.some((program) => target.startsWith(`${program}/`)))
    .filter(
      (target) => !rule.files.concat(own).some((pattern) => matches(pattern, target)) || climbs(file.path, target),
    )
    .map((target) => `${file.path} → ${target}: ${rule.because}`)
}

/** A noun at a program's root shares its folder with the verbs below it, yet may not reach down into them. */
function climbs(from: string, target: string): boolean {
  const isNoun = /^(collector|server)\/[^/]+\.ts$/.test(from) && !from.endsWith('main.ts')
  return isNoun && target.split('/').length > 2
}

function packageProblems(file: SourceFile): string[] {
  return file.imports
    .filter((target) => !PROGRAMS.some((program) => target.startsWith(`${program}/`)))
    .filter((target) => !target.endsWith('.css'))
    .filter((target) => {
      const row = KNOWS_PACKAGE.find(({ package: name }) => matches(name, target))
      return !row?.files.some((pattern) => matches(pattern, file.path))
    })
    .map((target) => `${file.path} → ${target}`)
}

function logProblems({ path, text }: SourceFile): string[] {
  return LOGS_NOTHING.test(text) ? [`${path} logs an error under a name that is written as {}`] : []
}

function clockProblems(file: SourceFile): string[] {
  if (file.path === 'contract/clock.ts') return []
  return file.text.split('\n').flatMap((line, index) => {
    const found = READS_TIME.exec(line.replace(/(^|\s)\/\/.*$|^\s*\*.*$|^\s*\/\*.*$/, ''))
    return found ? [`${file.path}:${index + 1} ${found[0]}`] : []
  })
}
