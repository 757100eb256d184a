/** A real run that ended to wait for somebody, and an hour later a real run of the same session. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEntry } from '../../collector/accept/read-entry.ts'
import { openRunBook } from '../../collector/assemble/run-book.ts'
import { judgeRun } from '../../collector/assess/judge-run.ts'
import { loadPreset } from '../../collector/assess/read-progression.ts'
import { openContracts } from '../../collector/contracts.ts'
import { minutes, type Millis } from '../../contract/units.ts'
import { START } from '../kit/manual-clock.ts'

interface Recording {
  readonly requests: readonly { readonly afterMs: number; readonly signal: 'traces' | 'logs'; readonly body: unknown }[]
}

test.each(['pydantic-ai', 'langgraph-openinference', 'langgraph-js'])('%s', (framework) => {
  const contracts = openContracts([loadPreset('laststep')])
  const book = openRunBook({
    contracts,
    judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
    changed: () => {},
  })
  const statuses = () => [...book.rows()].map(({ row }) => row.status)
  const play = (name: string, by: Millis) => {
    const { requests } = JSON.parse(later(read(framework, name), by)) as Recording
    for (const { afterMs, signal, body } of requests) {
      const bytes = Buffer.from(JSON.stringify(body))
      book.apply(readEntry({ kind: signal, encoding: 'json', body: bytes }).signals, START + by + afterMs)
    }
  }
  play('waiting', 0)
  expect(statuses()).toEqual(['waiting'])
  play('finished', minutes(50))
  expect(statuses()).toEqual(['completed', 'completed'])
  const [waited, next] = [...book.rows()]
  expect(waited?.facts.takenUpBy).toBe(next?.facts.id)
})

function read(framework: string, name: string): string {
  return readFileSync(join(import.meta.dirname, framework, `${name}.json`), 'utf8')
}

/** The recording as it would be some time later: all its times are unix nanoseconds. */
function later(recording: string, by: Millis): string {
  return recording.replaceAll(/"(\d{19})"/g, (_all, nanos: string) => `"${BigInt(nanos) + BigInt(by) * 1_000_000n}"`)
}
