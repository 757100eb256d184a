import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Instant } from '../../contract/units.ts'
import { inTransaction, openDatabase } from './database.ts'
import { INVESTIGATION_TABLES, openDeskInvestigations, type DeskInvestigations } from './desk-investigations.ts'

/** What people and the outside world are owed. It cannot be rebuilt from the log, so every change is on disk at once. */
export interface Desk {
  /** Due at once. A message whose id is known, told or not, changes nothing. */
  put(message: DeskMessage): void
  /** Not told and due, the longest due first. */
  due(now: Instant): readonly WaitingDeskMessage[]
  told(id: string, now: Instant): void
  /** Counts an attempt. `dueAt` may be infinite: kept, and never due again. */
  retry(id: string, dueAt: Instant, error: string): void
  /** When the next message is due; null when none waits. */
  nextDue(): Instant | null
  /** Messages not told yet and not given up. */
  waiting(): number
  /** Stalls told of together, and what belongs to them, as texts by key. */
  groups(): DeskGroups<string>
  /** All of it or nothing; null takes one out. Messages are `put`. */
  saveGroups(changes: DeskGroups<string | null> & { readonly messages: readonly DeskMessage[] }): void
  /** When the first event ever came; null until it has. Telemetry itself is forgotten in time. */
  firstEventAt(): Instant | null
  saveFirstEvent(at: Instant): void
  readonly investigations: DeskInvestigations
  /** Forget messages that were told, or given up, before this moment. */
  forget(before: Instant): void
  close(): void
}

export interface DeskMessage {
  readonly id: string
  readonly body: string
  readonly createdAt: Instant
}

export interface DeskGroups<Text> {
  readonly groups: ReadonlyMap<string, Text>
  readonly members: ReadonlyMap<string, Text>
}

export interface WaitingDeskMessage extends DeskMessage {
  /** How often it was tried in vain. */
  readonly attempts: number
}

const DUE_AT_ONCE = 100

const MIGRATIONS = [
  `CREATE TABLE outbox (
     id TEXT PRIMARY KEY, body TEXT NOT NULL, created_at REAL NOT NULL, due_at REAL NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0, told_at REAL, last_error TEXT
   ) WITHOUT ROWID, STRICT;
   CREATE INDEX outbox_due ON outbox (due_at) WHERE told_at IS NULL;`,
  `CREATE TABLE stall_group (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID, STRICT;
   CREATE TABLE stall_member (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID, STRICT;`,
  `CREATE TABLE first_event (only INTEGER PRIMARY KEY CHECK (only = 1), at REAL NOT NULL) STRICT;`,
  INVESTIGATION_TABLES,
]

/** Small and rare enough to be read and written where it is asked. @throws when the file is of a newer Laststep */
export function openDesk(dir: string): Desk {
  mkdirSync(dir, { recursive: true })
  const database = openDatabase(join(dir, 'desk.db'), MIGRATIONS)
  const put = database.prepare(
    'INSERT INTO outbox (id, body, created_at, due_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const due = database.prepare(
    `SELECT id, body, created_at AS createdAt, attempts FROM outbox
     WHERE told_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ${DUE_AT_ONCE}`,
  )
  const told = database.prepare('UPDATE outbox SET told_at = ?, last_error = NULL WHERE id = ?')
  const retry = database.prepare('UPDATE outbox SET due_at = ?, last_error = ?, attempts = attempts + 1 WHERE id = ?')
  const nextDue = database.prepare('SELECT min(due_at) AS at FROM outbox WHERE told_at IS NULL')
  const waiting = database.prepare('SELECT count(*) AS count FROM outbox WHERE told_at IS NULL AND due_at < 9e999')
  const forget = database.prepare('DELETE FROM outbox WHERE created_at < ?1 AND (told_at < ?1 OR due_at = 9e999)')
  const firstEvent = database.prepare('SELECT at FROM first_event')
  const saveFirstEvent = database.prepare('INSERT OR IGNORE INTO first_event (only, at) VALUES (1, ?)')
  const groups = openTexts(database, 'stall_group')
  const members = openTexts(database, 'stall_member')
  return {
    put: ({ id, body, createdAt }) => void put.run(id, body, createdAt, createdAt),
    due: (now) => due.all(now).map(waitingMessage),
    told: (id, now) => void told.run(now, id),
    retry: (id, dueAt, error) => void retry.run(dueAt, error, id),
    nextDue: () => (nextDue.get() as { at: Instant | null }).at,
    waiting: () => (waiting.get() as { count: number }).count,
    groups: () => ({ groups: groups.all(), members: members.all() }),
    saveGroups: (changes) =>
      inTransaction(database, () => {
        groups.set(changes.groups)
        members.set(changes.members)
        for (const { id, body, createdAt } of changes.messages) put.run(id, body, createdAt, createdAt)
      }),
    firstEventAt: () => (firstEvent.get() as { at: Instant } | undefined)?.at ?? null,
    saveFirstEvent: (at) => void saveFirstEvent.run(at),
    investigations: openDeskInvestigations(database),
    forget: (before) => void forget.run(before),
    close: () => database.close(),
  }
}

/** A table of texts by key. */
function openTexts(database: DatabaseSync, table: 'stall_group' | 'stall_member') {
  const all = database.prepare(`SELECT key, text FROM ${table}`)
  const set = database.prepare(`INSERT OR REPLACE INTO ${table} (key, text) VALUES (?, ?)`)
  const remove = database.prepare(`DELETE FROM ${table} WHERE key = ?`)
  return {
    all: () => new Map(all.all().map(({ key, text }) => [String(key), String(text)])),
    set(changes: ReadonlyMap<string, string | null>) {
      for (const [key, text] of changes)
        if (text === null) remove.run(key)
        else set.run(key, text)
    },
  }
}

/** SQLite's columns are typed by the table (`STRICT`), not for TypeScript. */
function waitingMessage(row: Record<string, SQLOutputValue>): WaitingDeskMessage {
  return {
    id: String(row['id']),
    body: String(row['body']),
    createdAt: Number(row['createdAt']),
    attempts: Number(row['attempts']),
  }
}
