/** What the page of a run must show where the verdict is, rightly, that it completed. Pure. */
import type { DeliveryState } from '../../contract/deliveries.ts'
import type { ChecklistItem, DeliveryView, RunDetail } from '../../contract/runs.ts'

export type Page = Pick<RunDetail, 'checklist' | 'deliveries'>
export type PageCheckName =
  | 'sent-again'
  | 'out-of-order'
  | 'never-handled'
  | 'more-calls-than-results'
  | 'results-without-calls'

/** @returns true when the page shows it */
export const PAGE_CHECKS: Readonly<Record<PageCheckName, (page: Page) => boolean>> = {
  'sent-again': ({ deliveries }) => deliveries.some(({ attempt }) => attempt > 1),

  'out-of-order': ({ deliveries }) =>
    deliveries.some((one) => deliveries.some((other) => one.seq < other.seq && isAfter(one, other, 'queued'))),

  'never-handled': ({ deliveries }) =>
    deliveries.some(({ states }) => states.some(({ state }) => state === 'received')) &&
    !deliveries.some(({ states }) => states.some(({ state }) => state === 'handled')),

  'more-calls-than-results': ({ checklist }) =>
    countOf(checklist, 'tool_executing') > countOf(checklist, 'tool_completed'),

  'results-without-calls': ({ checklist }) =>
    countOf(checklist, 'tool_completed') > countOf(checklist, 'tool_executing'),
}

function isAfter(one: DeliveryView, other: DeliveryView, state: DeliveryState): boolean {
  const at = ({ states }: DeliveryView) => states.find((reached) => reached.state === state)?.at
  const [first, second] = [at(one), at(other)]
  return first !== undefined && second !== undefined && Date.parse(first) > Date.parse(second)
}

function countOf(checklist: readonly ChecklistItem[], event: string): number {
  return checklist.find((item) => item.event === event)?.count ?? 0
}
