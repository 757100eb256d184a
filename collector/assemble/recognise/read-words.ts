/**
 * What a span's known attributes say, in our words. A span has a handful of the hundred keys that are known, so the keys
 * it has are looked up, and not the others looked for.
 */
import { ATTR } from '../../../contract/attributes.ts'
import type { Known, KnownKey } from '../../signal.ts'
import {
  AGENT_KEYS,
  CALL_ID_KEYS,
  DEFERRAL_KEYS,
  KIND_KEYS,
  MODEL_KEYS,
  OPERATION_KEYS,
  RUN_ID_KEYS,
  SESSION_KEYS,
  TOOL_CALL_KEYS,
  TOOL_KEYS,
  TRANSPORT_KEYS,
  USER_KEYS,
  WRITTEN_END_KEYS,
} from '../../vendor-attributes.ts'
import { END_WRITTEN_BY, KIND_OF_OPERATION, KIND_OF_OTHER_OPERATION, KIND_OF_VENDOR_WORD, type Kind } from './kinds.ts'

export interface SpanWords {
  runId: string | null
  callId: string | null
  agent: string | null
  conversationId: string | null
  sessionId: string | null
  userId: string | null
  tool: string | null
  toolCallId: string | null
  model: string | null
  operation: string | null
  scope: string | null
  /** What our own attribute says, whether or not it is a phase. */
  phase: string | null
  codeFile: string | null
  errorType: string | null
  progress: number
  /** By attributes alone: the vendor's word, else the operation, else that of the AI SDK or MCP. */
  kind: Kind | null
  isTransport: boolean
  isWaiting: boolean
  isDeferred: boolean
  /** Who ended it in place of its work. */
  endWrittenBy: string | null
}

type TextField = Exclude<keyof SpanWords, Mark>
type Mark = 'kind' | 'errorType' | 'progress' | 'isTransport' | 'isWaiting' | 'isDeferred' | 'endWrittenBy'

const TEXTS: readonly (readonly [TextField, readonly KnownKey[]])[] = [
  ['runId', RUN_ID_KEYS],
  ['callId', CALL_ID_KEYS],
  ['agent', AGENT_KEYS],
  ['conversationId', [ATTR.conversationId]],
  ['sessionId', SESSION_KEYS],
  ['userId', USER_KEYS],
  ['tool', TOOL_KEYS],
  ['toolCallId', TOOL_CALL_KEYS],
  ['model', MODEL_KEYS],
  ['operation', [ATTR.operation]],
  ['scope', [ATTR.scope]],
  ['phase', [ATTR.phase]],
  ['codeFile', [ATTR.codeFile]],
]

/** What a key is for. Texts: the place of the text among `TEXTS`, and of the key in its list. */
type Use =
  | { readonly field: TextField; readonly text: number; readonly rank: number }
  | { readonly field: 'kind'; readonly rank: number; readonly kinds: ReadonlyMap<string, Kind> }
  | { readonly field: Exclude<Mark, 'kind'> }

/** The kind by `gen_ai.operation.name` comes after the vendors' words. */
const OPERATION_RANK = KIND_KEYS.length

const USES: ReadonlyMap<string, Use> = new Map<string, Use>([
  ...TEXTS.flatMap(([field, keys], text) => keys.map((key, rank) => [key, { field, text, rank }] as const)),
  ...KIND_KEYS.map((key, rank) => [key, { field: 'kind', rank, kinds: KIND_OF_VENDOR_WORD[key] }] as const),
  ...OPERATION_KEYS.map((key, place) => {
    return [key, { field: 'kind', rank: OPERATION_RANK + 1 + place, kinds: KIND_OF_OTHER_OPERATION[key] }] as const
  }),
  ...[...TRANSPORT_KEYS, ATTR.spanKind].map((key) => [key, { field: 'isTransport' }] as const),
  ...DEFERRAL_KEYS.map((key) => [key, { field: 'isDeferred' }] as const),
  ...WRITTEN_END_KEYS.map((key) => [key, { field: 'endWrittenBy' }] as const),
  [ATTR.errorType, { field: 'errorType' }],
  [ATTR.progress, { field: 'progress' }],
  [ATTR.waiting, { field: 'isWaiting' }],
])

/** The rank of what each text was taken from, in the order of `TEXTS`; only while one span is read. */
const ranks: number[] = TEXTS.map(() => 0)

export function readWords(known: Known): SpanWords {
  const words: SpanWords = {
    runId: null,
    callId: null,
    agent: null,
    conversationId: null,
    sessionId: null,
    userId: null,
    tool: null,
    toolCallId: null,
    model: null,
    operation: null,
    scope: null,
    phase: null,
    codeFile: null,
    errorType: null,
    progress: 0,
    kind: null,
    isTransport: false,
    isWaiting: false,
    isDeferred: false,
    endWrittenBy: null,
  }
  let kindRank = Infinity
  for (const key in known) {
    const use = USES.get(key)
    if (use === undefined) continue
    const value = known[key as KnownKey]
    if (value === undefined || value === '') continue
    switch (use.field) {
      case 'kind': {
        const kind = use.rank < kindRank ? use.kinds.get(firstWord(String(value))) : undefined
        if (kind === undefined) break
        words.kind = kind
        kindRank = use.rank
        break
      }
      case 'isTransport':
      case 'isDeferred':
        words[use.field] = true
        break
      case 'isWaiting':
        words.isWaiting = value === true
        break
      case 'errorType':
        words.errorType = String(value)
        break
      case 'progress':
        if (typeof value === 'number') words.progress = value
        break
      case 'endWrittenBy':
        if (value !== false) words.endWrittenBy ??= END_WRITTEN_BY[key as keyof typeof END_WRITTEN_BY]
        break
      default:
        if (typeof value !== 'string') break
        if (words[use.field] !== null && use.rank >= (ranks[use.text] ?? 0)) break
        ranks[use.text] = use.rank
        words[use.field] = value
    }
  }
  if (kindRank > OPERATION_RANK && words.operation !== null)
    words.kind = KIND_OF_OPERATION.get(words.operation) ?? words.kind
  return words
}

/** The AI SDK writes its own word and then the name its user gave the call. */
function firstWord(text: string): string {
  const end = text.indexOf(' ')
  return end < 0 ? text : text.slice(0, end)
}
