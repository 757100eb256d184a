/** What people decided about incidents, and the history of it, which is only ever added to. */
import type { DatabaseSync } from 'node:sqlite'
import type { IncidentChange } from '../../contract/incidents.ts'
import type { Fingerprint } from '../../contract/stalls.ts'
import type { IncidentRecord } from '../homes.ts'
import { inTransaction } from './database.ts'

export const INCIDENT_DESK_TABLES = `
  CREATE TABLE incident_record (fingerprint TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE incident_change (no INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE INDEX incident_change_of ON incident_change (fingerprint, no);
  CREATE TRIGGER incident_change_stays BEFORE UPDATE ON incident_change
  BEGIN SELECT RAISE(ABORT, 'the history of incidents is only added to'); END;
  CREATE TRIGGER incident_change_is_kept BEFORE DELETE ON incident_change
  BEGIN SELECT RAISE(ABORT, 'the history of incidents is only added to'); END`

export interface IncidentDesk {
  all(): ReadonlyMap<Fingerprint, IncidentRecord>
  /** Both or neither. @param told whose histories the change belongs to */
  save(fingerprint: Fingerprint, record: IncidentRecord, change: IncidentChange, told: readonly Fingerprint[]): void
  /** The latest first. */
  changes(fingerprint: Fingerprint, limit: number): readonly IncidentChange[]
}

export function openIncidentDesk(database: DatabaseSync): IncidentDesk {
  const all = database.prepare('SELECT fingerprint, text FROM incident_record')
  const put = database.prepare('INSERT OR REPLACE INTO incident_record (fingerprint, text) VALUES (?, ?)')
  const add = database.prepare('INSERT INTO incident_change (fingerprint, text) VALUES (?, ?)')
  const list = database.prepare('SELECT text FROM incident_change WHERE fingerprint = ? ORDER BY no DESC LIMIT ?')
  return {
    all: () =>
      new Map(
        all.all().map(({ fingerprint, text }) => [String(fingerprint), JSON.parse(String(text)) as IncidentRecord]),
      ),
    save: (fingerprint, record, change, told) =>
      inTransaction(database, () => {
        put.run(fingerprint, JSON.stringify(record))
        for (const whose of told) add.run(whose, JSON.stringify(change))
      }),
    changes: (fingerprint, limit) =>
      list.all(fingerprint, limit).map(({ text }) => JSON.parse(String(text)) as IncidentChange),
  }
}
