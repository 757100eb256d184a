/** Every line of every verdict of every scenario quotes a record that the run's page holds. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { JudgedRun } from '../../collector/judgement.ts'
import { holds, openPages, recordsOf } from '../kit/open-pages.ts'
import { playScenario } from '../kit/play-scenario.ts'

const folder = new URL('.', import.meta.url)
/** What is found about connections concerns no run. */
const isAboutRuns = (name: string): boolean => name !== 'README.txt' && !name.startsWith('connections-')
const names = readdirSync(folder).filter((name) => name.endsWith('.txt') && isAboutRuns(name))

test.each(names)('%s', async (name) => {
  const pages = openPages()
  const quoted = new Map<string, { run: JudgedRun; readonly lines: Map<string, string> }>()
  const book = playScenario(readFileSync(new URL(name, folder), 'utf8'), 'straight', {
    heard: (signals, at) => pages.keep(signals, recordsOf(signals, at)),
    changed({ run }) {
      const held = quoted.get(run.facts.id) ?? { run, lines: new Map() }
      held.run = run
      for (const { ref, text } of run.verdict.evidence) held.lines.set(ref ?? 'nothing', text)
      quoted.set(run.facts.id, held)
    },
  })
  expect(quoted.size).toBeGreaterThan(0)
  for (const { run, lines } of quoted.values()) {
    const page = await pages.of(run, book)
    const missing = [...lines].filter(([ref]) => !holds(page, ref))
    expect(missing).toEqual([])
  }
})
