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
  /** By attributes alone: the vendor's word, else the operation, else that of the AI SDK or MCP. */
  kind: Kind | null
  isTransport: boolean
  isDeferred: boolean
  /** Who ended it in place of its work. */
  endWrittenBy: string | null
}

type TextField = Exclude<keyof SpanWords, Mark>
type Mark = 'kind' | 'isTransport' | 'isDeferred' | 'endWrittenBy'

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
]

/** What a key is for. Texts: the place of the text among `TEXTS`, and of the key in its list. */
type Use = { readonly field: TextField; readonly text: number; readonly rank: number } | { readonly field: Mark }

const USES: ReadonlyMap<string, Use> = new Map<string, Use>([
  ...TEXTS.flatMap(([field, keys], text) => keys.map((key, rank) => [key, { field, text, rank }] as const)),
  ...[...KIND_KEYS, ...OPERATION_KEYS].map((key) => [key, { field: 'kind' }] as const),
  ...TRANSPORT_KEYS.map((key) => [key, { field: 'isTransport' }] as const),
  ...DEFERRAL_KEYS.map((key) => [key, { field: 'isDeferred' }] as const),
  ...WRITTEN_END_KEYS.map((key) => [key, { field: 'endWrittenBy' }] as const),
])

/** The rank of what each text was taken from, in the order of `TEXTS`; only while one span is read. */
const ranks = new Uint8Array(TEXTS.length)
const NO_RANK = 255

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
    kind: null,
    isTransport: false,
    isDeferred: false,
    endWrittenBy: null,
  }
  ranks.fill(NO_RANK)
  let vendor: Kind | null = null
  let other: Kind | null = null
  for (const key in known) {
    const use = USES.get(key)
    const value = known[key as KnownKey]
    if (use === undefined || value === undefined || value === '') continue
    switch (use.field) {
      case 'kind':
        vendor ??= vendorKind(key, String(value))
        other ??= otherKind(key, String(value))
        break
      case 'isTransport':
        words.isTransport = true
        break
      case 'isDeferred':
        words.isDeferred = true
        break
      case 'endWrittenBy':
        if (value !== false) words.endWrittenBy ??= END_WRITTEN_BY[key as keyof typeof END_WRITTEN_BY]
        break
      default:
        if (typeof value !== 'string' || use.rank >= (ranks[use.text] ?? NO_RANK)) break
        ranks[use.text] = use.rank
        words[use.field] = value
    }
  }
  const byOperation = words.operation === null ? null : (KIND_OF_OPERATION.get(words.operation) ?? null)
  words.kind = vendor ?? byOperation ?? other
  words.isTransport ||= known[ATTR.spanKind] !== undefined
  return words
}

function vendorKind(key: string, value: string): Kind | null {
  return key in KIND_OF_VENDOR_WORD
    ? (KIND_OF_VENDOR_WORD[key as keyof typeof KIND_OF_VENDOR_WORD].get(value) ?? null)
    : null
}

function otherKind(key: string, value: string): Kind | null {
  if (!(key in KIND_OF_OTHER_OPERATION)) return null
  const [word = ''] = value.split(' ', 1)
  return KIND_OF_OTHER_OPERATION[key as keyof typeof KIND_OF_OTHER_OPERATION].get(word) ?? null
}
