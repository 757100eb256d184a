/** What the words of a scenario's sentences stand for: a span, an exception, a connection. */
import { ATTR } from '../../contract/attributes.ts'
import type { ConnectionState } from '../../contract/deliveries.ts'
import { isPhase } from '../../contract/phases.ts'
import type { Instant, Millis } from '../../contract/units.ts'
import type { ExceptionFacts, Known, Signal } from '../../collector/signal.ts'

/** `run research`, `tool search_orders`, `reasoning chat gpt-5`, `started build`, `GET /orders`. */
export function describe(
  actor: { readonly label: string; readonly isPlain: boolean },
  what: string,
): { name: string; known: Known } {
  const [word = '', ...others] = what.split(' ')
  const rest = others.join(' ')
  const id = actor.isPlain ? {} : { [ATTR.runId]: actor.label }
  if (word === 'run')
    return { name: `invoke_agent ${rest}`, known: { ...id, [ATTR.agent]: rest, [ATTR.userId]: 'alice' } }
  if (word === 'tool') return { name: `execute_tool ${rest}`, known: { [ATTR.toolName]: rest } }
  if (word === 'reasoning') return { name: rest, known: {} }
  return isPhase(word) ? { name: rest || word, known: { ...id, [ATTR.phase]: word } } : { name: what, known: {} }
}

/** `KeyError "no such key" in server/factory.ts:41` */
export function readThrown(text: string): ExceptionFacts {
  const [, type = text, message = '', file, line] = /^(\w+)(?: "([^"]*)")?(?: in (\S+):(\d+))?$/.exec(text) ?? []
  const stacktrace =
    file === undefined ? null : `${type}: ${message}\n    at build (file:///srv/app/${file}:${line}:11)`
  return { type, message, stacktrace }
}

export function connection(id: string, state: ConnectionState, at: Instant, more: object): Signal {
  const source = {
    service: 'agents',
    version: '1.0',
    environment: 'test',
    instance: 'p1',
    workingDirectory: '/srv/app',
    contract: null,
  }
  const unknown = {
    userId: null,
    acks: null,
    stream: null,
    isSubprotocolRefused: false,
    framesLost: 0,
    closeCode: null,
    clientCloseCode: null,
    closeReason: null,
    closedBy: null,
  }
  return { kind: 'connection', source, connectionId: id, state, at, ...unknown, ...more }
}

/** `c1`, and `c1 to c500` as all of them. */
export function upTo(first: string, last: string | undefined): string[] {
  const from = Number(first.slice(1))
  return Array.from({ length: Number(last ?? from) - from + 1 }, (_, index) => `c${from + index}`)
}

/** `90s`, `5m30s`, `1h`, `250ms`. */
export function readTime(text: string): Millis {
  const units: Readonly<Record<string, Millis>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)]
  if (parts.map(([part]) => part).join('') !== text || text === '') throw new Error(`not a length of time: ${text}`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0)
}
