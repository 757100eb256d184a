/** What the draft of a sheet says of what had changed: only what the numbers carry. */
import { describe, expect, test } from 'vitest'
import { changesOf } from '../../collector/what-changed.ts'
import type { Cohort, ComparedRow, Comparison } from '../../contract/compare.ts'
import type { DeployEffect, DeployEffects } from '../../contract/deploys.ts'
import { makeDeploy } from '../kit/made-deploy.ts'

const AT = '2026-11-22T14:30:00.000Z'
const fingerprint = '4f2a09c1d2e3f405'

describe('a deploy', () => {
  test('that is suspect is told with the sentence of its numbers', () => {
    const [change] = changesOf({ fingerprint, effects: effectsOf(true), comparison: null })
    expect(change).toMatchObject({
      text: 'Suspect: 3 of 300 before, 40 of 310 after.',
      evidence: { kind: 'deploy', link: `/stalls/${fingerprint}`, at: '2026-11-22T13:56:00.000Z' },
    })
    expect(change?.evidence.frozen).toContainEqual({ name: 'after', value: '40 stalls of 310 runs' })
  })

  test('that is not, is not', () => {
    expect(changesOf({ fingerprint, effects: effectsOf(false), comparison: null })).toEqual([])
  })
})

describe('a difference', () => {
  // oxfmt-ignore
  test.each<[says: string, rows: ComparedRow[], told: string[]]>([
    ['beyond chance',        [row('server.address', true)],                                                    ['server.address']],
    ['that chance makes',    [row('server.address', false)],                                                   []],
    ['the first three',      [row('a', true), row('b', true), row('c', true), row('d', true)],                 ['a', 'b', 'c']],
    ['and of none',          [],                                                                               []],
  ])('%s', (_, rows, told) => {
    const changes = changesOf({ fingerprint, effects: null, comparison: comparisonOf(rows) })
    expect(changes.map(({ evidence }) => evidence.frozen[0]?.value)).toEqual(told)
  })

  test('is told with both shares, and as a lead', () => {
    const [change] = changesOf({ fingerprint, effects: null, comparison: comparisonOf([row('server.address', true)]) })
    expect(change?.text).toBe(
      'server.address is db-2 in 38 of 41 stalled runs, and in 45 of 500 healthy ones. A lead, and no cause by itself.',
    )
  })
})

function row(key: string, isBeyondChance: boolean): ComparedRow {
  const values = [{ value: 'db-2', a: 38, b: 45 }]
  return { kind: 'shares', of: 'resource', span: null, key, score: 0.8, isBeyondChance, values, valuesLeft: 0 }
}

function comparisonOf(rows: readonly ComparedRow[]): Comparison {
  const sides = { a: cohort('runs of incident STL-4F2A09', 41), b: cohort('completed runs of support', 500) }
  return { at: AT, ...sides, step: null, rows, rowsTotal: rows.length, same: 3, outcome: [], hidden: [], chance: 0.2 }
}

function cohort(says: string, sampled: number): Cohort {
  const range = { from: AT, to: AT, query: null, total: sampled, isCut: false, notPassed: 0 }
  return { asked: says, says, sampled, ...range }
}

function effectsOf(isSuspect: boolean): DeployEffects {
  const deploy = makeDeploy()
  const side = { from: AT, to: AT, rate: 0.01, interval: null }
  const effect: DeployEffect = {
    deploy,
    together: [],
    before: { ...side, runs: 300, stalls: 3 },
    after: { ...side, runs: 310, stalls: 40 },
    scatter: 1,
    ratio: null,
    p: 0.001,
    found: isSuspect ? 'suspect' : 'unclear',
    isSuspect,
    sentence: 'Suspect: 3 of 300 before, 40 of 310 after.',
  }
  return { from: AT, to: AT, effects: [effect], total: 1, suspect: isSuspect ? deploy : null }
}
