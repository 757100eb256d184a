/** What became of an incident with a deploy, in words: what was found, by which test, on how much. */
import type { DeployEffect, Exposure } from '../contract/deploys.ts'
import { fromIso, hours, minutes, type Millis } from '../contract/units.ts'

type Judged = Omit<DeployEffect, 'sentence'>

const FOUND_WORDS = { suspect: 'Suspect', fewer: 'Fewer since', unclear: 'No clear change' } as const

export interface Asking {
  /** Deploys whose p was corrected together. */
  readonly asked: number
  /** What it takes to ask. */
  readonly runsMin: number
  readonly stallsMin: number
}

export function writeEffect(judged: Judged, { asked, runsMin, stallsMin }: Asking): string {
  const { before, after, together, found, p, ratio } = judged
  const beside = together.length === 0 ? '' : ` Deployed together with ${together.map(nameOf).join(', ')}.`
  if (found === 'too-few' || p === null || ratio === null)
    return (
      `Not enough to tell: n = ${runs(before)} before and ${count(after.runs)} after, with ${stalls(before)} and ` +
      `${count(after.stalls)}; it takes ${runsMin} runs on each side and ${stallsMin} stalls.${beside}`
    )
  return (
    `${FOUND_WORDS[found]}: from ${perHundred(before)} to ${perHundred(after)} stalls per 100 runs${ratioWords(ratio)}; ${pWords(p)}. ` +
    `Exact conditional test of two Poisson rates${correction(asked)}${scatterWords(judged)}; ` +
    `n = ${runs(before)} in the ${lengthOf(before)} before and ${count(after.runs)} in the ${lengthOf(after)} after, ` +
    `with ${stalls(before)} and ${count(after.stalls)}.${beside}`
  )
}

function ratioWords({ value, low, high }: NonNullable<Judged['ratio']>): string {
  const interval = high === null ? `at least ${times(low)}` : `${times(low)} to ${times(high)}`
  if (value === null) return ` (95 % interval: ${interval} times as many)`
  return `, ${times(value)} times as many (95 % interval ${interval})`
}

function pWords(p: number): string {
  return p < 0.0001 ? 'p < 0.0001' : `p = ${p < 0.1 ? digits(p, 1) : digits(p, 2)}`
}

function correction(asked: number): string {
  return asked < 2 ? '' : `, corrected for ${asked} deploys (Holm)`
}

function scatterWords({ scatter }: Judged): string {
  return scatter < SCATTER_SAID ? '' : `, allowing for stalls that come in bursts (scatter ${digits(scatter, 2)})`
}

/** Less is what chance does by itself. */
const SCATTER_SAID = 1.5

function perHundred({ rate }: Exposure): string {
  return digits(100 * (rate ?? 0), 2)
}

function times(ratio: number): string {
  return digits(ratio, 2)
}

function runs({ runs: n }: Exposure): string {
  return `${count(n)} ${n === 1 ? 'run' : 'runs'}`
}

function stalls({ stalls: n }: Exposure): string {
  return `${count(n)} ${n === 1 ? 'stall' : 'stalls'}`
}

function nameOf({ service, version }: DeployEffect['deploy']): string {
  return `${service} ${version}`
}

function lengthOf({ from, to }: Exposure): string {
  const length: Millis = fromIso(to) - fromIso(from)
  return length < hours(2) ? `${Math.round(length / minutes(1))} min` : `${digits(length / hours(1), 2)} h`
}

function count(n: number): string {
  return n.toLocaleString('en')
}

/** So many digits that say something; whole numbers in full. */
function digits(value: number, significant: number): string {
  if (Math.abs(value) >= 10 ** significant) return count(Math.round(value))
  return String(Number(value.toPrecision(significant)))
}
