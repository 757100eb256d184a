/** The door for JSON: what comes out of `JSON.parse` is unknown until looked at. */
import { MalformedBody } from './protobuf-cursor.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** Integers as OTLP writes them, in text or bare. */
export const INTEGER = /^-?\d+$/

const NOTHING: JsonObject = {}

export function object(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : NOTHING
}

export function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(object) : []
}

/** Bare integers that a number does not hold: `1544712660000000001`, where OTLP also allows text. */
const LONG_INTEGER = /[:[,]\s*-?\d{16}/

/** @throws MalformedBody when it is not JSON, or no object */
export function parseJson(body: string): JsonObject {
  let value: unknown
  try {
    // The reviver makes parsing several times slower, so it is used only where a long number may stand.
    value = LONG_INTEGER.test(body) ? JSON.parse(body, keepExact) : JSON.parse(body)
  } catch (error) {
    throw new MalformedBody(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedBody('the body must be a JSON object')
  }
  return value as JsonObject
}

/** `JSON.parse` hands the source text of a number as a third argument (ECMAScript 2026), not yet in the types. */
function keepExact(_key: string, value: unknown, ...rest: readonly unknown[]): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = object(rest[0])['source']
  return typeof source === 'string' && INTEGER.test(source) ? source : value
}
