import { AGENT_WORDS } from './recognise/kinds.ts'
import type { Known } from '../signal.ts'
import { kindOfName, recognise } from './recognise/recognise.ts'
import type { TraceSpan } from './trace.ts'

/**
 * The agent a span's name speaks of: `invoke_agent research` before its attribute arrives, or all of a name that is the
 * user's own. Null for names such as `LangGraph`, which every user of a framework has.
 */
export function agentFromName(span: Pick<TraceSpan, 'name' | 'role'> | null): string | null {
  if (span === null) return null
  for (const pattern of AGENT_WORDS) {
    const name = pattern.exec(span.name)?.[1]
    if (name !== undefined) return name
  }
  const isOwn = (span.role === 'plumbing' || span.role === 'run') && kindOfName(span.name) === null
  return isOwn && span.name !== '' ? span.name : null
}

/** The agent whose work a span is: what it says, or its name does. Null for spans that stand for no run. */
export function agentOf(name: string, known: Known): string | null {
  const { role, words } = recognise(name, known)
  return role === 'run' ? (words.agent ?? agentFromName({ name, role })) : null
}
