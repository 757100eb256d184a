import { DatabaseSync } from 'node:sqlite'

/**
 * Open a SQLite file and bring it to the present form. `user_version` counts the migrations it has seen; each one runs
 * in a transaction of its own, so a process killed in between goes on where it stopped.
 * @throws when the file was written by a newer Laststep
 */
export function openDatabase(path: string, migrations: readonly string[]): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000')
  const { user_version: seen } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (seen > migrations.length) {
    database.close()
    throw new Error(`${path} was written by a newer Laststep (form ${seen}, this one knows ${migrations.length})`)
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < seen) continue
    database.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`)
  }
  return database
}

/** Of a file that another thread writes: what it has committed. @throws when there is none */
export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true })
  database.exec('PRAGMA busy_timeout = 2000')
  return database
}

/** All of it or nothing. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
