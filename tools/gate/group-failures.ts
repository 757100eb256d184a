import type { CodeLocation, RunRow } from '../../contract/runs.ts'
import { isDelivered, standingOf } from './weigh-runs.ts'

/** Which threshold a run counts against. */
export type Axis = 'completion' | 'delivery'

/** Runs that failed alike: the same agent, at the same step and line, by the same cause. */
export interface FailureGroup {
  readonly axis: Axis
  /** `assistant · stalled in tool › search · tool-silent` */
  readonly title: string
  readonly code: CodeLocation | null
  /** Newest first. */
  readonly runs: readonly RunRow[]
}

/** The most frequent first. */
export function groupFailures(rows: readonly RunRow[]): FailureGroup[] {
  const groups = new Map<string, { axis: Axis; title: string; code: CodeLocation | null; runs: RunRow[] }>()
  for (const row of rows) {
    const axis = axisOf(row)
    if (axis === null) continue
    const title = titleOf(row, axis)
    const code = axis === 'completion' ? (row.step?.code ?? null) : null
    const key = [axis, title, code?.file, code?.line].join('\n')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { axis, title, code, runs: [row] })
    else group.runs.push(row)
  }
  return [...groups.values()].sort((a, b) => b.runs.length - a.runs.length || (a.title < b.title ? -1 : 1))
}

function axisOf(row: RunRow): Axis | null {
  const standing = standingOf(row)
  if (standing === 'broken') return 'completion'
  return standing === 'completed' && !isDelivered(row) ? 'delivery' : null
}

function titleOf({ agent, status, step, cause, delivery }: RunRow, axis: Axis): string {
  const place = step === null ? '' : ` in ${step.name === null ? step.phase : `${step.phase} › ${step.name}`}`
  const what = axis === 'completion' ? `${status}${place}` : DELIVERY_WORDS[delivery.outcome]
  return [agent ?? 'an agent without a name', what, ...(cause === null ? [] : [cause])].join(' · ')
}

const DELIVERY_WORDS = {
  delivered: 'delivered',
  pending: 'on its way',
  partial: 'completed, delivered in part',
  undelivered: 'completed, not delivered',
  unknown: 'completed, nothing says whether it arrived',
} as const satisfies Record<RunRow['delivery']['outcome'], string>

/** `server/agent.ts:12` */
export function writeCode({ file, line }: CodeLocation): string {
  return line === null ? file : `${file}:${line}`
}
