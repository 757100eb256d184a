/**
 * Which attributes differ most between two groups of runs. Shares are those of each group, "not set" is a value like any
 * other, and the score is the largest difference of a share; of numbers, the largest between their distributions, which
 * is a difference of shares too. Neither the order of the runs nor which group is called A changes a score.
 */
import {
  knownRank,
  type AttributeName,
  type ComparedRow,
  type ComparedValue,
  type Comparison,
  type HiddenReason,
} from '../../contract/compare.ts'
import { measureNumbers } from './measure-numbers.ts'
import type { Fact, FactValue, RunDigest } from './run-digest.ts'

export const ROWS_MAX = 60
const VALUES_MAX = 8
const HIDDEN_MAX = 200
/** A value that came less often is no pattern; between groups that are smaller, every value counts. */
const OCCURRENCES_MIN = 5
/** Numbers of a few values, such as status codes, are words. */
const NUMBER_VALUES_MIN = 8
/** As many different values in more than half as many runs say who it was, not what it was like. */
const ID_VALUES_MIN = 20
const ID_NAME = /(^|[._-])(id|uuid|guid|hash|seq|pid|port|nanos?|timestamp|thread\.id)$|Id$/
const ID_VALUE = /^([\da-f]{16,}|[\da-f]{8}-[\da-f-]{27}|[\dA-HJKMNP-TV-Z]{26})$/i
/** Chance alone goes beyond the limit in one comparison of twenty. */
const CHANCE = 0.05

type Result = Pick<Comparison, 'rows' | 'rowsTotal' | 'same' | 'outcome' | 'hidden' | 'chance'>
type Side = 'a' | 'b'

/** One attribute with all its values. */
interface Gathered {
  readonly name: AttributeName
  readonly unit: Fact['unit']
  readonly isOutcome: boolean
  readonly a: FactValue[]
  readonly b: FactValue[]
  /** Whether it may have been told after the run came to the step, and whether a span that is still open has told it. */
  isRunning: boolean
  isToldOpen: boolean
}

export function compareDigests(a: readonly RunDigest[], b: readonly RunDigest[]): Result {
  const sizes = { a: a.length, b: b.length }
  // Beside nothing everything is different, which says nothing.
  if (sizes.a === 0 || sizes.b === 0) return { rows: [], rowsTotal: 0, same: 0, outcome: [], hidden: [], chance: 1 }
  const gathered = [...gather(a, b).values()]
  const isAnyOpen = [...a, ...b].some(isInStep)
  const hidden = gathered.flatMap((one) => {
    const because = hiddenBecause(one, sizes, isAnyOpen)
    return because === null ? [] : [{ ...one.name, because, values: distinct(one).size }]
  })
  const hiddenKeys = new Set(hidden.map(keyOf))
  const compared = gathered.filter(({ name }) => !hiddenKeys.has(keyOf(name)))
  const chance = chanceOf(compared.length, sizes)
  const scored = compared.map((one) => ({ one, row: compareOne(one, sizes, chance) }))
  const differing = scored.filter(({ row }) => row.score > 0).sort((x, y) => byScore(x.row, y.row))
  const rows = differing.filter(({ one }) => !one.isOutcome).map(({ row }) => row)
  return {
    rows: rows.slice(0, ROWS_MAX),
    rowsTotal: rows.length,
    same: scored.filter(({ one, row }) => !one.isOutcome && row.score === 0).length,
    outcome: differing.filter(({ one }) => one.isOutcome).map(({ row }) => row),
    hidden: hidden.sort(byName).slice(0, HIDDEN_MAX),
    chance,
  }
}

function gather(a: readonly RunDigest[], b: readonly RunDigest[]): Map<string, Gathered> {
  const found = new Map<string, Gathered>()
  const take = (digest: RunDigest, side: Side): void => {
    for (const { of, span, key, unit, isOutcome, isRunning, isOpen, value } of digest.facts) {
      // What came of a run and what it was like never share a name.
      const id = keyOf({ of, span, key })
      let one = found.get(id)
      if (one === undefined)
        found.set(
          id,
          (one = { name: { of, span, key }, unit, isOutcome, a: [], b: [], isRunning: false, isToldOpen: false }),
        )
      one[side].push(value)
      one.isRunning ||= isRunning
      one.isToldOpen ||= isOpen
    }
  }
  for (const digest of a) take(digest, 'a')
  for (const digest of b) take(digest, 'b')
  return found
}

function isInStep({ passed }: RunDigest): boolean {
  return passed !== null && passed.endedAt === null
}

