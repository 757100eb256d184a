/** What a span's known attributes say beside its role. */
import { ATTR } from '../../contract/attributes.ts'
import type { CodeLocation } from '../../contract/runs.ts'
import type { Known, KnownKey } from '../signal.ts'
import type { Named } from './trace.ts'

export function codeIn(known: Known): CodeLocation | null {
  const file = known[ATTR.codeFile]
  if (typeof file !== 'string') return null
  const line = known[ATTR.codeLine]
  const name = known[ATTR.codeFunction]
  return { file, line: typeof line === 'number' ? line : null, function: typeof name === 'string' ? name : null }
}

export function namedIn(known: Known): Named | null {
  const runId = textOf(known[ATTR.runId])
  const agent = textOf(known[ATTR.agent])
  const userId = textOf(known[ATTR.userId])
  const conversationId = textOf(known[ATTR.conversationId])
  const sessionId = textOf(known[ATTR.sessionId])
  const isNobody = (runId ?? agent ?? userId ?? conversationId ?? sessionId) === null
  return isNobody ? null : { runId, agent, userId, conversationId, sessionId }
}

export function progressIn(known: Known): number {
  const progress = known[ATTR.progress]
  return typeof progress === 'number' ? progress : 0
}

export function errorTypeIn(known: Known): string | null {
  const type = known[ATTR.errorType]
  return type === undefined ? null : String(type)
}

function textOf(value: Known[KnownKey]): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
