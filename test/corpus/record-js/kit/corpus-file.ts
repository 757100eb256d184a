/** A file of the corpus: what was received, and how it must be judged. test/corpus/README.md says what its fields mean. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export interface RecordedRequest {
  /** Since the first request, by the receiver's clock. */
  readonly afterMs: number
  readonly signal: 'traces' | 'logs'
  /** OTLP/JSON. */
  readonly body: object
}

export interface ExpectedRun {
  readonly agent: string | null
  readonly status: string
  readonly phase: string | null
  readonly step: string | null
  readonly session: string | null
  readonly user: string | null
  /** The run's own id, where the framework gives one; null is not checked. */
  readonly run: string | null
  readonly confidence: 'T1' | 'T2' | 'T3' | 'T4'
}

export interface CorpusFile {
  readonly framework: string
  readonly packages: Readonly<Record<string, string>>
  readonly recorded: true
  readonly how: string
  readonly requests: readonly RecordedRequest[]
  readonly expect: readonly ExpectedRun[]
}

/** Prompts and answers are of no interest here; beyond this many characters a text is cut. */
const TEXT_MAX = 300
/** What a resource says about the machine that recorded, and nothing about the run. */
const OF_THE_MACHINE = /^(host|os)\.|^process\.(executable|command|owner)/
const REPOSITORY = resolve(import.meta.dirname, '../../../..')

/** One request a line: small, and a later recording still compares request by request. */
export function writeCorpusFile(path: string, { requests, expect, ...about }: CorpusFile): void {
  const head = Object.entries(about).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`)
  const lines = (items: readonly object[]) => items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')
  const tidied = requests.map((request) => ({ ...request, body: tidy(request.body) }))
  mkdirSync(dirname(path), { recursive: true })
  const text = `{\n${head.join('')}  "requests": [\n${lines(tidied)}\n  ],\n  "expect": [\n${lines(expect)}\n  ]\n}\n`
  writeFileSync(path, text)
}

/** Everything as it was sent, but for long texts and for what only the recording machine is concerned with. */
function tidy(body: object): object {
  return JSON.parse(JSON.stringify(body), (_key, value: unknown) => {
    if (typeof value === 'string') return tidyText(value)
    return Array.isArray(value) ? value.filter((item) => !isOfTheMachine(item)) : value
  })
}

/** The body of an open-span record is JSON in a text: its inner texts are cut, so that it still reads as JSON. */
function tidyText(text: string): string {
  if (text.startsWith('{"resourceSpans"')) return JSON.stringify(tidy(JSON.parse(text)))
  const moved = text.replaceAll(REPOSITORY, '/app')
  return moved.length <= TEXT_MAX ? moved : `${moved.slice(0, TEXT_MAX)}…`
}

function isOfTheMachine(item: unknown): boolean {
  if (typeof item !== 'object' || item === null || !('key' in item)) return false
  return typeof item.key === 'string' && OF_THE_MACHINE.test(item.key)
}

export function completed(more: Partial<ExpectedRun> = {}): ExpectedRun {
  return { ...EXPECTED, ...more, status: 'completed' }
}

export function failed(more: Partial<ExpectedRun> = {}): ExpectedRun {
  return { ...EXPECTED, ...more, status: 'failed' }
}

export function stalled(phase: string, step: string, more: Partial<ExpectedRun> = {}): ExpectedRun {
  return { ...EXPECTED, ...more, status: 'stalled', phase, step }
}

export function waiting(more: Partial<ExpectedRun> = {}): ExpectedRun {
  return { ...EXPECTED, ...more, status: 'waiting', phase: 'waiting' }
}

/** What most runs have in common: spans that came when they ended, of a framework that says nothing about its user. */
const EXPECTED: ExpectedRun = {
  agent: 'support',
  status: 'completed',
  phase: null,
  step: null,
  session: null,
  user: null,
  run: null,
  confidence: 'T3',
}
