import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { RunList } from '../../contract/runs.ts'
import { sleep, type Clock, type Timer } from '../../contract/clock.ts'
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import type { Trends } from '../../contract/trends.ts'
import type { Place } from '../entry.ts'
import type { Recurrence } from '../change-life.ts'
import type { StallWord } from '../stall.ts'
import type { StallQuery, TrendQuery } from '../stall-query.ts'
import type { RunQuery, StoredRun } from '../stored-run.ts'
import { Unavailable } from '../unavailable.ts'
import { BadQuery } from './bad-query.ts'
import { openHistoryDeploys, type HistoryDeploys } from './history-deploys.ts'
import { openHistorySearch, type HistorySearch } from './history-search.ts'
import type {
  Arrangement,
  Checkpoint,
  HistoryCall,
  HistoryCalls,
  Piece,
  Question,
  RecurrenceQuery,
  Reply,
  Sheet,
} from './history-words.ts'
import { LaterRuns } from './later-runs.ts'
import { readPage } from './read-page.ts'
import { startHistoryWorker } from './start-history-worker.ts'
import { addPiece, isEmpty, newBatch, putBack, rowsOf, type WaitingBatch } from './waiting-batch.ts'

/**
 * Where runs and their bytes are found: derived from the log, so it can be made anew. SQLite in a worker thread.
 *
 * Writes wait their turn in memory and go out together; a run written twice before its turn is written once. Reads see
 * every write asked for before them. When the queue is full, `saveRuns` and `savePieces` resolve only once there is
 * room: whoever awaits them slows down with the disk.
 */
export interface History {
  saveRuns(runs: readonly StoredRun[]): Promise<void>
  saveStalls(words: readonly StallWord[]): Promise<void>
  /** A run has gone on, and nothing else is new: written within a second, and before anybody reads or saves a checkpoint. */
  noteRun(id: string, read: () => StoredRun): void
  savePieces(pieces: readonly Piece[]): Promise<void>
  /** Resolves once it is with the database: whoever writes a book in sheets waits for each. */
  saveSheet(sheet: Sheet): Promise<void>
  /** The sheets saved last are the book. Resolves once it, and everything asked for before, is on disk. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>
  /** The last moment at which we were surely listening. */
  saveAlive(at: Instant): Promise<void>
  loadCheckpoint(): Promise<Checkpoint | null>
  /** The book of that checkpoint, sheet by sheet. */
  loadSheets(): AsyncIterable<string>
  loadAlive(): Promise<Instant | null>
  /** @throws BadQuery when the cursor is not one of ours */
  listRuns(query: RunQuery): Promise<RunList>
  listIncidents(query: StallQuery): Promise<IncidentList>
  /** By its fingerprint or the beginning of it. */
  findIncident(id: string, now: Instant): Promise<IncidentDetail | null>
  arrangeIncidents(arrangement: Arrangement): Promise<null>
  recurrence(query: RecurrenceQuery): Promise<Recurrence>
  trends(query: TrendQuery): Promise<Trends>
  readonly search: HistorySearch
  readonly deploys: HistoryDeploys
  /** By run id or trace id; of several runs of a trace, the newest. */
  findRun(id: string): Promise<StoredRun | null>
  /** Where the log speaks of any of these keys (`piece-keys.ts`), in the order of the log. */
  pieces(keys: readonly string[]): Promise<readonly Place[]>
  /** Everything asked for so far is written: the next start finds it, or says it again from the log. */
  flushed(): Promise<void>
  /** Forget pieces of dropped segments, runs that began before a moment, and runs of our own that began before another. */
  forget(what: HistoryCalls['forget']['ask']): Promise<void>
  /** As `flushed`, and hurries nobody: resolves when it would be written anyhow. */
  stored(): Promise<void>
  /** Since when its thread is gone; null while it lives. */
  readonly endedAt: Instant | null
  /** Since when its thread owes the oldest answer; null when it owes none. */
  readonly waitsSince: Instant | null
  /** Rows waiting to be written. */
  readonly waiting: number
  /** The queue has been full for two seconds: let nothing more in until it is not. */
  isBehind(): boolean
  close(): Promise<void>
}

export interface HistorySettings {
  readonly dir: string
  readonly clock: Clock
  readonly log: { error(details: object, message: string): void }
  /** Rows that may wait to be written before writers wait with them. */
  readonly waitingMax?: number
}

const WAITING_MAX = 50_000
/** A full queue is normal under load, and its writers wait; one that stays full is a disk or a database that stands. */
const FULL_MS_MAX: Millis = seconds(2)
const RETRY_MS: Millis = seconds(1)
/** Rows gather for so long, unless somebody waits for them: a batch is one message between threads, one transaction. */
const GATHER_MS: Millis = 50
/** As many make a batch worth its transaction. */
const GATHER_ROWS_MAX = 2_000

