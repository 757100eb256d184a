import type { DatabaseSync } from 'node:sqlite'
import type { Deploy } from '../../contract/stalls.ts'
import { toIso, type Instant } from '../../contract/units.ts'

export type ListDeploys = (from: Instant, to: Instant) => Deploy[]

/** In order of time. The version with which a service was first seen is where we began to look, and no deploy. */
export function prepareListDeploys(database: DatabaseSync): ListDeploys {
  const list = database.prepare(
    `SELECT service, environment, version, first_at FROM (
       SELECT *, row_number() OVER (PARTITION BY service, environment ORDER BY first_at, version) AS nth FROM deploy)
     WHERE nth > 1 AND first_at >= ? AND first_at <= ? ORDER BY first_at, service, version`,
  )
  return (from, to) =>
    list.all(from, to).map(({ service, environment, version, first_at: at }) => ({
      service: String(service),
      environment: environment === '' ? null : String(environment),
      version: String(version),
      at: toIso(Number(at)),
    }))
}
