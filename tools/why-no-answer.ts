import type { Millis } from '../contract/units.ts'

/** Why a request got no answer: `fetch failed` says nothing, its cause does. @param limit after which it was given up */
export function whyNoAnswer(error: unknown, limit: Millis): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${limit / 1_000} s`
  const cause = error.cause instanceof AggregateError ? (error.cause.errors[0] as unknown) : error.cause
  return cause instanceof Error ? cause.message : error.message
}
