/** What Laststep writes into a new sheet, and what it leaves open because nothing proves it. */
import { describe, expect, test } from 'vitest'
import type { Investigation } from '../../../contract/investigations.ts'
import type { ChecklistItem, RunDetail } from '../../../contract/runs.ts'
import { minutes, seconds, toIso } from '../../../contract/units.ts'
import type { SheetFacts } from '../../../collector/investigation.ts'
import { draftSheet } from '../../../collector/investigate/draft-sheet.ts'
import { writeTimeline } from '../../../collector/investigate/write-timeline.ts'
import { START } from '../serve/kit/made-runs.ts'
import { makeDetail, makeIncident, makeSpan } from './kit/made-sheets.ts'

const NOW = START + minutes(10)
const SPAN = 'b'.repeat(16)
const at = (offset: number): string => toIso(START + seconds(offset))
const step = { phase: 'tool', name: 'search_orders', spanId: SPAN, since: at(2), code: null } as const
const item = (event: string, state: ChecklistItem['state'], different: Partial<ChecklistItem> = {}): ChecklistItem => {
  return { event, phase: 'terminal', state, at: null, count: 0, delivery: null, seq: null, ...different }
}

/** A tool that hangs, with a line it logged. */
const hung = makeDetail(
  {
    status: 'stalled',
    cause: 'tool-silent',
    step,
    lastProgressAt: at(2),
    checklist: [item('agent_started', 'done'), item('tool_completed', 'overdue'), item('agent_completed', 'pending')],
    spans: [makeSpan({ attributes: { 'server.address': 'orders-db-2' } })],
    logs: [
      {
        at: at(1),
        severity: 'WARN',
        event: null,
        body: 'pool [timeout](https://evil.example)',
        spanId: SPAN,
        attributes: {},
      },
      { at: at(1), severity: 'INFO', event: null, body: 'elsewhere', spanId: 'c'.repeat(16), attributes: {} },
    ],
    process: {
      id: 'p-1',
      lastPulseAt: at(20),
      pulses: 4,
      intervalMs: 5_000,
      blockedSince: null,
      loopDelayMs: 1,
      clockBehindMs: 0,
      stopped: false,
    },
  },
  {
    since: at(22),
    deadline: at(22),
    evidence: [
      { text: `span "execute_tool search_orders" open since ${at(0)}, no progress since`, ref: `span:${SPAN}` },
      { text: 'process p-1 was alive', ref: 'pulse:p-1' },
      { text: 'a record that is not kept any more', ref: 'span:dddddddddddddddd' },
      { text: 'a guess', ref: null },
    ],
  },
)

