/** What its name and its known attributes make of a span. */
import { ATTR } from '../../contract/attributes.ts'
import type { CodeLocation } from '../../contract/runs.ts'
import type { Known } from '../signal.ts'
import type { SpanWords } from './recognise/read-words.ts'
import { recognise } from './recognise/recognise.ts'
import type { Named, TraceSpan } from './trace.ts'

export type Description = Pick<
  TraceSpan,
  | 'role'
  | 'phase'
  | 'stepName'
  | 'waiting'
  | 'endsWellAnyhow'
  | 'defers'
  | 'endWrittenBy'
  | 'holdsTools'
  | 'code'
  | 'named'
  | 'errorType'
  | 'progress'
>

export function describeSpan(name: string, known: Known): Description {
  const { role, phase, stepName, waiting, endsWellAnyhow, holdsTools, words } = recognise(name, known)
  const progress = known[ATTR.progress]
  const errorType = known[ATTR.errorType]
  return {
    role,
    phase,
    stepName,
    waiting,
    endsWellAnyhow,
    defers: words.isDeferred,
    endWrittenBy: words.endWrittenBy,
    holdsTools,
    code: codeIn(known),
    named: namedIn(words),
    errorType: errorType === undefined ? null : String(errorType),
    progress: typeof progress === 'number' ? progress : 0,
  }
}

function codeIn(known: Known): CodeLocation | null {
  const file = known[ATTR.codeFile]
  if (typeof file !== 'string') return null
  const line = known[ATTR.codeLine]
  const name = known[ATTR.codeFunction]
  return { file, line: typeof line === 'number' ? line : null, function: typeof name === 'string' ? name : null }
}

function namedIn({ runId, callId, agent, userId, conversationId, sessionId }: SpanWords): Named | null {
  const isNobody = (runId ?? callId ?? agent ?? userId ?? conversationId ?? sessionId) === null
  return isNobody ? null : { runId, callId, agent, userId, conversationId, sessionId }
}
