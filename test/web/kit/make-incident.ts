import { UNTOUCHED } from '../../../contract/incidents.ts'
import type { IncidentDetail } from '../../../contract/stalls.ts'

export function makeIncident(different: Partial<IncidentDetail>): IncidentDetail {
  return {
    fingerprint: '4f2a09c1d2e3f405',
    environment: 'staging',
    agent: 'support',
    phase: 'tool',
    step: 'search_orders',
    cause: 'tool-silent',
    code: { file: 'src/tools/search.ts', line: 88, function: null },
    life: UNTOUCHED,
    tag: 'new',
    stalls: 41,
    standing: 3,
    users: 38,
    sessions: 39,
    recovered: 2,
    completedLate: 1,
    atRisk: null,
    siblings: [],
    firstAt: '2026-11-22T14:02:00.000Z',
    firstVersion: '1.4.2',
    lastAt: '2026-11-22T14:29:00.000Z',
    deploy: null,
    versions: [{ version: '1.4.2', stalls: 41 }],
    trend: Array.from({ length: 48 }, () => 0),
    trendFrom: '2026-11-21T15:00:00.000Z',
    deploys: [],
    firstStall: null,
    latestStalls: [
      {
        runId: 'run_7',
        version: '1.4.2',
        userId: 'u_1',
        beganAt: '2026-11-22T14:29:00.000Z',
        endedAt: null,
        run: null,
      },
    ],
    userIds: ['u_1'],
    codeKey: 'src/tools/search.ts:88',
    merged: [],
    splitFrom: null,
    ...different,
  }
}
