/**
 * What a span is to a run, from its attributes and, since many frameworks set these late, from its name. The first hit
 * counts, in this order: our own attribute, the vendor's kind, `gen_ai.operation.name`, the AI SDK's operation, MCP's, a
 * tool's attribute, a name of its scope, the span's name, a model's attribute.
 */
import { ATTR } from '../../../contract/attributes.ts'
import { isPhase, type Phase } from '../../../contract/phases.ts'
import type { Known } from '../../signal.ts'
import { ENDS_WELL_ANYHOW, KIND_IN_SCOPE, KIND_OF_NAME, TOOL_NODE_IN_SCOPE, TOOL_WORDS, type Kind } from './kinds.ts'
import { readWords, type SpanWords } from './read-words.ts'

/**
 * `run`: handles one request. `step`: something a run can stand still in. `connection`: before any run. `transport`: a
 * request, a message or a query on its way, never a run. `plumbing`: everything else.
 */
export type Role = 'run' | 'step' | 'connection' | 'transport' | 'plumbing'

export interface Recognised {
  readonly role: Role
  readonly phase: Phase | null
  readonly stepName: string | null
  /** The run waits for a person or another run while this span is open. */
  readonly waiting: boolean
  /** Its end says nothing of how it went. */
  readonly endsWellAnyhow: boolean
  /** Its children are tool calls, whether or not they say so. */
  readonly holdsTools: boolean
  readonly words: SpanWords
}

export function recognise(name: string, known: Known): Recognised {
  const words = readWords(known)
  const own = known[ATTR.phase]
  const scope = known[ATTR.scope]
  const waiting = known[ATTR.waiting] === true
  const endsWellAnyhow = typeof scope === 'string' && ENDS_WELL_ANYHOW.has(scope)
  const holdsTools = typeof scope === 'string' && TOOL_NODE_IN_SCOPE[scope] === name
  const rest = { words, endsWellAnyhow, holdsTools }
  if (isPhase(own)) {
    const role = own === 'connect' || own === 'auth' || own === 'ready' ? 'connection' : 'step'
    return { role, phase: own, stepName: nameStep(own, name, words), waiting: waiting || own === 'waiting', ...rest }
  }
  const kind = kindOf(name, words, typeof scope === 'string' ? scope : null)
  switch (kind) {
    case 'run':
      return { role: kind, phase: null, stepName: null, waiting, ...rest }
    case 'plumbing':
      return { role: words.isTransport ? 'transport' : kind, phase: null, stepName: null, waiting, ...rest }
    case 'reasoning':
    case 'tool':
      return { role: 'step', phase: kind, stepName: nameStep(kind, name, words), waiting, ...rest }
    case 'waiting':
      return { role: 'step', phase: 'waiting', stepName: null, waiting: true, ...rest }
  }
}

function kindOf(name: string, words: SpanWords, scope: string | null): Kind {
  if (words.kind !== null && !isRepetition(name)) return words.kind
  const byName = kindOfName(name)
  if (byName === 'plumbing') return byName
  if (words.tool !== null || words.toolCallId !== null) return 'tool'
  const inScope = scope === null ? undefined : KIND_IN_SCOPE[scope]?.find(([pattern]) => pattern.test(name))?.[1]
  return inScope ?? byName ?? (words.model === null ? 'plumbing' : 'reasoning')
}

/** Whatever its attributes say: it repeats spans that are there already. */
function isRepetition(name: string): boolean {
  return kindOfName(name) === 'plumbing'
}

/** Most spans are plumbing of few names, and fit no pattern: what was found is kept for the next one. */
export function kindOfName(name: string): Kind | null {
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
function nameStep(phase: Phase, name: string, { tool, operation, model }: SpanWords): string | null {
  if (phase === 'tool') return tool ?? unlessEmpty(unquoted(name.replace(TOOL_WORDS, '')))
  if (phase === 'reasoning' && operation !== null && model !== null) return `${operation} ${model}`
  return name === phase ? null : unlessEmpty(name.startsWith(`${phase} `) ? name.slice(phase.length + 1) : name)
}

function unquoted(name: string): string {
  return name.length > 2 && name.startsWith("'") && name.endsWith("'") ? name.slice(1, -1) : name
}

function unlessEmpty(name: string): string | null {
  return name === '' ? null : name
}
