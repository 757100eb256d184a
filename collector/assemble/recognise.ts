/**
 * What a span is to a run, from its attributes and, since many frameworks set these late, from its name.
 * Data, not branches: a framework is added by adding a row. First hit wins, in this order:
 * our own attribute, `gen_ai.operation.name`, a tool attribute, the span's name, a model attribute.
 */
import { ATTR } from '../../contract/attributes.ts'
import { isPhase, type Phase } from '../../contract/phases.ts'
import type { Known } from '../signal.ts'

/**
 * `run`: handles one request. `step`: something a run can stand still in. `connection`: before any run.
 * `plumbing`: everything else, such as an HTTP call inside a tool.
 */
export type Role = 'run' | 'step' | 'connection' | 'plumbing'

export interface Recognised {
  readonly role: Role
  readonly phase: Phase | null
  readonly stepName: string | null
  /** The run waits for a person or another run while this span is open. */
  readonly waiting: boolean
}

type Kind = 'run' | 'reasoning' | 'tool' | 'waiting' | 'plumbing'

/** `gen_ai.operation.name` of the conventions and of the frameworks that bend them. */
const KIND_OF_OPERATION: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    invoke_agent: 'run',
    invoke_workflow: 'run',
    invoke_swarm: 'run',
    invoke_graph: 'run',
    'agent.run': 'run',
    'workflow.run': 'run',
    agent_call: 'run',
    user_prompt: 'run',
    chat: 'reasoning',
    text_completion: 'reasoning',
    text_completions: 'reasoning',
    completion: 'reasoning',
    generate_content: 'reasoning',
    generate: 'reasoning',
    llm_call: 'reasoning',
    model_inference: 'reasoning',
    execute_tool: 'tool',
    'tool.execute': 'tool',
    tool_call: 'tool',
    agent_step: 'plumbing',
  } satisfies Record<string, Kind>),
)

/** Span names as their frameworks write them. `execute_tool (merged)` repeats calls that have spans of their own. */
const KIND_OF_NAME: readonly (readonly [RegExp, Kind])[] = [
  [/^execute_tool \(merged\)$/, 'plumbing'],
  [/^(invoke_agent|invoke_workflow|agent[ _]run|invocation)( |\[|$)/, 'run'],
  [
    /^(claude_code\.interaction|Agent Workflow|crewai\.workflow|workflow\.(run|execute|session)|workflow_invoke)$/,
    'run',
  ],
  [/^(LangGraph|AgentExecutor|agent_(session|turn)|orchestrate_tools|invoke_(swarm|graph))$/, 'run'],
  [/\.(workflow|agent|kickoff)$/, 'run'],
  [/^ai\.(generate|stream)(Text|Object)( |$)/, 'run'],
  [/^(chat|text_completions?|generate_content|call_llm|llm_(node|request(_run)?))( |$)/, 'reasoning'],
  [/^claude_code\.llm_request$|^openai\.(chat|response)$/, 'reasoning'],
  [/\.(doGenerate|doStream)( |$)|\.(chat|completion|llm)$/, 'reasoning'],
  [/^(Azure)?Chat(?!Prompt)[A-Z]\w+$/, 'reasoning'],
  [/^(execute_tool|running tool|ai\.toolCall|tools\/call|tool\.execute)( |$)/, 'tool'],
  [/^claude_code\.tool(\.execution)?$|^function_tool$|\.tool$/, 'tool'],
  [/^claude_code\.tool\.blocked_on_user$/, 'waiting'],
]

/** Words that say "this is a tool call" in front of the tool's name. */
const TOOL_PREFIX = /^(execute_tool|running tool|ai\.toolCall|tools\/call|tool\.execute)(\s+|$)|\.tool$/

export function recognise(name: string, known: Known): Recognised {
  const own = known[ATTR.phase]
  const waiting = known[ATTR.waiting] === true
  if (isPhase(own)) {
    const role = own === 'connect' || own === 'auth' || own === 'ready' ? 'connection' : 'step'
    return { role, phase: own, stepName: nameStep(own, name, known), waiting: waiting || own === 'waiting' }
  }
  const kind = kindOf(name, known)
  switch (kind) {
    case 'run':
    case 'plumbing':
      return { role: kind, phase: null, stepName: null, waiting }
    case 'reasoning':
    case 'tool':
      return { role: 'step', phase: kind, stepName: nameStep(kind, name, known), waiting }
    case 'waiting':
      return { role: 'step', phase: 'waiting', stepName: null, waiting: true }
  }
}

function kindOf(name: string, known: Known): Kind {
  const operation = text(known[ATTR.operation])
  // Some frameworks put an agent's operation on other spans too, so an operation we do not know proves nothing.
  const byOperation = operation === null ? undefined : KIND_OF_OPERATION.get(operation)
  if (byOperation !== undefined) return byOperation
  const byName = kindOfName(name)
  if (byName === 'plumbing') return byName
  if (text(known[ATTR.toolName]) !== null || text(known[ATTR.toolCallId]) !== null) return 'tool'
  return byName ?? (text(known[ATTR.model]) === null ? 'plumbing' : 'reasoning')
}

/** Most spans are plumbing of few names, and fit no pattern: what was found is kept for the next one. */
function kindOfName(name: string): Kind | null {
  const known = kindsFound.get(name)
  if (known !== undefined) return known
  const kind = KIND_OF_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? null
  if (kindsFound.size >= KINDS_FOUND_MAX) kindsFound.clear()
  kindsFound.set(name, kind)
  return kind
}

const kindsFound = new Map<string, Kind | null>()
const KINDS_FOUND_MAX = 1_000

/** `tool › search_orders`, `reasoning › chat gpt-5`, `started › build_orchestrator`; null when the phase says it all. */
function nameStep(phase: Phase, name: string, known: Known): string | null {
  if (phase === 'tool') return text(known[ATTR.toolName]) ?? unlessEmpty(name.replace(TOOL_PREFIX, ''))
  const operation = text(known[ATTR.operation])
  const model = text(known[ATTR.model])
  if (phase === 'reasoning' && operation !== null && model !== null) return `${operation} ${model}`
  return name === phase ? null : unlessEmpty(name.startsWith(`${phase} `) ? name.slice(phase.length + 1) : name)
}

function text(value: string | number | boolean | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function unlessEmpty(name: string): string | null {
  return name === '' ? null : name
}
