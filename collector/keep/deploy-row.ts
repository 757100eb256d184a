/** A deploy as a row, alike on the desk and in the history. Absent environments are '', as where they are part of a key. */
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { DeploySource } from '../../contract/deploys.ts'
import type { AnnouncedDeploy } from '../announced-deploy.ts'

/** `said_by` because BY is a word of SQL. */
export const DEPLOY_COLUMNS = 'service, environment, version, at, source, url, note, said_by'

/** Of a table with these columns. */
export const DEPLOY_COLUMN_TYPES = `
  service TEXT NOT NULL, environment TEXT NOT NULL, version TEXT NOT NULL, at REAL NOT NULL,
  source TEXT NOT NULL, url TEXT, note TEXT, said_by TEXT`

type DeployRow<Source extends DeploySource> = Omit<AnnouncedDeploy, 'source'> & { readonly source: Source }

export function deployValues(deploy: AnnouncedDeploy): SQLInputValue[] {
  const { service, environment, version, at, source, url, note, by } = deploy
  return [service, environment ?? '', version, at, source, url, note, by]
}

export function deployOf<Source extends DeploySource>(row: Record<string, SQLOutputValue>): DeployRow<Source> {
  const textOf = (column: string): string | null => {
    const value = row[column]
    return typeof value === 'string' && value !== '' ? value : null
  }
  return {
    service: String(row['service']),
    environment: textOf('environment'),
    version: String(row['version']),
    at: Number(row['at']),
    // Written from the closed list of those who may have said it.
    source: row['source'] as Source,
    url: textOf('url'),
    note: textOf('note'),
    by: textOf('said_by'),
  }
}