describe('the draft about a run', () => {
  test('goes from the missing event over the open step to its records, and leaves out what it cannot show', () => {
    const sheet = draft({ run: hung })
    expect(sheet).toMatchObject({ runId: 'run_1', fingerprint: null, state: 'open', rev: 1, by: 'ana' })
    expect(sheet.title).toBe('Run run_1 stalled in tool › search_orders of support')
    expect(told(sheet)).toEqual([
      // question                                              answer, with the kinds of its evidence
      [
        'Why did no answer reach the user?',
        `\`agent_completed\` has not come; \`tool_completed\` was due by ${at(22)}. The run is stalled.`,
        'run',
      ],
      [
        'Why did tool_completed not come?',
        `Span "execute_tool search_orders" open since ${at(0)}, no progress since.`,
        'span',
      ],
      [
        'Why does it stand still in tool › search_orders?',
        `Process p-1 was alive. The last line logged inside it was "pool [timeout]\u2060(https://evil.example)", WARN, at ${at(1)}.`,
        'pulse log',
      ],
      ['How did it come about that the tool did not answer, and that nothing stopped it?', '', ''],
    ])
    expect(sheet.answers.map(({ parentId }) => parentId)).toEqual([null, 'why1', 'why2', 'why3'])
    expect(sheet.detection).toEqual({ beganAt: at(2), detectedAt: at(22), delayMs: 20_000 })
  })

  test('pins each record with its place on the dashboard and the values it showed', () => {
    const { evidence, pinned } = draft({ run: hung })
    expect(evidence.map(({ id, kind, link }) => [id, kind, link])).toEqual([
      ['E1', 'run', '/runs/run_1'],
      ['E2', 'span', `/runs/run_1?span=${SPAN}`],
      ['E3', 'pulse', '/runs/run_1?process=p-1'],
      ['E4', 'log', '/runs/run_1?log=0'],
    ])
    expect(evidence.map(({ title }) => title)).toEqual([
      'run_1 stalled in tool › search_orders',
      'execute_tool search_orders',
      'number 4 of process p-1',
      'pool [timeout]\u2060(https://evil.example)',
    ])
    expect(pinned).toBe(4)
    expect(evidence[1]?.frozen).toEqual(
      expect.arrayContaining([
        { name: 'ended at', value: 'no end (open)' },
        { name: 'code', value: 'src/tools/search.ts:88' },
        { name: 'server.address', value: 'orders-db-2' },
      ]),
    )
    expect(evidence.every(({ by, pinnedAt }) => by === null && pinnedAt === toIso(NOW))).toBe(true)
  })

  test('pins the connection that was gone, with both ends’ word of it', () => {
    const client = { userId: null, stream: null, closeReason: 'tab closed', clientCloseCode: null } as const
    const gone = {
      id: 'conn_1',
      acks: true,
      states: [{ state: 'closed', at: at(8) }],
      closeCode: 1001,
      closedBy: 'client',
    } as const
    const sheet = draft({
      run: makeDetail(
        { status: 'undelivered', cause: 'client-gone', connections: [{ ...client, ...gone }] },
        { evidence: [{ text: 'the client left', ref: 'connection:conn_1' }] },
      ),
    })
    const piece = sheet.evidence.find(({ link }) => link === '/runs/run_1?conn=conn_1')
    expect(piece?.frozen).toEqual(
      expect.arrayContaining([
        { name: 'closed', value: at(8) },
        { name: 'close code', value: '1001' },
      ]),
    )
    expect(sheet.answers.find(({ text }) => text.includes('The client left.'))?.evidence).toEqual([piece?.id])
  })

  test.each<[string, RunDetail, string[]]>([
    ['a healthy run has nothing to ask about', makeDetail({ status: 'completed' }), []],
    [
      'a run that moved on: that it stood still, and until when',
      makeDetail({
        status: 'completed',
        pastStalls: [
          {
            status: 'stalled',
            step,
            cause: 'tool-silent',
            since: at(22),
            deadline: at(22),
            endedAt: at(40),
            ending: 'recovered',
            lateByMs: null,
          },
        ],
      }),
      [
        `The run stood still in tool › search_orders: its deadline passed at ${at(22)}, and it moved on at ${at(40)}.`,
        '',
      ],
    ],
    [
      'an answer nobody confirmed: how far it got',
      makeDetail(
        {
          status: 'undelivered',
          cause: 'unreceived',
          checklist: [item('agent_completed', 'done', { at: at(9), delivery: 'written', seq: 7 })],
          deliveries: [
            {
              seq: 7,
              event: 'agent_completed',
              connectionId: 'conn_1',
              attempt: 1,
              spanId: null,
              bytes: 80,
              targets: 1,
              states: [
                { state: 'emitted', at: at(9) },
                { state: 'written', at: at(9) },
              ],
              reason: null,
            },
          ],
        },
        { deadline: at(14) },
      ),
      [
        `\`agent_completed\` was emitted at ${at(9)} and is written; nobody confirmed what had to be confirmed by ${at(14)}.`,
        '',
      ],
    ],
    [
      'a run that shows nothing but that it is lost: its missing event, and a question',
      makeDetail({
        status: 'lost',
        cause: 'process-lost',
        step: null,
        checklist: [item('agent_completed', 'overdue')],
      }),
      ['`agent_completed` has not come. The run is lost.', ''],
    ],
  ])('%s', (_name, run, answers) => {
    const sheet = draft({ run })
    expect(sheet.answers.map(({ text }) => text)).toEqual(answers)
    for (const { text, state, evidence } of sheet.answers)
      expect([state, evidence.length > 0]).toEqual(text === '' ? ['hypothesis', false] : ['supported', true])
  })
})

