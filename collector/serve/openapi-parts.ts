/** What descriptions of the API are put together from. */
import type { API_SCHEMAS } from './api-schemas.ts'

export type Json = Readonly<Record<string, unknown>>

export function words(list: readonly string[]): Json {
  return { type: 'string', enum: list }
}

export function parameter(name: string, description: string): Json {
  return { name, in: 'query', description, schema: { type: 'string' } }
}

export function answer(description: string, schema: keyof typeof API_SCHEMAS): Json {
  return { '200': { description, content: jsonOf(schema) }, ...refused('500', 'Our own bug; its log says why') }
}

export function refused(status: string, description: string): Json {
  return { [status]: { description, content: jsonOf('ApiError') } }
}

export function jsonOf(schema: keyof typeof API_SCHEMAS): Json {
  return { 'application/json': { schema: { $ref: refOf(schema) } } }
}

export function refOf(id: string): string {
  return `#/components/schemas/${id}`
}
