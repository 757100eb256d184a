/** What differs between two groups of runs, in words, shares and links. */
import {
  SMALL_SAMPLE,
  type AttributeName,
  type Cohort,
  type ComparedRow,
  type ComparedValue,
  type Comparison,
  type HiddenReason,
  type NextSteps,
  type NumbersRow,
  type NumberSummary,
} from '../../contract/compare.ts'
import { writeCondition } from '../../contract/search.ts'
import { fromIso } from '../../contract/units.ts'
import { count, formatCount, formatDuration, formatLength, formatShare } from './format.ts'

export interface Side {
  readonly name: 'A' | 'B'
  /** `100 %`, or `median 41 300`. */
  readonly words: string
  /** 0 to 1, of the bar; null for numbers, which have `bins`. */
  readonly share: number | null
  readonly bins: readonly number[]
}

export interface Difference {
  /** Of the same attribute in the same comparison, always the same. */
  readonly id: string
  readonly of: string | null
  readonly key: string
  readonly value: string
  readonly a: Side
  readonly b: Side
  /** `+82 pt`; of numbers `0.82`, how far the distributions are apart. */
  readonly delta: string
  readonly isBeyondChance: boolean
  /** The other values, each with its shares. */
  readonly others: readonly string[]
  /** Conditions on spans that list the runs with this value, and those with another one; null where there are none. */
  readonly filter: string | null
  readonly exclude: string | null
  /** All of it in a sentence. */
  readonly says: string
}

const NOT_SET = 'not set'

export function drawDifference(row: ComparedRow, { a, b }: Comparison): Difference {
  const sizes = { a: a.sampled, b: b.sampled }
  const shown = row.kind === 'shares' ? drawShares(row.values, row.valuesLeft, sizes) : drawNumbers(row)
  const of = row.of === 'resource' ? null : (row.span ?? row.of)
  const name = nameOf(row)
  return {
    ...shown,
    id: `${row.of} ${name}`,
    of,
    key: row.key,
    isBeyondChance: row.isBeyondChance,
    ...conditionsOf(row),
    says: `${name}: ${shown.value}, A ${shown.a.words}, B ${shown.b.words}, difference ${shown.delta}`,
  }
}

/** `tool › search_orders · server.address`. */
export function nameOf({ of, span, key }: AttributeName): string {
  return of === 'resource' ? key : `${span ?? of} · ${key}`
}

function drawShares(
  values: readonly ComparedValue[],
  left: number,
  sizes: { readonly a: number; readonly b: number },
): Pick<Difference, 'value' | 'a' | 'b' | 'delta' | 'others'> {
  const side = (name: 'A' | 'B', part: number, whole: number): Side => ({
    name,
    words: formatShare(part, whole),
    share: whole === 0 ? 0 : part / whole,
    bins: [],
  })
  const [first, ...rest] = values
  const { value, a, b } = first ?? { value: null, a: 0, b: 0 }
  const others = rest.map(
    (one) => `${one.value ?? NOT_SET}: A ${formatShare(one.a, sizes.a)}, B ${formatShare(one.b, sizes.b)}`,
  )
  return {
    value: value ?? NOT_SET,
    a: side('A', a, sizes.a),
    b: side('B', b, sizes.b),
    delta: points(part(a, sizes.a) - part(b, sizes.b)),
    others: left > 0 ? [...others, `${count(left, 'further value')}`] : others,
  }
}

function part(count: number, whole: number): number {
  return whole === 0 ? 0 : count / whole
}

/** `+82 pt`, with a minus that is one. */
export function points(difference: number): string {
  const whole = Math.round(difference * 100)
  return whole < 0 ? `−${-whole} pt` : `+${whole} pt`
}

function drawNumbers(row: NumbersRow): Pick<Difference, 'value' | 'a' | 'b' | 'delta' | 'others'> {
  const say = (value: number | null) => sayNumber(value, row.unit)
  const side = (name: 'A' | 'B', { median, bins }: NumberSummary): Side => ({
    name,
    words: `median ${say(median)}`,
    share: null,
    bins,
  })
  const p95 = (name: string, { p95, count: of }: NumberSummary) => `${name} p95 ${say(p95)}, set in ${count(of, 'run')}`
  return {
    value: `${say(row.from)} to ${say(row.to)}`,
    a: side('A', row.a),
    b: side('B', row.b),
    delta: row.score.toFixed(2),
    others: [p95('A', row.a), p95('B', row.b)],
  }
}

function sayNumber(value: number | null, unit: NumbersRow['unit']): string {
  if (value === null) return '–'
  if (unit === 'ms') return formatLength(value)
  return Number.isInteger(value) ? formatCount(value) : value.toPrecision(3)
}

/** Only what spans or their resource say can be searched for. */
function conditionsOf(row: ComparedRow): Pick<Difference, 'filter' | 'exclude'> {
  if (row.of !== 'span' && row.of !== 'resource' && row.of !== 'client') return { filter: null, exclude: null }
  const { key } = row
  if (key.includes(':')) return { filter: null, exclude: null }
  if (row.kind === 'numbers') {
    const [a, b] = [row.a.median, row.b.median]
    if (a === null || b === null || a === b) return { filter: null, exclude: null }
    const [test, other] = a > b ? (['over', 'under'] as const) : (['under', 'over'] as const)
    const value = String((a + b) / 2)
    return { filter: writeCondition({ key, test, value }), exclude: writeCondition({ key, test: other, value }) }
  }
  const value = row.values[0]?.value ?? null
  // That it is not set cannot be asked; that it is set at all can.
  if (value === null) return { filter: null, exclude: writeCondition({ key, test: 'any', value: '' }) }
  if (value.endsWith('…'))
    return { filter: writeCondition({ key, test: 'has', value: value.slice(0, -1) }), exclude: null }
  return { filter: writeCondition({ key, test: 'is', value }), exclude: writeCondition({ key, test: 'not', value }) }
}

