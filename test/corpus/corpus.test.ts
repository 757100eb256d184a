/** Every recording, played through the collector's own reader, run book and judge on a manual clock. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readEntry } from '../../collector/accept/read-entry.ts'
import { readRecords } from '../../collector/accept/read-records.ts'
import { openRunBook } from '../../collector/assemble/run-book.ts'
import { judgeRun } from '../../collector/assess/judge-run.ts'
import { loadPreset } from '../../collector/assess/read-progression.ts'
import { openContracts } from '../../collector/contracts.ts'
import type { JudgedRun } from '../../collector/judgement.ts'
import type { PulseSignal } from '../../collector/signal.ts'
import { minutes } from '../../contract/units.ts'
import { START } from '../kit/manual-clock.ts'
import { holds, openPages } from '../kit/open-pages.ts'
import { listFolders } from './list-folders.ts'

/** What `README.md` says of the files. */
interface Recording {
  readonly requests: readonly { readonly afterMs: number; readonly signal: 'traces' | 'logs'; readonly body: unknown }[]
  readonly expect: readonly Expected[]
}

interface Expected {
  readonly agent: string | null
  readonly status: string
  readonly phase: string | null
  readonly step: string | null
  readonly session: string | null
  readonly user: string | null
  /** Null: not looked at. */
  readonly run: string | null
  readonly confidence: string
}

/** Everybody has been waited for by then. */
const PATIENCE = minutes(10)

describe.each(listFolders())('%s', (folder) => {
  const files = readdirSync(join(import.meta.dirname, folder)).filter((file) => file.endsWith('.json'))

  test.each(files)('%s', (file) => play(file))

  async function play(file: string): Promise<void> {
    const recording = JSON.parse(readFileSync(join(import.meta.dirname, folder, file), 'utf8')) as Recording
    const { runs, unheld } = await judge(recording)
    expect(runs.map((run, index) => described(run, recording.expect[index]?.run ?? null))).toEqual(recording.expect)
    expect(unheld).toEqual([])
  }
})

/**
 * Ten minutes after the last request, by agent: the recording ends there, the process it shows goes on beating. With
 * the evidence that quotes a record which its run's page does not hold.
 */
async function judge({ requests }: Recording): Promise<{ runs: JudgedRun[]; unheld: string[] }> {
  const contracts = openContracts([loadPreset('laststep')])
  const verdicts: JudgedRun[] = []
  const book = openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: ({ run }) => void verdicts.push(run),
  })
  const pages = openPages()
  const pulses = new Map<string | null, PulseSignal>()
  for (const { afterMs, signal, body } of requests) {
    const bytes = Buffer.from(JSON.stringify(body))
    const entry = { kind: signal, encoding: 'json', body: bytes, receivedAt: START + afterMs } as const
    const { signals } = readEntry(entry)
    pages.keep(signals, readRecords(entry))
    book.apply(signals, START + afterMs)
    for (const each of signals) if (each.kind === 'pulse') pulses.set(each.source.instance, each)
  }
  const endsAt = START + (requests.at(-1)?.afterMs ?? 0)
  for (const pulse of pulses.values())
    for (let beat = 1; !pulse.last && beat * pulse.intervalMs < PATIENCE; beat++) {
      const afterMs = beat * pulse.intervalMs
      book.apply([{ ...pulse, seq: pulse.seq + beat, at: pulse.at + afterMs }], endsAt + afterMs)
    }
  book.advance(endsAt + PATIENCE)
  const runs = [...book.rows()].toSorted((a, b) => ((a.row.agent ?? '') < (b.row.agent ?? '') ? -1 : 1))
  const unheld: string[] = []
  for (const run of runs) {
    const page = await pages.of(run, book)
    const lines = verdicts.filter(({ facts }) => facts === run.facts).flatMap(({ verdict }) => verdict.evidence)
    for (const { ref, text } of lines) if (ref === null || !holds(page, ref)) unheld.push(`${ref}: ${text}`)
  }
  return { runs, unheld }
}

function described({ row, facts }: JudgedRun, run: string | null): Expected {
  return {
    agent: row.agent,
    status: row.status,
    phase: row.step?.phase ?? null,
    step: row.step?.name ?? null,
    session: row.sessionId,
    user: row.userId,
    run: run === null || ![facts.id, ...facts.otherIds].includes(run) ? null : run,
    confidence: row.confidence,
  }
}
