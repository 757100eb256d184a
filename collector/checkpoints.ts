/**
 * The book written down from time to time, so that a start reads little of the log. A large book takes seconds to
 * write: it is written in slices, between which telemetry is taken and verdicts fall.
 */
import { sleep, type Clock } from '../contract/clock.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { Place } from './entry.ts'

export interface CheckpointSettings {
  readonly clock: Clock
  /** How far the book has come. */
  readonly now: () => { readonly place: Place | null; readonly at: Instant }
  /** The book as it is when this is called, as lines to be drawn at leisure. */
  readonly snapshot: () => Iterable<string>
  readonly saveSheet: (sheet: { readonly no: number; readonly text: string }) => Promise<void>
  readonly saveCheckpoint: (checkpoint: { readonly place: Place | null; readonly at: Instant }) => Promise<void>
}

/** A checkpoint that was written. */
export interface Written {
  readonly at: Instant
  readonly tookMs: Millis
  /** Of its sheets, before they are packed. */
  readonly chars: number
}

export interface Checkpoints {
  /** Resolves once the book, as it was when asked, is on disk. One after the other. */
  save(): Promise<void>
  /** Null before the first of this process. */
  readonly last: Written | null
}

/** Nobody notices a pause of this length. */
const SLICE: Millis = 2
/** Large enough to be packed well, small enough to be packed in a few milliseconds. */
const SHEET_CHARS = 262_144

export function openCheckpoints({ clock, now, snapshot, saveSheet, saveCheckpoint }: CheckpointSettings): Checkpoints {
  let latest = Promise.resolve()
  let last: Written | null = null

  async function save(): Promise<void> {
    const from = now()
    const began = clock.now()
    let chars = 0
    const lines = snapshot()
    let no = 0
    let text = ''
    let sliceBegan = clock.now()
    for (const line of lines) {
      text += `${line}\n`
      if (text.length < SHEET_CHARS && clock.now() - sliceBegan < SLICE) continue
      if (text.length >= SHEET_CHARS) {
        chars += text.length
        await saveSheet({ no: no++, text })
        text = ''
      } else await sleep(clock, 0)
      sliceBegan = clock.now()
    }
    await saveSheet({ no, text })
    await saveCheckpoint(from)
    last = { at: clock.now(), tookMs: clock.now() - began, chars: chars + text.length }
  }

  return {
    save() {
      // One that failed says so to whoever asked for it.
      latest = latest.catch(() => {}).then(save)
      return latest
    },
    get last() {
      return last
    },
  }
}

/** A book from its sheets: no line goes over the end of one. @throws Error when the book cannot be read */
export async function restoreBook(
  restoring: { take(line: string): void; done(): void },
  sheets: AsyncIterable<string>,
): Promise<void> {
  for await (const sheet of sheets) for (const line of sheet.split('\n')) if (line !== '') restoring.take(line)
  restoring.done()
}

/** A checkpoint this program cannot read costs time and nothing else: all it says is in the log as well. */
export async function readableCheckpoint<Saved>(
  saved: Saved | null,
  restore: () => Promise<void>,
  log: { warn(details: object, message: string): void },
): Promise<Saved | null> {
  try {
    if (saved !== null) await restore()
    return saved
  } catch (err) {
    log.warn({ err }, 'the checkpoint cannot be read; reading the whole log instead')
    return null
  }
}
