/** What came of an incident after a moment: the facts by which a mute ends, or a resolved one comes again. */
import type { DatabaseSync } from 'node:sqlite'
import type { Recurrence } from '../change-life.ts'
import { rootOf } from '../homes.ts'
import type { RecurrenceQuery } from './history-words.ts'
import type { IncidentHomes } from './incident-homes.ts'
import type { ListDeploys } from './list-deploys.ts'

/** Of so many latest stalls the services are looked at. */
const STALLS_LOOKED_AT = 50

export function prepareReadRecurrence(
  database: DatabaseSync,
  homes: IncidentHomes,
  listDeploys: ListDeploys,
): (query: RecurrenceQuery) => Recurrence {
  const count = homes.ofEach((from) => `SELECT count(*) AS stalls FROM ${from('stall')} AND began_at > ?2`)
  const versions = homes.ofEach(
    (from) => `SELECT version, min(began_at) AS first_at FROM ${from('stall')} AND began_at > ?2 GROUP BY version
     ORDER BY first_at`,
  )
  const stalledBefore = homes.ofEach(
    (from) => `SELECT 1 FROM ${from('stall')} AND began_at <= ?2 AND version = ?3 LIMIT 1`,
  )
  const ranBefore = database.prepare(
    "SELECT 1 FROM deploy WHERE environment = coalesce(?, '') AND version = ? AND first_at <= ? LIMIT 1",
  )
  const services = homes.ofEach(
    (from) => `SELECT DISTINCT run.service, run.environment FROM (
       SELECT run_key, run_id FROM ${from('stall')} ORDER BY began_at DESC LIMIT ?2) AS late
     JOIN run ON run.id_key = late.run_key AND run.id = late.run_id`,
  )
  return ({ fingerprint, after, now }) => {
    homes.settle()
    const home = rootOf(homes.records, fingerprint)
    const environment = homes.find(home)?.['environment'] ?? null
    const deployed = new Set(listDeploys(after, now).map(({ service, environment: where }) => `${where}\n${service}`))
    return {
      stalls: Number(count(home, after)[0]?.['stalls'] ?? 0),
      versions: versions(home, after).map(({ version }) => ({
        version: String(version) || null,
        wasKnown:
          ranBefore.get(environment, String(version), after) !== undefined ||
          stalledBefore(home, after, String(version)).length > 0,
      })),
      wasDeployed: services(home, STALLS_LOOKED_AT).some(({ service, environment: where }) =>
        deployed.has(`${where}\n${service}`),
      ),
    }
  }
}
