/**
 * What coding agents log about their own runs: data, one row an event. Their logs need no trace; the run is known by an
 * id of theirs. None of them owes an end: a run's span may end it as well.
 *
 * ```
 * Gemini CLI    says when an agent starts and how it finishes
 * Claude Code   says when a prompt came and what was answered; the answer is the end unless it goes on working
 * Codex         says that it works: no run is made of that alone
 * ```
 */
import type { Outcome } from '../../contract/phases.ts'
import { ATTR } from '../../contract/attributes.ts'
import type { RunSignal, Source } from '../signal.ts'
import { textOf } from './plain-values.ts'
import type { LogRecord } from './reading.ts'

interface Lifecycle {
  readonly state: RunSignal['state']
  /** Attributes that hold the run's id, by precedence. */
  readonly ids: readonly string[]
  readonly agent: string | null
}

const CLAUDE = { ids: ['prompt.id', 'session.id'], agent: 'claude-code' } as const
const CODEX = { ids: ['conversation.id'], agent: 'codex' } as const
const GEMINI = { ids: ['agent_id'], agent: null } as const

const LIFECYCLES: ReadonlyMap<string, Lifecycle> = new Map<string, Lifecycle>([
  ['gemini_cli.agent.start', { ...GEMINI, state: 'started' }],
  ['gemini_cli.agent.finish', { ...GEMINI, state: 'ended' }],
  ['claude_code.user_prompt', { ...CLAUDE, state: 'started' }],
  ['claude_code.api_request', { ...CLAUDE, state: 'progressed' }],
  ['claude_code.api_error', { ...CLAUDE, state: 'progressed' }],
  ['claude_code.tool_decision', { ...CLAUDE, state: 'progressed' }],
  ['claude_code.tool_result', { ...CLAUDE, state: 'progressed' }],
  ['claude_code.assistant_response', { ...CLAUDE, state: 'answered' }],
  ['codex.api_request', { ...CODEX, state: 'progressed' }],
  ['codex.tool_decision', { ...CODEX, state: 'progressed' }],
  ['codex.tool_result', { ...CODEX, state: 'progressed' }],
])

/** Where a name stands when the record has none: Claude Code writes the last word of it, and all of it in the body. */
export const EVENT_NAME = 'event.name'

/** Every way to write one of the names; who writes the last word alone has the whole name in the body. */
export const LIFECYCLE_NAMES: ReadonlySet<string> = new Set(
  [...LIFECYCLES.keys()].flatMap((name) => [name, name.slice(name.indexOf('.') + 1)]),
)

/** How Gemini CLI says that an agent finished; every other reason is a failure. */
const OUTCOMES: Readonly<Record<string, Outcome>> = { GOAL: 'succeeded', ABORTED: 'cancelled' }

/** Null for every other record, and for one that does not say whose it is. */
export function lifecycleOf(log: LogRecord, source: Source): RunSignal | null {
  const { attributes, at, traceId, spanId } = log
  const name = [log.event, attributes[EVENT_NAME], log.body].find((each) => LIFECYCLES.has(String(each)))
  const event = textOf(name)
  const lifecycle = event === null ? undefined : LIFECYCLES.get(event)
  const runId = lifecycle?.ids.map((id) => textOf(attributes[id])).find((id) => id !== null)
  if (lifecycle === undefined || runId === undefined || runId === null) return null
  const reason = textOf(attributes['terminate_reason'])
  const isEnd = lifecycle.state === 'ended'
  return {
    kind: 'run',
    source,
    runId,
    traceId,
    spanId,
    at,
    state: lifecycle.state,
    outcome: isEnd ? (OUTCOMES[reason ?? 'GOAL'] ?? 'failed') : null,
    reason: isEnd ? reason : event,
    agent: textOf(attributes['agent_name']) ?? lifecycle.agent,
    userId: textOf(attributes[ATTR.userId]) ?? textOf(attributes['user.email']),
    sessionId: textOf(attributes[ATTR.sessionId]) ?? textOf(attributes['conversation.id']),
    owesEnd: false,
  }
}
