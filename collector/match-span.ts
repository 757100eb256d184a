/** Whether a span fits what somebody searches for; and, before it is read at all, whether an entry can hold one that does. */
import type { AttributeValue } from '../contract/runs.ts'
import type { AttributeCondition } from '../contract/search.ts'
import type { Entry } from './entry.ts'
import type { FullSpan } from './record.ts'

/** What was matched is quoted; a prompt of megabytes is not. */
const QUOTE_CHARS_MAX = 200

/** @returns a text for each condition, or null when one does not hold */
export function matchSpan(span: FullSpan, conditions: readonly AttributeCondition[]): readonly string[] | null {
  const matched: string[] = []
  for (const condition of conditions) {
    const said = findSaid(span, condition)
    if (said === null) return null
    matched.push(said)
  }
  return matched
}

function findSaid(span: FullSpan, condition: AttributeCondition): string | null {
  for (const [key, value] of wordsOf(span, condition.key)) {
    const text = textOf(value)
    if (holds(condition, text)) return `${key} = ${text.slice(0, QUOTE_CHARS_MAX)}`
  }
  return null
}

/** The span's own words first, then those of its events and of its resource. */
function* wordsOf(span: FullSpan, key: string): Generator<readonly [string, AttributeValue]> {
  const own: Readonly<Record<string, AttributeValue>> = {
    'span.name': span.name,
    'span.id': span.spanId,
    'span.status': span.status,
  }
  const groups = [own, span.attributes, ...span.events.map(({ attributes }) => attributes), span.resource]
  for (const group of groups) {
    if (key === '*') yield* Object.entries(group)
    else if (Object.hasOwn(group, key)) yield [key, group[key] ?? null]
  }
}

function textOf(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function holds({ test, value }: AttributeCondition, text: string): boolean {
  switch (test) {
    case 'is':
      return text === value
    case 'not':
      return text !== value
    case 'has':
      return text.toLowerCase().includes(value.toLowerCase())
    case 'over':
      return text.trim() !== '' && Number(text) > Number(value)
    case 'under':
      return text.trim() !== '' && Number(text) < Number(value)
    case 'any':
      return true
  }
}

/**
 * @returns whether an entry may hold a span that fits. Looking for bytes takes a hundredth of the time of reading the
 * spans, and most entries hold none of the words.
 */
export function openSieve(conditions: readonly AttributeCondition[]): (entry: Entry) => boolean {
  const needles = conditions.flatMap(needlesOf)
  return ({ kind, body }) => {
    if (kind === 'gap') return false
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    return (
      needles.every((forms) => forms.some((form) => bytes.includes(form))) || (kind === 'logs' && hidesSpans(bytes))
    )
  }
}

/** Bytes of which one must be there, in whatever encoding: nothing that JSON might write in another way. */
function needlesOf({ key, test, value }: AttributeCondition): Buffer[][] {
  if (key === 'span.id') return test === 'is' && /^[\da-f]{16}$/.test(value) ? [idForms(value)] : []
  const words = key === '*' || key.startsWith('span.') ? [] : [key]
  // A number, true, false and null are no text in protobuf.
  if (test === 'is' && /^[a-z_ .:@-]{3,}$/i.test(value) && !['true', 'false', 'null', 'unset', 'error'].includes(value))
    words.push(value)
  return words.filter((word) => /^[\w .:@-]+$/.test(word)).map((word) => [Buffer.from(word)])
}

/** As bytes, and as text in either case. */
function idForms(id: string): Buffer[] {
  return [
    Buffer.from(id, 'hex'),
    Buffer.from(id),
    Buffer.from(id.toUpperCase()),
    Buffer.from(Buffer.from(id, 'hex').toString('base64')),
  ]
}

const PARTIAL = Buffer.from('partial.')
const BODY_TYPE = Buffer.from('partial.body.type')
const JSON_BODY = Buffer.from('json/v1')

/** Snapshots of open spans that are not JSON are base64, in which no word stands as itself. */
function hidesSpans(bytes: Buffer): boolean {
  if (!bytes.includes(PARTIAL)) return false
  const partials = countOf(bytes, BODY_TYPE)
  return partials === 0 || countOf(bytes, JSON_BODY) < partials
}

function countOf(bytes: Buffer, word: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(word); at !== -1; at = bytes.indexOf(word, at + word.length)) count++
  return count
}