/** @throws when the database cannot be opened, or is of a newer Laststep */
export async function openHistory(settings: HistorySettings): Promise<History> {
  await mkdir(settings.dir, { recursive: true })
  const worker = await startHistoryWorker(join(settings.dir, 'history.db'))
  return new WorkerHistory(worker, settings)
}

class WorkerHistory implements History {
  readonly #worker: Worker
  readonly #settings: HistorySettings
  /** Oldest first. */
  readonly #asked = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void; at: Instant }>()
  #lastId = 0
  #batch = newBatch()
  #isSending = false
  #gathering: Timer | null = null
  readonly #later: LaterRuns
  #fullSince: Instant | null = null
  #sent: WaitingBatch | null = null
  #died: Error | null = null
  #endedAt: Instant | null = null
  #isClosing = false

  constructor(worker: Worker, settings: HistorySettings) {
    this.#worker = worker
    this.#settings = settings
    this.#later = new LaterRuns(settings.clock, (runs) => void this.saveRuns(runs))
    worker.on('message', (reply: Reply) => this.#answered(reply))
    worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => this.#end(new Error('the history is closed')))
  }

  get endedAt(): Instant | null {
    return this.#endedAt
  }

  get waitsSince(): Instant | null {
    const [oldest] = this.#asked.values()
    return oldest?.at ?? null
  }

  get waiting(): number {
    return this.#later.size + rowsOf(this.#batch) + (this.#sent ? rowsOf(this.#sent) : 0)
  }

  isBehind(): boolean {
    return this.#fullSince !== null && this.#settings.clock.now() - this.#fullSince > FULL_MS_MAX
  }

  get #isFull(): boolean {
    return this.waiting > (this.#settings.waitingMax ?? WAITING_MAX)
  }

  // Writing.

  saveRuns(runs: readonly StoredRun[]): Promise<void> {
    for (const run of runs) {
      this.#later.drop(run.row.id)
      this.#batch.runs.set(run.row.id, run)
    }
    return this.#saveSoon()
  }

  async saveStalls(words: readonly StallWord[]): Promise<void> {
    if (words.length === 0) return
    this.#batch.stalls.push(...words)
    await this.#saveSoon()
  }

  noteRun(id: string, read: () => StoredRun): void {
    if (!this.#died) this.#later.note(id, read)
  }

  savePieces(pieces: readonly Piece[]): Promise<void> {
    for (const piece of pieces) addPiece(this.#batch, piece)
    return this.#saveSoon()
  }

  saveAlive(at: Instant): Promise<void> {
    this.#batch.aliveAt = at
    return this.#saveSoon()
  }

  saveSheet(sheet: Sheet): Promise<void> {
    this.#batch.sheets.push(sheet)
    return this.flushed()
  }

  saveCheckpoint(checkpoint: Checkpoint): Promise<void> {
    this.#later.writeAll()
    this.#batch.checkpoint = checkpoint
    return this.flushed()
  }

  async #saveSoon(): Promise<void> {
    // Without its thread the history takes nothing more; the next start makes it anew from the log.
    if (this.#died) this.#batch = newBatch()
    if (this.#isDue) void this.#sendAll()
    else this.#gathering ??= this.#settings.clock.after(GATHER_MS, () => void this.#sendAll())
    while (this.#isFull && !this.#died) {
      this.#fullSince ??= this.#settings.clock.now()
      // Whether it could be written is told to those who ask for it; here only room matters.
      await (this.#sent ?? this.#batch).saved.promise.catch(() => {})
    }
  }

  get #isDue(): boolean {
    return this.#batch.isAwaited || rowsOf(this.#batch) >= GATHER_ROWS_MAX || this.#isFull
  }

  /** One batch at a time; what is asked for meanwhile is the next one. */
  async #sendAll(): Promise<void> {
    this.#gathering?.cancel()
    this.#gathering = null
    if (this.#isSending) return
    this.#isSending = true
    // Whatever is saved in this turn of the event loop goes together.
    await Promise.resolve()
    do if (!isEmpty(this.#batch)) await this.#send(this.#batch)
    while (this.#isDue && !isEmpty(this.#batch) && !this.#died)
    this.#isSending = false
    if (!isEmpty(this.#batch)) void this.#saveSoon()
  }

  /** What waits is waited for: it goes as soon as it can. */
  #hurry(): void {
    this.#batch.isAwaited = true
    void this.#sendAll()
  }

  async #send(batch: WaitingBatch): Promise<void> {
    this.#batch = newBatch()
    this.#sent = batch
    const { stalls, pieces, sheets, checkpoint, aliveAt } = batch
    const runs = Array.from(batch.runs.values(), (run) => JSON.stringify(run)).join('\n')
    const saved = this.#ask('save', { runs, stalls, pieces: Float64Array.from(pieces), sheets, checkpoint, aliveAt })
    batch.posted.resolve()
    try {
      await saved
      batch.saved.resolve()
    } catch (error) {
      if (this.#died || this.#isClosing) return batch.saved.reject(error)
      this.#settings.log.error({ err: error, rows: rowsOf(batch) }, 'the history cannot be written; trying again')
      this.#batch = putBack(batch, this.#batch)
      // Its rows wait in the batch again: they count once, and whoever waits for them still does.
      this.#sent = { ...newBatch(), saved: batch.saved }
      await sleep(this.#settings.clock, RETRY_MS)
    } finally {
      this.#sent = null
      if (!this.#isFull) this.#fullSince = null
    }
  }

  async flushed(): Promise<void> {
    if (isEmpty(this.#batch)) return this.#sent?.saved.promise
    const { saved } = this.#batch
    this.#hurry()
    return saved.promise
  }

  async stored(): Promise<void> {
    if (isEmpty(this.#batch)) return this.#sent?.saved.promise
    return this.#batch.saved.promise
  }

  forget(what: HistoryCalls['forget']['ask']): Promise<void> {
    return this.#askAfterWrites('forget', what).then(() => {})
  }

  // Reading.

  readonly loadCheckpoint = () => this.#askAfterWrites('loadCheckpoint', null)

  async *loadSheets(): AsyncGenerator<string> {
    for (let no = 0; ; no++) {
      const text = await this.#askAfterWrites('loadSheet', no)
      if (text === null) return
      yield text
    }
  }

  readonly loadAlive = () => this.#askAfterWrites('loadAlive', null)

  async listRuns(query: RunQuery): Promise<RunList> {
    const { pages, next } = await this.#askAfterWrites('list', query)
    return { runs: pages.map((page) => (JSON.parse(page) as StoredRun).row), next }
  }

  readonly listIncidents = (query: StallQuery) => this.#askAfterWrites('incidents', query)
  readonly findIncident = (id: string, now: Instant) => this.#askAfterWrites('incident', { id, now })
  readonly arrangeIncidents = (arrangement: Arrangement) => this.#ask('arrange', arrangement)
  readonly recurrence = (query: RecurrenceQuery) => this.#askAfterWrites('recurrence', query)
  readonly trends = (query: TrendQuery) => this.#askAfterWrites('trends', query)
  readonly search = openHistorySearch((call, ask) => this.#askAfterWrites(call, ask))
  readonly deploys = openHistoryDeploys((call, ask) => this.#askAfterWrites(call, ask))

  async findRun(id: string): Promise<StoredRun | null> {
    const found = await this.#askAfterWrites('find', id)
    return found === null ? null : readPage(found)
  }

  readonly pieces = (keys: readonly string[]) => this.#askAfterWrites('pieces', keys)

  async #askAfterWrites<Call extends HistoryCall>(
    call: Call,
    ask: HistoryCalls[Call]['ask'],
  ): Promise<HistoryCalls[Call]['answer']> {
    this.#later.writeAll()
    if (!isEmpty(this.#batch)) {
      const { posted } = this.#batch
      this.#hurry()
      await posted.promise
    }
    return this.#ask(call, ask)
  }

  // The worker.

  #ask<Call extends HistoryCall>(call: Call, ask: HistoryCalls[Call]['ask']): Promise<HistoryCalls[Call]['answer']> {
    if (this.#died) return Promise.reject(new Unavailable(this.#died.message))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const at = this.#settings.clock.now()
      this.#asked.set(id, { resolve: (answer) => resolve(answer as HistoryCalls[Call]['answer']), reject, at })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is no window
      this.#worker.postMessage({ id, call, ask } satisfies Question)
    })
  }

  #answered(reply: Reply): void {
    const asker = this.#asked.get(reply.id)
    this.#asked.delete(reply.id)
    if ('answer' in reply) asker?.resolve(reply.answer)
    else asker?.reject(reply.isBadQuestion ? new BadQuery(reply.error) : new Error(reply.error))
  }

  #end(error: Error): void {
    if (this.#died) return
    this.#died = error
    this.#endedAt = this.#settings.clock.now()
    if (!this.#isClosing)
      this.#settings.log.error({ err: error }, 'the history stopped; runs are judged, lists stand still')
    for (const { reject } of this.#asked.values()) reject(this.#died)
    this.#asked.clear()
    this.#batch.posted.resolve()
    this.#batch.saved.reject(this.#died)
  }

  async close(): Promise<void> {
    if (this.#died) return
    this.#isClosing = true
    this.#later.writeAll()
    await this.flushed().catch(() => {})
    await this.#ask('close', null)
    await this.#worker.terminate()
  }
}
