/** Where a second explanation remains, and where none does. */
import { expect, test } from 'vitest'
import { findOtherwise } from '../../../collector/assess/find-otherwise.ts'
import { judgeRun } from '../../../collector/assess/judge-run.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import type { RunFacts } from '../../../collector/run.ts'
import type { Cause } from '../../../contract/statuses.ts'
import { toIso } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'
import { circumstances, instance, openSpan, ROOT, runFacts } from './facts.ts'

const progression = loadPreset('laststep')
const at = (seconds: number) => START + seconds * 1_000
const step = (own: Parameters<typeof openSpan>[0] = {}): RunFacts => runFacts({ open: { s1: ROOT, s2: openSpan(own) } })
const failing = { name: 'query', count: 20, since: START, provenAt: START, spanId: 's9' }
const beating = instance({ pulseAt: at(299) })
/** One pulse was due at 297.5 s. */
const missing = instance({ pulseAt: at(290) })

// oxfmt-ignore
test.each([
  // what is concluded at 300 s                    cause                 facts                                                     process      or else
  ['a tool under a living pulse',                  'tool-silent',        step(),                                                   beating,     undefined],
  ['a tool, and a pulse was missing',              'tool-silent',        step(),                                                   missing,     'process-lost'],
  ['a tool of a process without pulses',           'tool-silent',        step(),                                                   null,        'process-lost'],
  ['the same, its open spans sent again',          'tool-silent',        step({ repeatedEvery: 5_000, heardAt: at(299) }),         null,        undefined],
  ['a model under a living pulse',                 'model-silent',       step(),                                                   beating,     undefined],
  ['a model of a process without pulses',          'model-silent',       step(),                                                   null,        'process-lost'],
  ['between steps under a living pulse',           'between-steps',      runFacts({ open: { s1: ROOT } }),                         beating,     'tool-silent'],
  ['never started under a living pulse',           'never-started',      runFacts({ open: { s1: ROOT } }),                         beating,     'queued'],
  ['never started, and a pulse was missing',       'never-started',      runFacts({ open: { s1: ROOT } }),                         missing,     'process-lost'],
  ['no terminal, under a living pulse',            'terminal-skipped',   runFacts(),                                               beating,     undefined],
  ['no terminal, and a pulse was missing',         'terminal-skipped',   runFacts(),                                               missing,     'telemetry-lost'],
  ['a process that fell silent',                   'process-lost',       step(),                                                   missing,     'telemetry-lost'],
  ['a process that said goodbye',                  'process-lost',       step(),                                                   instance({ stopped: true }), undefined],
  ['a process that gave its span up',              'process-lost',       step({ stopReason: 'shutdown' }),                         null,        undefined],
  ['finished spans only',                          'unknown',            runFacts({ spansSeen: 3 }),                               null,        'telemetry-lost'],
  ['thoughts and nothing else',                    'reasoning-loop',     step({ phase: 'reasoning' }),                             beating,     null],
  ['a tool that fails over and over',              'reasoning-loop',     runFacts({ failing }),                                    beating,     null],
  ['a queue',                                      'queued',             runFacts(),                                               missing,     undefined],
  ['a blocked main thread',                        'loop-blocked',       step(),                                                   beating,     undefined],
  ['an exception nobody answered',                 'exception-swallowed', step(),                                                  missing,     undefined],
  ['nothing',                                      null,                 step(),                                                   null,        undefined],
] as const)('%s', (_what, cause, run, process, orElse) => {
  const verdict = { cause: cause as Cause | null, step: null, since: toIso(at(300)) }
  const otherwise = findOtherwise(verdict, circumstances(run, { instance: process }), progression)
  expect(otherwise?.cause).toBe(orElse)
  if (otherwise !== null) expect(Math.min(otherwise.text.length, otherwise.decidedBy.length)).toBeGreaterThan(10)
})

test('a factory that hangs waits in no queue', () => {
  const inside = openSpan({ phase: 'started', stepName: 'build' })
  const run = runFacts({ tellsRecords: true, acceptedAt: START, open: { s1: ROOT, s2: inside } })
  const { verdict } = judgeRun(circumstances(run, { instance: instance({ pulseAt: at(5) }) }), progression, at(5))
  expect(verdict).toMatchObject({ cause: 'never-started', step: { name: 'build' }, otherwise: null })
})

test('a pulse that comes after all takes the doubt away', () => {
  const judge = (pulseAt: number) =>
    judgeRun(circumstances(step(), { instance: instance({ pulseAt }) }), progression, at(301)).verdict.otherwise
  expect([judge(at(290))?.cause, judge(at(300.5))]).toEqual(['process-lost', null])
})