/** `A: runs of incident STL-4F2A09 · 41 runs`, `B: … · 500 of the newest 10 000 runs, 12 of them did not pass the step`. */
export function sayCohort({ says, total, sampled, isCut, notPassed }: Cohort): string {
  const all = `${isCut ? 'the newest ' : ''}${count(total, 'run')}`
  const read = sampled === total ? all : `${formatCount(sampled)} of ${all} compared`
  const left = notPassed === 0 ? '' : `; ${formatCount(notPassed)} did not pass the step`
  return `${says} · ${read}${left}`
}

/** What one must know before believing any row; null when there is nothing to warn of. */
export function warnOf({ a, b }: Comparison): string | null {
  const small = [
    ...(a.sampled < SMALL_SAMPLE ? [`A has ${count(a.sampled, 'run')}`] : []),
    ...(b.sampled < SMALL_SAMPLE ? [`B has ${count(b.sampled, 'run')}`] : []),
  ]
  return small.length === 0 ? null : `Small sample: ${small.join(' and ')}.`
}

/** The sentence above the rows. */
export function sumUp({ a, b, rows, same }: Comparison): string {
  if (a.sampled === 0 || b.sampled === 0) return `${a.sampled === 0 ? 'A' : 'B'} has no runs to compare.`
  const beyond = rows.filter(({ isBeyondChance }) => isBeyondChance).length
  const rest = `${count(same, 'attribute')} ${same === 1 ? 'is' : 'are'} the same in both.`
  if (beyond > 0) return `${count(beyond, 'attribute')} differ${beyond === 1 ? 's' : ''} beyond chance. ${rest}`
  if (rows.length === 0) return `No difference was found. ${rest}`
  return `No difference beyond what chance makes of so few runs. ${rest}`
}

const REASONS: Readonly<Record<HiddenReason, string>> = {
  'id-like': 'another value in nearly every run',
  few: 'no value came five times',
  'told-at-end': 'only told when a span ends',
}

/** Why attributes are hidden, each reason with the attributes it is about. */
export function hiddenWords({ hidden }: Comparison): readonly { readonly reason: string; readonly names: string[] }[] {
  return (Object.keys(REASONS) as HiddenReason[]).flatMap((because) => {
    const names = hidden.filter((one) => one.because === because).map(nameOf)
    return names.length === 0 ? [] : [{ reason: `${count(names.length, 'attribute')}: ${REASONS[because]}`, names }]
  })
}

/** A row as evidence of an investigation: the link leads back to the comparison. */
export function evidenceOfRow(row: ComparedRow, comparison: Comparison, link: string) {
  const { a, b, at } = comparison
  const { value, a: sideA, b: sideB, delta, others } = drawDifference(row, comparison)
  return {
    kind: 'compare' as const,
    title: `${nameOf(row)} ${row.kind === 'shares' ? `= ${value}` : ''}: A ${sideA.words}, B ${sideB.words}`,
    link,
    at,
    frozen: [
      { name: 'attribute', value: nameOf(row) },
      { name: 'value', value },
      { name: 'A', value: `${sideA.words} of ${sayCohort(a)}` },
      { name: 'B', value: `${sideB.words} of ${sayCohort(b)}` },
      { name: 'difference', value: `${delta}${row.isBeyondChance ? ', beyond chance' : ', may be chance'}` },
      { name: 'query', value: `a=${a.asked} b=${b.asked}` },
      ...others.slice(0, 4).map((text, index) => ({ name: `other ${index + 1}`, value: text })),
    ],
  }
}

/** A row as a line of Markdown. */
export function rowAsMarkdown(row: ComparedRow, comparison: Comparison, link: string): string {
  return `- [${evidenceOfRow(row, comparison, link).title}](${link})\n`
}

/** The steps that follow, as text: how many runs come to each, and when. */
export function drawNext({ next, healthy }: NextSteps) {
  return next.map(({ step, runs, directly, p50Ms, p95Ms }) => ({
    step,
    share: part(runs, healthy.sampled),
    words: formatShare(runs, healthy.sampled),
    when: `after ${formatLength(p50Ms)}, p95 ${formatLength(p95Ms)}`,
    isUsual: directly * 2 > healthy.sampled,
  }))
}

/** What a run did so far, each step with when it began from the first, and how long it took. */
export function drawOwn({ own, at }: NextSteps) {
  const origin = own[0] === undefined ? 0 : fromIso(own[0].startedAt)
  return own.map(({ step, startedAt, tookMs }) => ({
    step,
    begins: `+${formatDuration(fromIso(startedAt) - origin)}`,
    took:
      tookMs === null
        ? `not ended after ${formatLength(Math.max(0, fromIso(at) - fromIso(startedAt)))}`
        : formatLength(tookMs),
    isOpen: tookMs === null,
  }))
}
