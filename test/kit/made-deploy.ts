import type { Deploy } from '../../contract/deploys.ts'

export function makeDeploy(different: Partial<Deploy> = {}): Deploy {
  return {
    service: 'shop',
    environment: 'staging',
    version: '1.4.2',
    at: '2026-11-22T13:56:00.000Z',
    source: 'seen',
    url: null,
    note: null,
    by: null,
    ...different,
  }
}
