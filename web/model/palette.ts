/** What the palette offers, narrowed to what was typed. */
import type { Hit, HitKind } from '../../contract/search.ts'
import type { RunRow } from '../../contract/runs.ts'
import { formatStep, labelOf, shortId } from './format.ts'
import { STATUS_WORDS } from './words.ts'

export interface Offer {
  /** Unique in the list. */
  readonly id: string
  /** Offers of one group stand together, in the order in which the groups come first. */
  readonly group: string
  readonly label: string
  /** Said beside it, and searched as well. */
  readonly hint: string
  /** The keys that do the same; '' when none do. */
  readonly keys: string
  readonly choose: () => void
}

const GROUP_MAX = 8

/** Every word typed must be in an offer; what begins with them comes first in its group. */
export function narrowOffers(offers: readonly Offer[], typed: string): Offer[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (offer: Offer): boolean => words.every((word) => textOf(offer).includes(word))
  const groups = Map.groupBy(offers, ({ group }) => group)
  return [...groups.values()].flatMap((group) =>
    group
      .filter(fits)
      .sort((a, b) => rank(a, words) - rank(b, words))
      .slice(0, GROUP_MAX),
  )
}

function textOf({ label, hint }: Offer): string {
  return `${label} ${hint}`.toLowerCase()
}

function rank({ label }: Offer, words: readonly string[]): number {
  const [first = ''] = words
  const text = label.toLowerCase()
  if (text.startsWith(first)) return 0
  return text.includes(` ${first}`) ? 1 : 2
}

const HIT_WORDS: Readonly<Record<HitKind, string>> = {
  run: 'Run',
  trace: 'Trace',
  span: 'Span',
  message: 'Message',
  user: 'Runs of user',
  session: 'Runs of session',
  incident: 'Stalls',
}

/** `Run run_01k…4MO`, and what there is to know about it. */
export function hitWords(hit: Hit): { readonly label: string; readonly hint: string } {
  if (hit.kind === 'incident') {
    const { agent, phase, step, cause } = hit.incident
    const where = phase === null ? null : formatStep({ phase, name: step })
    return { label: `${HIT_WORDS.incident} ${labelOf(hit.id)}`, hint: joined([where, cause, agent]) }
  }
  const label = `${HIT_WORDS[hit.kind]} ${shortId(hit.id)}`
  switch (hit.kind) {
    case 'run':
      return { label, hint: rowHint(hit.run) }
    case 'user':
    case 'session':
      return { label, hint: `the newest: ${shortId(hit.run.id)}, ${STATUS_WORDS[hit.run.status].short}` }
    default:
      return { label, hint: joined([`in ${shortId(hit.run.id)}`, rowHint(hit.run)]) }
  }
}

export function rowHint(run: RunRow): string {
  const step = run.step === null || run.step.phase === 'terminal' ? null : formatStep(run.step)
  return joined([STATUS_WORDS[run.status].short, step, run.agent, run.userId])
}

function joined(words: readonly (string | null)[]): string {
  return words.filter(Boolean).join(' · ')
}
