import type { FrameForm } from '../../collector/frame-form.ts'
import { ruleOf, type Progression } from '../../collector/progression.ts'
import { fillTemplate, valueAt } from './fill-template.ts'

/** One message of the runtime, as its contract reads it. Null: the frame does not say. */
export interface Frame {
  /** Null for a frame that names none, or is not JSON. */
  readonly event: string | null
  readonly runId: string | null
  readonly threadId: string | null
  /** The runtime's own number of the event in its run; null for frames outside the numbering. */
  readonly seq: number | null
  /** What pairs an opening with its closing. */
  readonly callId: string | null
  readonly text: string | null
  readonly json: unknown
}

/** How deep the key of a pair is looked for: in the frame, and in what is inside it. */
const PAIR_DEPTH_MAX = 3
const UNREADABLE_CHARS_MAX = 200

/** @param text the message as it came; untrusted */
export function readFrame(text: string, progression: Progression): Frame {
  const form = progression.frames
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    const shown = `not JSON: ${text.slice(0, UNREADABLE_CHARS_MAX)}`
    return { event: null, runId: null, threadId: null, seq: null, callId: null, text: shown, json: null }
  }
  const event = nameOf(json, form)
  const pair = event === null ? null : (ruleOf(progression, event)?.pair ?? null)
  const runId = textAt(json, form.run)
  return {
    event,
    runId,
    threadId: textAt(json, form.thread),
    // Numbers are given per run: where frames name theirs, one that names none is outside the numbering.
    seq: form.run !== undefined && runId === null ? null : count(firstOf(json, form.seq)),
    callId: pair === null ? null : scalar(findKey(json, pair, PAIR_DEPTH_MAX)),
    text: textAt(json, form.text),
    json,
  }
}

function nameOf(json: unknown, { event: templates = [] }: FrameForm): string | null {
  for (const template of templates) {
    const name = scalar(fillTemplate(template, (path) => valueAt(json, path)))
    if (name !== null && name !== '') return name
  }
  return null
}

function textAt(json: unknown, paths: readonly string[] | undefined): string | null {
  return scalar(firstOf(json, paths))
}

function firstOf(json: unknown, paths: readonly string[] = []): unknown {
  for (const path of paths) {
    const value = valueAt(json, path)
    if (value !== undefined) return value
  }
  return undefined
}

/** The nearest to the top counts. */
function findKey(json: unknown, key: string, depth: number): unknown {
  if (typeof json !== 'object' || json === null || depth === 0) return undefined
  if (Object.hasOwn(json, key)) return (json as Record<string, unknown>)[key]
  for (const inside of Object.values(json)) {
    const found = findKey(inside, key, depth - 1)
    if (found !== undefined) return found
  }
  return undefined
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

function scalar(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}