describe('the draft about an incident', () => {
  const deploy = { service: 'shop', environment: 'staging', version: '1.4.2', at: toIso(START - minutes(6)) }
  const incident = makeIncident({ deploy })

  test('says below the chain what had changed, and since when and for whom', () => {
    const sheet = draft({ run: hung, incident }, 'incident')
    expect(sheet).toMatchObject({
      fingerprint: incident.fingerprint,
      runId: null,
      title: 'Stalls in tool › search_orders of support',
    })
    expect(sheet.problem).toBe(`41 runs of support stalled in tool › search_orders, 38 users, since ${at(0)}.`)
    expect(told(sheet).slice(3)).toEqual([
      [
        'What had changed before it began?',
        `shop 1.4.2 was first seen at ${deploy.at}, 6 min before the first of these stalls.`,
        'deploy',
      ],
      [
        'Since when, and for whom?',
        `41 stalls, of 38 users, in version 1.4.2, since ${at(0)}; the last began at ${at(90)}. 3 stand still now.`,
        'incident',
      ],
      ['How did it come about that the tool did not answer, and that nothing stopped it?', '', ''],
    ])
    expect(sheet.answers.slice(3).map(({ parentId, order }) => [parentId, order])).toEqual([
      ['why3', 1],
      ['why3', 2],
      ['why3', 3],
    ])
  })

  test('takes what others found to have changed, with their evidence', () => {
    const evidence = { kind: 'compare', title: 'server.address', link: '/compare', at: null, frozen: [] } as const
    const changes = [
      { text: 'server.address is orders-db-2 in 93 % of 41 stalled runs and 9 % of 1204 others', evidence },
    ]
    const sheet = draft({ run: hung, incident: makeIncident(), changes }, 'incident')
    expect(told(sheet)[3]).toEqual(['What had changed before it began?', changes[0]?.text, 'compare'])
  })

  test('without a run that is kept, has what the incident knows', () => {
    expect(told(draft({ incident }, 'incident')).map(([question]) => question)).toEqual([
      'What had changed before it began?',
      'Since when, and for whom?',
    ])
  })

  test('its timeline has deploys, stalls, alerts, evidence and notes in order of time', () => {
    const stall = { version: null, userId: null, endedAt: null, run: null }
    const stalls = {
      firstStall: { ...stall, runId: 'run_1', beganAt: at(0) },
      latestStalls: [{ ...stall, runId: 'run_2', beganAt: at(90), endedAt: at(95) }],
    }
    const facts = { run: null, incident: makeIncident({ deploy, ...stalls }), changes: [] }
    const note = { id: 'n', text: 'rolled\nback', at: at(200), by: 'ana' }
    const sheet = { ...draft({ run: hung, incident }, 'incident'), notes: [note] }
    const body = { type: 'run.stalled', data: { run: { id: 'run_1' }, group: { count: 3 } } }
    const entries = writeTimeline(sheet, facts, [{ body: JSON.stringify(body), toldAt: START + seconds(3) }])
    expect(entries.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'deploy: shop 1.4.2 first seen',
      'stall: run run_1 stalled in tool › search_orders',
      'evidence: E2 span: execute_tool search_orders',
      'evidence: E4 log: pool [timeout]\u2060(https://evil.example)',
      'alert: told: run.stalled: run run_1 and 2 more',
      'evidence: E3 pulse: number 4 of process p-1',
      'stall: run run_2 stalled in tool › search_orders',
      'stall: run run_2 stood still no more',
      'note: ana: rolled back',
    ])
  })
})

function draft(facts: Partial<SheetFacts>, about: 'run' | 'incident' = 'run'): Investigation {
  const whole = { run: null, incident: null, changes: [], ...facts }
  return draftSheet('INV-1', { [about]: 'x', by: ' ana ' }, whole, NOW)
}

function told({ answers, evidence }: Investigation): string[][] {
  const kindOf = (id: string): string => evidence.find((piece) => piece.id === id)?.kind ?? 'none'
  return answers.map(({ question, text, evidence: ids }) => [question, text, ids.map(kindOf).join(' ')])
}
