/** Deploys, those seen in telemetry and those announced, as one list. */
import type { DatabaseSync } from 'node:sqlite'
import type { Deploy } from '../../contract/deploys.ts'
import { hours, toIso, type Instant, type Millis } from '../../contract/units.ts'
import type { AnnouncedDeploy } from '../announced-deploy.ts'
import { inTransaction } from './database.ts'
import { DEPLOY_COLUMN_TYPES, DEPLOY_COLUMNS, deployOf, deployValues } from './deploy-row.ts'

/** What was announced is kept on the desk; this is a copy beside what was seen, for as long as the process lives. */
export const ANNOUNCED_TABLE = `
  CREATE TEMP TABLE announced (${DEPLOY_COLUMN_TYPES}) STRICT;
  CREATE INDEX temp.announced_key ON announced (service, environment, version, at);`

/** A deploy may take so long from its first run on, and be announced at its end. Later it is another one: the version came back. */
const ANNOUNCED_WITHIN: Millis = hours(1)

export type ListDeploys = (from: Instant, to: Instant) => Deploy[]

/**
 * In order of time. The version with which a service was first seen is where we began to look, and no deploy. What was
 * both seen and announced is one deploy, at the announced time: whoever deploys knows it better than the first run.
 */
export function prepareListDeploys(database: DatabaseSync): ListDeploys {
  const list = database.prepare(
    `SELECT * FROM (
       SELECT service, environment, version, first_at AS at, 'seen' AS source, NULL AS url, NULL AS note, NULL AS said_by
       FROM (SELECT *, row_number() OVER (PARTITION BY service, environment ORDER BY first_at, version) AS nth FROM deploy)
         AS seen
       WHERE nth > 1 AND NOT EXISTS (
         SELECT 1 FROM announced WHERE announced.service = seen.service AND announced.environment = seen.environment
           AND announced.version = seen.version AND announced.at <= seen.first_at + ${ANNOUNCED_WITHIN})
       UNION ALL SELECT ${DEPLOY_COLUMNS} FROM announced)
     ORDER BY at, service, version`,
  )
  const readAll = (): MadeList =>
    list.all().map((row) => {
      const deploy = deployOf<Deploy['source']>(row)
      return { at: deploy.at, deploy: { ...deploy, at: toIso(deploy.at) } }
    })
  return (from, to) => {
    const all = made.get(database) ?? readAll()
    made.set(database, all)
    return all.filter(({ at }) => at >= from && at <= to).map(({ deploy }) => deploy)
  }
}

type MadeList = readonly { readonly at: Instant; readonly deploy: Deploy }[]

/** It is asked for with every list of incidents and changes a few times a day; of ten thousand it takes 50 ms to make. */
const made = new WeakMap<DatabaseSync, MadeList>()

/** A deploy was seen or announced: the list is to be made anew. */
export function forgetDeployList(database: DatabaseSync): void {
  made.delete(database)
}

/** @returns what takes over all that was announced, whatever it was told before */
export function prepareSetAnnounced(database: DatabaseSync): (deploys: readonly AnnouncedDeploy[]) => null {
  const clear = database.prepare('DELETE FROM announced')
  const insert = database.prepare(`INSERT INTO announced (${DEPLOY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  return (deploys) => {
    forgetDeployList(database)
    inTransaction(database, () => {
      clear.run()
      for (const deploy of deploys) insert.run(...deployValues(deploy))
    })
    return null
  }
}
