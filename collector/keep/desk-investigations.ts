/** The desk's investigations: each with its first revision, the one it is at, and every entry in between. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Instant } from '../../contract/units.ts'
import { inTransaction } from './database.ts'

export const INVESTIGATION_TABLES = `
  CREATE TABLE investigation (
    no INTEGER PRIMARY KEY, key TEXT UNIQUE, fingerprint TEXT, run_id TEXT, first TEXT NOT NULL, row TEXT NOT NULL,
    nth INTEGER NOT NULL UNIQUE -- the order in which sheets were edited last: no clock that is set back turns it
  ) STRICT;
  CREATE TABLE investigation_entry (
    no INTEGER NOT NULL, rev INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (no, rev)
  ) WITHOUT ROWID, STRICT;`

/** Texts are JSON of the shapes that `investigate/` makes. */
export interface DeskInvestigations {
  /** @param make called with its number. @returns the number: of the one made before, when this key made one */
  create(key: string | null, make: (no: number) => NewDeskSheet): number
  /** Null when there is none. */
  read(no: number): { readonly first: string; readonly entries: readonly string[] } | null
  /** On disk when it returns. @throws when the revision is there already */
  append(no: number, rev: number, entry: string, row: string): void
  /** The one edited last is first. */
  list(about: { readonly fingerprint?: string | undefined; readonly runId?: string | undefined }): readonly string[]
  /** Messages told to others about an incident, or about a run. */
  told(about: { readonly fingerprint: string | null; readonly runId: string | null }): readonly ToldMessage[]
}

export interface NewDeskSheet {
  readonly first: string
  /** What a list says of it. */
  readonly row: string
  readonly fingerprint: string | null
  readonly runId: string | null
}

export interface ToldMessage {
  readonly body: string
  readonly toldAt: Instant
}

/** Sheets are few; a list longer than this is not read. */
const LIST_MAX = 1_000
const TOLD_MAX = 200

export function openDeskInvestigations(database: DatabaseSync): DeskInvestigations {
  const made = database.prepare('SELECT no FROM investigation WHERE key = ?')
  const next = database.prepare('SELECT coalesce(max(no), 0) + 1 AS no FROM investigation')
  const create = database.prepare(
    `INSERT INTO investigation (no, key, fingerprint, run_id, first, row, nth)
     VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(nth), 0) + 1 FROM investigation))`,
  )
  const first = database.prepare('SELECT first FROM investigation WHERE no = ?')
  const entries = database.prepare('SELECT entry FROM investigation_entry WHERE no = ? ORDER BY rev')
  const append = database.prepare('INSERT INTO investigation_entry (no, rev, entry) VALUES (?, ?, ?)')
  const update = database.prepare(
    'UPDATE investigation SET row = ?, nth = (SELECT max(nth) + 1 FROM investigation) WHERE no = ?',
  )
  const list = database.prepare(
    `SELECT row FROM investigation WHERE (?1 IS NULL OR fingerprint = ?1) AND (?2 IS NULL OR run_id = ?2)
     ORDER BY nth DESC LIMIT ${LIST_MAX}`,
  )
  const told = database.prepare(
    `SELECT body, told_at FROM outbox WHERE told_at IS NOT NULL AND
       (body ->> '$.data.group.fingerprint' = ?1 OR body ->> '$.data.run.id' = ?2) ORDER BY told_at LIMIT ${TOLD_MAX}`,
  )
  return {
    create(key, make) {
      const before = key === null ? undefined : made.get(key)
      if (before !== undefined) return Number(before['no'])
      const no = Number(next.get()?.['no'])
      const { first: text, row, fingerprint, runId } = make(no)
      create.run(no, key, fingerprint, runId, text, row)
      return no
    },
    read(no) {
      const text = first.get(no)
      if (text === undefined) return null
      return { first: String(text['first']), entries: entries.all(no).map(({ entry }) => String(entry)) }
    },
    append: (no, rev, entry, row) =>
      inTransaction(database, () => {
        append.run(no, rev, entry)
        update.run(row, no)
      }),
    list: ({ fingerprint = null, runId = null }) => list.all(fingerprint, runId).map(({ row }) => String(row)),
    told: ({ fingerprint, runId }) => told.all(fingerprint, runId).map(toldMessage),
  }
}

function toldMessage(row: Record<string, SQLOutputValue>): ToldMessage {
  return { body: String(row['body']), toldAt: Number(row['told_at']) }
}
