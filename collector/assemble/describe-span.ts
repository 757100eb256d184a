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
  return {
    role,
    phase,
    stepName,
    waiting,
    endsWellAnyhow,
    defers: words.isDeferred,
    endWrittenBy: words.endWrittenBy,
    holdsTools,
    code: words.codeFile === null ? null : codeIn(words.codeFile, known),
    named: namedIn(words),
    errorType: words.errorType,
    progress: words.progress,
  }
}

function codeIn(file: string, known: Known): CodeLocation {
  const line = known[ATTR.codeLine]
  const name = known[ATTR.codeFunction]
  return { file, line: typeof line === 'number' ? line : null, function: typeof name === 'string' ? name : null }
}

function namedIn({ runId, callId, agent, userId, conversationId, sessionId }: SpanWords): Named | null {
  const isNobody = (runId ?? callId ?? agent ?? userId ?? conversationId ?? sessionId) === null
  return isNobody ? null : { runId, callId, agent, userId, conversationId, sessionId }
}
