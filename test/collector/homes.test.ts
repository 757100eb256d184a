/** Which incident a stall belongs to after merges and splits, in whatever order they were made and undone. */
import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { arrange, type Arranging } from '../../collector/arrange.ts'
import {
  arrangedOf,
  homeOf,
  isCircular,
  originsOf,
  rootOf,
  splitName,
  type IncidentRecord,
} from '../../collector/homes.ts'
import type { Fingerprint } from '../../contract/stalls.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(16)) as [string, string, string]
const A2 = splitName(A, '2')

type Ask = readonly [at: Fingerprint, ask: Arranging]
const merge = (at: Fingerprint, into: Fingerprint): Ask => [at, { action: 'merge', into }]
const unmerge = (at: Fingerprint, part: Fingerprint): Ask => [at, { action: 'unmerge', part }]
const split = (at: Fingerprint, version: string | null): Ask => [at, { action: 'split', version }]
const unsplit = (at: Fingerprint, version: string | null): Ask => [at, { action: 'unsplit', version }]

function after(asks: readonly Ask[]): { records: Map<Fingerprint, IncidentRecord>; refused: string | null } {
  const records = new Map<Fingerprint, IncidentRecord>()
  let refused: string | null = null
  for (const [at, ask] of asks) {
    const arranged = arrange(records, rootOf(records, at), ask)
    if ('refused' in arranged) refused = arranged.refused
    else records.set(arranged.fingerprint, arranged.record)
  }
  return { records, refused }
}

describe('a stall is at home', () => {
  // oxfmt-ignore
  test.each<[says: string, asks: Ask[], a1: string, a2: string, b2: string]>([
    // what was done                                        of A, version 1 · of A, version 2 · of B, version 2
    ['nothing',                           [],                                                    A,  A,  B],
    ['A merged into B',                   [merge(A, B)],                                         B,  B,  B],
    ['and unmerged',                      [merge(A, B), unmerge(B, A)],                          A,  A,  B],
    ['A into B into C',                   [merge(A, B), merge(B, C)],                            C,  C,  C],
    ['and B taken out again',             [merge(A, B), merge(B, C), unmerge(C, B)],             B,  B,  B],
    ['2 split off from A',                [split(A, '2')],                                       A,  A2, B],
    ['and put back',                      [split(A, '2'), unsplit(A, '2')],                      A,  A,  B],
    ['split, and A merged into B',        [split(A, '2'), merge(A, B)],                          B,  A2, B],
    ['A merged into B, which is split',   [merge(A, B), split(B, '2')],                          B,  splitName(B, '2'), splitName(B, '2')],
    ['what was split off merged into B',  [split(A, '2'), merge(A2, B)],                         A,  B,  B],
    ['and taken out of B',                [split(A, '2'), merge(A2, B), unmerge(B, A2)],         A,  A2, B],
    ['split off, put back, split off',    [split(A, '2'), unsplit(A, '2'), split(A, '2')],       A,  A2, B],
  ])('%s', (_, asks, a1, a2, b2) => {
    const { records, refused } = after(asks)
    expect(refused).toBeNull()
    expect([homeOf(records, A, '1'), homeOf(records, A, '2'), homeOf(records, B, '2')]).toEqual([a1, a2, b2])
  })
})

// oxfmt-ignore
test.each<[says: string, asks: Ask[], why: RegExp]>([
  ['into itself',                          [merge(A, A)],                                  /into itself/],
  ['into one that is merged into it',      [merge(A, B), merge(B, A)],                     /into itself/],
  ['back into where it was split off',     [split(A, '2'), merge(A2, A)],                  /in a circle/],
  ['by a detour',                          [split(A, '2'), merge(A2, B), merge(B, A)],     /in a circle/],
  ['one that is not merged, out',          [unmerge(A, B)],                                /not merged/],
  ['split off twice',                      [split(A, '2'), split(A, '2')],                 /already/],
  ['put back what is not split off',       [unsplit(A, '2')],                              /not split off/],
  ['put back what was merged elsewhere',   [split(A, '2'), merge(A2, B), unsplit(A, '2')], /unmerge it there first/],
  ['put back what others are merged into', [split(A, '2'), merge(B, A2), unsplit(A, '2')], /unmerge them first/],
])('refused: %s', (_, asks, why) => {
  expect(after(asks).refused).toMatch(why)
})

test('whatever is asked in whatever order, every stall has a home, and no part is lost in a circle', () => {
  const names = [A, B, C, A2, splitName(B, '2'), splitName(A2, '2')]
  const name = fc.constantFrom(...names)
  const version = fc.constantFrom('1', '2', null)
  const ask = fc.oneof(
    fc.tuple(name, name).map(([at, into]) => merge(at, into)),
    fc.tuple(name, name).map(([at, part]) => unmerge(at, part)),
    fc.tuple(name, version).map(([at, of]) => split(at, of)),
    fc.tuple(name, version).map(([at, of]) => unsplit(at, of)),
  )
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 12 }), (asks) => {
      const { records } = after(asks)
      expect(isCircular(records)).toBe(false)
      const arranged = arrangedOf(records)
      for (const fingerprint of names)
        for (const of of ['1', '2', '3', null]) {
          const home = homeOf(records, fingerprint, of)
          // Another thread is told only what was arranged, and looks only where such stalls can come from.
          expect(homeOf(new Map(arranged), fingerprint, of)).toBe(home)
          expect(originsOf(arranged, home)).toContain(fingerprint)
        }
    }),
    { numRuns: 300 },
  )
})
