/**
 * Acceptance (ux/SPEC §4.15, number 8): of a thousand random runs the list and the page of each say the same status, while
 * they change and when they have come to rest; and so do the two screens.
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RunRow } from '../../../contract/runs.ts'
import { OPEN_STATUSES, type Status } from '../../../contract/statuses.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { noBrowser } from '../../kit/browser.ts'
import { getRun, listRuns, sleepAwake } from '../../kit/laststep-api.ts'
import { speakAs } from '../../kit/spoken-process.ts'
import { useLiveDashboard } from '../kit/live-dashboard.ts'

const RUNS = 1_000
const SAMPLE = 20
const AT_ONCE = 10

describe.skipIf(noBrowser !== null)('list and page', () => {
  const dashboard = useLiveDashboard()

  test('8. agree about the status of a thousand random runs', { timeout: minutes(5) }, async () => {
    const random = randomFrom(8)
    const { otlpHttp, dashboard: address } = await dashboard.start(join(import.meta.dirname, 'hasty.yaml'))
    const settings = { pulseMs: minutes(10) }
    const patient = speakAs(() => otlpHttp, { ...settings, instance: 'patient' })
    const hasty = speakAs(() => otlpHttp, { ...settings, instance: 'hasty', agent: 'hasty' })
    const numbers = Array.from({ length: RUNS }, (_, index) => index)
    // Some go well, some stay open, some stand still, and some of these end after all.
    const fates = numbers.map(() => ({ isHasty: random() < 0.4, end: random() }))
    const those = (isHasty: boolean, from: number, to: number) =>
      numbers.filter((number) => {
        const fate = fates[number]
        return fate?.isHasty === isHasty && fate.end >= from && fate.end < to
      })
    for (const [agent, isHasty] of [
      [patient, false],
      [hasty, true],
    ] as const) {
      await agent.open(those(isHasty, 0, 1))
      await inParts(those(isHasty, 0, 0.4), (part) => agent.close(part))
    }

    // While they move: of the same rev, the same status.
    const moving = (await everyRow(address)).filter((_, index) => index % 4 === 0)
    const compared = await compare(address, moving)
    expect(compared.wrong).toEqual([])

    const hastyOpen = those(true, 0.4, 1).length
    await stalledAre(address, hastyOpen)
    await inParts(those(true, 0.4, 0.6), (part) => hasty.close(part))
    await stalledAre(address, those(true, 0.6, 1).length)

    const rows = await everyRow(address)
    expect(rows).toHaveLength(RUNS)
    const atRest = await compare(address, rows)
    expect(atRest).toEqual({ same: RUNS, wrong: [] })
    const counts = Map.groupBy(rows, ({ status }) => status)
    console.log(`compared while moving: ${compared.same} of ${moving.length}; at rest: ${tell(counts)}`)
    expect([...counts.keys()].sort()).toEqual(['completed', 'running', 'stalled'])

    // The same through the eyes of a person.
    const page = await dashboard.open('/runs')
    await page.locator('.rows > .row').nth(20).waitFor()
    const shown = await page
      .locator('.rows > .row')
      .evaluateAll((lines) =>
        lines.map(
          (line) =>
            [
              line.querySelector('[data-row]')?.getAttribute('data-row'),
              line.querySelector('.status')?.textContent,
            ] as const,
        ),
      )
    const byId = new Map(rows.map((row) => [row.id, row]))
    for (const [id, word] of shown) expect([id, word]).toEqual([id, byId.get(id ?? '')?.status])
    for (let turn = 0; turn < SAMPLE; turn++) {
      const row = rows[Math.floor(random() * rows.length)]
      await page.goto(`${address}/runs?user=${row?.userId}&status=${row?.status}`)
      await page.locator(`[data-row="${row?.id}"]`).click()
      await page.locator(`.headline.is-${row?.status}`).waitFor()
    }
  })
})

type Compared = { same: number; wrong: string[] }

/** Rows whose run has moved on since are no disagreement, and are not counted. */
async function compare(address: string, rows: readonly RunRow[]): Promise<Compared> {
  const compared: Compared = { same: 0, wrong: [] }
  for (let at = 0; at < rows.length; at += AT_ONCE)
    await Promise.all(
      rows.slice(at, at + AT_ONCE).map(async (row) => {
        const page = await getRun(address, row.id)
        if (page.rev !== row.rev) return
        if (page.status === row.status && page.verdict.status === row.status) compared.same += 1
        else compared.wrong.push(`${row.id}: the list says ${row.status}, its page ${page.status}`)
      }),
    )
  return compared
}

async function everyRow(address: string): Promise<RunRow[]> {
  const rows: RunRow[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { runs, next }: Awaited<ReturnType<typeof listRuns>> = await listRuns(
      address,
      `limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    rows.push(...runs)
    cursor = next
  }
  return rows
}

/** Until so many stand still, and no hasty run is in between. */
async function stalledAre(address: string, count: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const rows = (await everyRow(address)).filter(({ status }) => OPEN_STATUSES.has(status))
        const between = rows.filter(({ status, agent }) => status !== 'stalled' && agent === 'hasty')
        return [rows.filter(({ status }) => status === 'stalled').length, between.length]
      },
      { timeout: seconds(60), interval: 500 },
    )
    .toEqual([count, 0])
}

/** As processes do: not all at one moment. */
async function inParts(numbers: readonly number[], send: (part: readonly number[]) => Promise<void>): Promise<void> {
  for (let at = 0; at < numbers.length; at += 50) {
    await send(numbers.slice(at, at + 50))
    await sleepAwake(20)
  }
}

function tell(counts: ReadonlyMap<Status, readonly RunRow[]>): string {
  return [...counts].map(([status, rows]) => `${rows.length} ${status}`).join(', ')
}

/** mulberry32: the same runs each time. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
