/** The deploys that people and their programs announced. Telemetry does not know of them, so nothing can make them anew. */
import type { DatabaseSync } from 'node:sqlite'
import { minutes, type Millis } from '../../contract/units.ts'
import type { AnnouncedDeploy, Announced } from '../announced-deploy.ts'
import { inTransaction } from './database.ts'
import { DEPLOY_COLUMN_TYPES, DEPLOY_COLUMNS, deployOf, deployValues } from './deploy-row.ts'

export const DEPLOY_DESK_TABLES = `
  CREATE TABLE announced_deploy (no INTEGER PRIMARY KEY, ${DEPLOY_COLUMN_TYPES}) STRICT;
  CREATE INDEX announced_deploy_key ON announced_deploy (service, environment, version, at);
  CREATE INDEX announced_deploy_at ON announced_deploy (at);`

export interface DeskDeploys {
  /** In order of time. */
  all(): AnnouncedDeploy[]
  /** Of the same deploy, said again within a minute of its time, the first is kept as it was. */
  announce(deploy: AnnouncedDeploy): Announced
}

const SAME_WITHIN: Millis = minutes(1)
/** Thirty a day for a year; of more the oldest are forgotten. */
const KEPT_MAX = 10_000

/** @param keptMax for tests */
export function openDeskDeploys(database: DatabaseSync, keptMax = KEPT_MAX): DeskDeploys {
  const all = database.prepare(`SELECT ${DEPLOY_COLUMNS} FROM announced_deploy ORDER BY at, no`)
  const same = database.prepare(
    `SELECT ${DEPLOY_COLUMNS} FROM announced_deploy
     WHERE service = ?1 AND environment = ?2 AND version = ?3 AND at >= ?4 - ${SAME_WITHIN} AND at <= ?4 + ${SAME_WITHIN}
     ORDER BY abs(at - ?4), no LIMIT 1`,
  )
  const insert = database.prepare(`INSERT INTO announced_deploy (${DEPLOY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const forget = database.prepare(
    'DELETE FROM announced_deploy WHERE no IN (SELECT no FROM announced_deploy ORDER BY at DESC, no DESC LIMIT -1 OFFSET ?)',
  )
  return {
    all: () => all.all().map((row) => deployOf(row)),
    announce(deploy) {
      const { service, environment, version, at } = deploy
      const known = same.get(service, environment ?? '', version, at)
      if (known !== undefined) return { deploy: deployOf(known), isNew: false }
      inTransaction(database, () => {
        insert.run(...deployValues(deploy))
        forget.run(keptMax)
      })
      return { deploy, isNew: true }
    },
  }
}
