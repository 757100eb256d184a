/**
 * What a span is to a run, from its attributes and, since many frameworks set these late, from its name. The first hit
 * counts, in this order: our own attribute, the vendor's kind, `gen_ai.operation.name`, the AI SDK's operation, MCP's, a
 * tool's attribute, a name of its scope, the span's name, a model's attribute.
 */
import { isPhase, type Phase } from '../../../contract/phases.ts'
import type { Known } from '../../signal.ts'
import {
  ENDS_WELL_ANYHOW,
  KIND_IN_SCOPE,
  KIND_OF_NAME,
  KIND_OF_TRAP,
  TOOL_NODE_IN_SCOPE,
  TOOL_WORDS,
  type Kind,
} from './kinds.ts'
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
  const { scope } = words
  const ownPhase = isPhase(words.phase) ? words.phase : null
  const kind = ownPhase === null ? kindOf(name, words, scope) : null
  const phase = kind === null ? ownPhase : PHASE_OF_KIND[kind]
  // Written out once: this is made for every record of every span.
  return {
    role:
      kind === null ? roleOfPhase(phase) : kind === 'plumbing' && words.isTransport ? 'transport' : ROLE_OF_KIND[kind],
    phase,
    stepName: phase === null || kind === 'waiting' ? null : nameStep(phase, name, words),
    waiting: words.isWaiting || phase === 'waiting',
    endsWellAnyhow: scope !== null && ENDS_WELL_ANYHOW.has(scope),
    holdsTools: scope !== null && TOOL_NODE_IN_SCOPE[scope] === name,
    words,
  }
}

const ROLE_OF_KIND = { run: 'run', reasoning: 'step', tool: 'step', waiting: 'step', plumbing: 'plumbing' } as const
const PHASE_OF_KIND = { run: null, reasoning: 'reasoning', tool: 'tool', waiting: 'waiting', plumbing: null } as const

function roleOfPhase(phase: Phase | null): Role {
  return phase === 'connect' || phase === 'auth' || phase === 'ready' ? 'connection' : 'step'
}

function kindOf(name: string, words: SpanWords, scope: string | null): Kind {
  for (const [trap, kind] of KIND_OF_TRAP) if (name === trap) return kind
  if (words.kind !== null) return words.kind
  if (words.tool !== null || words.toolCallId !== null) return 'tool'
  const byName = kindOfName(name)
  const inScope = scope === null ? undefined : KIND_IN_SCOPE[scope]?.find(([pattern]) => pattern.test(name))?.[1]
  return inScope ?? byName ?? (words.model === null ? 'plumbing' : 'reasoning')
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
