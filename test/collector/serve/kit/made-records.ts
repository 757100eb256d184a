/** Records as they are read back from the log, and the page that is made of them. */
import { ATTR } from '../../../../contract/attributes.ts'
import { isPhase } from '../../../../contract/phases.ts'
import type { FullLog, FullSpan } from '../../../../collector/record.ts'
import type { OpenSpan } from '../../../../collector/run.ts'
import { makeDetail } from '../../../../collector/serve/make-detail.ts'
import type { Meaning } from '../../../../collector/serve/span-views.ts'
import { START, makeRow, makeStored } from './made-runs.ts'

export const TRACE = 'a'.repeat(32)
export const RUN = makeStored(makeRow())
export const SOURCE = {
  service: 'runtime',
  version: null,
  environment: null,
  instance: null,
  workingDirectory: null,
  contract: null,
}
export const meaning: Meaning = {
  phaseOf(_name, known) {
    const phase = known[ATTR.phase]
    return isPhase(phase) ? phase : null
  },
  agentOf(_name, known) {
    const agent = known[ATTR.agent]
    return typeof agent === 'string' ? agent : null
  },
}

export const detailOf = (spans: FullSpan[], logs: FullLog[] = [], open: OpenSpan[] = [], run = RUN) =>
  makeDetail(run, { spans, logs }, open, meaning, [])

export function makeSpan(different: Partial<FullSpan>): FullSpan {
  return {
    receivedAt: START,
    source: SOURCE,
    resource: {},
    scope: { name: '', version: '' },
    traceId: TRACE,
    spanId: 'b0',
    parentSpanId: null,
    name: 'work',
    kind: 'internal',
    startedAt: START,
    endedAt: null,
    seq: 0,
    stopReason: null,
    repeatedEvery: null,
    status: 'unset',
    statusMessage: null,
    attributes: {},
    events: [],
    links: [],
    ...different,
  }
}

export function makeLog(different: Partial<FullLog>): FullLog {
  return {
    receivedAt: START,
    source: SOURCE,
    resource: {},
    scope: { name: '', version: '' },
    at: START,
    severityNumber: 9,
    severity: 'INFO',
    event: null,
    body: '',
    traceId: TRACE,
    spanId: null,
    attributes: {},
    signal: null,
    ...different,
  }
}

export function makeOpen(different: Partial<OpenSpan>): OpenSpan {
  return {
    spanId: 'b0',
    parentSpanId: null,
    name: 'work',
    phase: null,
    stepName: null,
    code: null,
    seq: 0,
    openedAt: START,
    startedAt: START,
    progressAt: START,
    progress: 0,
    waiting: false,
    thoughtAt: null,
    unreported: false,
    stopReason: null,
    repeatedEvery: null,
    heardAt: START,
    isAgent: false,
    learned: null,
    ...different,
  }
}