function keyOf({ of, span, key }: AttributeName): string {
  return `${of}\n${span ?? ''}\n${key}`
}

function distinct({ a, b }: Gathered): Set<FactValue> {
  return new Set([...a, ...b])
}

function hiddenBecause(one: Gathered, sizes: Record<Side, number>, isAnyOpen: boolean): HiddenReason | null {
  const { name, isOutcome, a, b } = one
  if (isOutcome) return null
  const values = distinct(one)
  const total = a.length + b.length
  const isSpread = values.size > 1 && values.size > total / 2
  if (isSpread && (isNamedId(name.key) || [...values].every((value) => ID_VALUE.test(String(value))))) return 'id-like'
  if (one.isRunning && isAnyOpen && !one.isToldOpen) return 'told-at-end'
  const least = Math.min(OCCURRENCES_MIN, sizes.a, sizes.b)
  if (isNumeric(values)) return total < least ? 'few' : null
  if (isSpread && values.size > ID_VALUES_MIN) return 'id-like'
  const counts = countValues(one)
  return [...counts.values()].some(({ a, b }) => a + b >= least) ? null : 'few'
}

function isNamedId(key: string): boolean {
  return ID_NAME.test(key)
}

function isNumeric(values: ReadonlySet<FactValue>): boolean {
  return values.size > NUMBER_VALUES_MIN && [...values].every((value) => typeof value === 'number')
}

/**
 * Between samples of one and the same kind no distribution is further apart, in all but one comparison of twenty: the
 * bound of Dvoretzky, Kiefer and Wolfowitz, and of Hoeffding for a share, for as many attributes as are compared.
 */
export function chanceOf(attributes: number, { a, b }: Record<Side, number>): number {
  if (a === 0 || b === 0) return 1
  return Math.min(1, Math.sqrt((Math.log((2 * Math.max(1, attributes)) / CHANCE) / 2) * (1 / a + 1 / b)))
}

function compareOne(one: Gathered, sizes: Record<Side, number>, chance: number): ComparedRow {
  const unset = shareDifference({ a: sizes.a - one.a.length, b: sizes.b - one.b.length }, sizes)
  if (isNumeric(distinct(one))) {
    const { distance, ...measured } = measureNumbers(one.a as number[], one.b as number[])
    const score = Math.max(distance, Math.abs(unset))
    return { ...one.name, kind: 'numbers', unit: one.unit, ...measured, score, isBeyondChance: score > chance }
  }
  const counts: ComparedValue[] = Array.from(countValues(one), ([value, count]) => ({ value, ...count }))
  const [missingA, missingB] = [sizes.a - one.a.length, sizes.b - one.b.length]
  if (missingA + missingB > 0) counts.push({ value: null, a: missingA, b: missingB })
  const least = Math.min(OCCURRENCES_MIN, sizes.a, sizes.b)
  const values = counts.filter(({ a, b }) => a + b >= least).sort((x, y) => byDifference(x, y, sizes))
  const score = Math.max(0, ...values.map((value) => Math.abs(shareDifference(value, sizes))))
  const told = values.slice(0, VALUES_MAX)
  const valuesLeft = counts.length - told.length
  return { ...one.name, kind: 'shares', values: told, valuesLeft, score, isBeyondChance: score > chance }
}

function countValues({ a, b }: Gathered): Map<string, { a: number; b: number }> {
  const counts = new Map<string, { a: number; b: number }>()
  const add = (value: FactValue, side: Side): void => {
    const count = counts.get(String(value)) ?? { a: 0, b: 0 }
    counts.set(String(value), count)
    count[side] += 1
  }
  for (const value of a) add(value, 'a')
  for (const value of b) add(value, 'b')
  return counts
}

/** Positive when A has more of it. */
export function shareDifference(count: Record<Side, number>, sizes: Record<Side, number>): number {
  return (sizes.a === 0 ? 0 : count.a / sizes.a) - (sizes.b === 0 ? 0 : count.b / sizes.b)
}

function byDifference(x: ComparedValue, y: ComparedValue, sizes: Record<Side, number>): number {
  const [differenceX, differenceY] = [shareDifference(x, sizes), shareDifference(y, sizes)]
  return (
    Math.abs(differenceY) - Math.abs(differenceX) ||
    differenceY - differenceX ||
    compareText(x.value ?? '', y.value ?? '')
  )
}

function byScore(x: ComparedRow, y: ComparedRow): number {
  return y.score - x.score || knownRank(x.key) - knownRank(y.key) || byName(x, y)
}

function byName(x: AttributeName, y: AttributeName): number {
  return compareText(keyOf(x), keyOf(y))
}

function compareText(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0
}
