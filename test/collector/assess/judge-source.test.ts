/** When the silence of a process counts: at its edges, the moment before and the moment itself. */
import { describe, expect, test } from 'vitest'
import { judgeSource } from '../../../collector/assess/judge-source.ts'
import { makeFinding } from '../../../collector/assess/make-finding.ts'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import type {
  SilentFindingFacts,
  SilentSourceFacts,
  SourceCircumstances,
  SourceFacts,
} from '../../../collector/source.ts'
import { START } from '../../kit/manual-clock.ts'
import { instance } from './facts.ts'

const progression = loadPreset('laststep')
const at = (seconds: number) => START + seconds * 1_000

const source = (own: Partial<SourceFacts> = {}): SourceFacts => ({
  instance: 'p1',
  service: 'checkout',
  environment: 'test',
  contract: null,
  heardAt: START,
  repeatsEvery: null,
  stretchFrom: START,
  longestPause: 0,
  longestPauseBefore: null,
  ...own,
})
const pulses = instance()
const repeats = source({ repeatsEvery: 5_000 })
const regular = source({ longestPause: 2_000, longestPauseBefore: 500 })
const often = source({ longestPause: 40_000, longestPauseBefore: 500 })
const seldom = source({ longestPause: 151_000, longestPauseBefore: 500 })
const deaf = { gaps: [{ from: at(5), lengthMs: 600_000, reason: 'down' as const }] }

// oxfmt-ignore
test.each<[string, SourceFacts, Partial<SourceCircumstances>, number, string, number | null]>([
  // source                                      facts                      around                                              seconds  state       due at
  ['pulses in time',                             source(),                  { instance: pulses },                               5.9,     'speaking', 12.5],
  ['a pulse missed',                             source(),                  { instance: pulses },                               6,       'late',     12.5],
  ['two and a half pulses missed',               source(),                  { instance: pulses },                               12.5,    'silent',   12.5],
  ['no pulses, but spans lately',                source({ heardAt: at(9) }),{ instance: pulses },                               12.5,    'speaking', 15],
  ['spans until shortly after the last pulse',   source({ heardAt: at(4) }),{ instance: pulses },                               12.5,    'silent',   12.5],
  ['a goodbye',                                  source(),                  { instance: instance({ stopped: true }) },          999,     'speaking', null],
  ['open spans sent again',                      repeats,                   {},                                                 5.9,     'speaking', 10],
  ['open spans not sent again',                  repeats,                   {},                                                 10,      'silent',   10],
  ['nobody knows how it speaks',                 source(),                  {},                                                 9_999,   'speaking', null],
  ['regular, a minute of silence',               regular,                   {},                                                 59.9,    'late',     60],
  ['regular, longer than a minute',              regular,                   {},                                                 60,      'silent',   60],
  ['four times its longest pause',               often,                     {},                                                 160,     'silent',   160],
  ['too seldom to be missed',                    seldom,                    {},                                                 9_999,   'speaking', null],
  ['a gap of ours after its last pulse',         source(),                  { instance: pulses, ...deaf },                      664.9,   'speaking', 665],
  ['silent when the gap and the grace are over', source(),                  { instance: pulses, ...deaf },                      665,     'silent',   665],
])('%s', (_what, facts, around, now, state, due) => {
  const judgement = judgeSource({ source: facts, instance: null, gaps: [], ...around }, progression, at(now))
  expect(judgement).toMatchObject({ state, dueAt: due === null ? null : at(due) })
})

describe('a finding in words', () => {
  const silent = (own: Partial<SilentSourceFacts>): SilentSourceFacts => ({
    instance: 'p-7',
    service: 'checkout',
    environment: 'test',
    heardAt: START,
    beatMs: 5_000,
    limit: { ms: 12_500, from: 'contract › pulse.missed', learned: null },
    openRuns: 1,
    backAt: null,
    releasedAt: null,
    ...own,
  })
  const finding = (sources: readonly SilentSourceFacts[]): SilentFindingFacts => {
    return {
      kind: 'source-silent',
      id: 'find_1',
      rev: 1,
      state: 'open',
      since: at(12.5),
      endedAt: null,
      sources,
      lookAt: null,
    }
  }

  // oxfmt-ignore
  test.each([
    ['p-7 (service checkout)',      [silent({})]],
    ['p-7',                         [silent({ service: null })]],
    ['2 instances of checkout',     [silent({}), silent({ instance: 'p-8' })]],
    ['3 instances of 2 services',   [silent({}), silent({ instance: 'p-8' }), silent({ instance: 'q-1', service: 'search' })]],
  ])('%s', (name, sources) => {
    expect(makeFinding(finding(sources)).name).toBe(name)
  })

  test('the ten with the most open runs are listed, all are counted', () => {
    const sources = Array.from({ length: 12 }, (_, index) => silent({ instance: `p-${index}`, openRuns: index }))
    const made = makeFinding(finding(sources))
    if (made.kind !== 'source-silent') throw new Error('expected a finding about sources')
    const { sources: listed, sourcesTotal, openRuns } = made
    expect(listed.map(({ instance: id }) => id)).toEqual(
      sources
        .map(({ instance: id }) => id)
        .toReversed()
        .slice(0, 10),
    )
    expect({ sourcesTotal, openRuns }).toEqual({ sourcesTotal: 12, openRuns: 66 })
  })
})
