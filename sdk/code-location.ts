/** Where in the user's code a span was started. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '../contract/attributes.ts'

export interface CodeLocation {
  /** Relative to the working directory when inside it. */
  readonly file: string
  readonly line: number
  readonly function: string | null
}

/** A captured stack, not yet turned into text: V8 formats it when `stack` is first read. */
export interface StackCapture {
  readonly stack?: unknown
}

/**
 * Frames kept of each stack: five to seven belong to the OpenTelemetry SDK, one or two to a wrapper such as
 * `recordRun`. Each costs about 0.2 µs (measured).
 */
const FRAMES_MAX = 10
const OWN_FOLDER = fileURLToPath(new URL('.', import.meta.url))

/**
 * The place that called `caller`, as attributes for spans that stand for it: where a tool is defined says more than the
 * line all tools are called from. Empty when no frame of the user's own is near.
 */
export function codeAttributes(caller: (...args: never[]) => unknown): Attributes {
  const location = locateCode(captureStack(caller))
  if (location === null) return {}
  return {
    [ATTR.codeFile]: location.file,
    [ATTR.codeLine]: location.line,
    ...(location.function === null ? {} : { [ATTR.codeFunction]: location.function }),
  }
}

/** Keep the stack below `caller`. Costs about 5 µs; formatting it, left for later, 15 more (bench/sdk.ts). */
export function captureStack(caller: (...args: never[]) => unknown): StackCapture {
  const capture: StackCapture = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES_MAX
  Error.captureStackTrace(capture, caller)
  Error.stackTraceLimit = limit
  return capture
}

/** The first frame of the user's own: not of a package, not of Node, not of this SDK. Null when there is none. */
export function locateCode(capture: StackCapture): CodeLocation | null {
  const { prepareStackTrace } = Error
  Error.prepareStackTrace = (_error, frames) => frames
  try {
    const frames = capture.stack
    if (!Array.isArray(frames)) return null
    for (const frame of frames) {
      const location = readFrame(frame)
      if (location !== null) return location
    }
    return null
  } finally {
    if (prepareStackTrace === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace
    else Error.prepareStackTrace = prepareStackTrace
  }
}

function readFrame(frame: NodeJS.CallSite): CodeLocation | null {
  const path = frame.getFileName()
  const line = frame.getLineNumber()
  if (!path || line === null || path.startsWith('node:')) return null
  const file = path.startsWith('file:') ? fileURLToPath(path) : path
  if (/[\\/]node_modules[\\/]/.test(file) || file.startsWith(OWN_FOLDER)) return null
  return { file: fromWorkingDirectory(file), line, function: functionName(frame) }
}

function fromWorkingDirectory(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') ? file : path
}

/** `Orchestrator.run` for a method, `run` for a function. */
function functionName(frame: NodeJS.CallSite): string | null {
  const name = frame.getFunctionName()
  const type = frame.getTypeName()
  if (name === null || name === '') return null
  return type === null || type === 'Object' || name.includes('.') || frame.isToplevel() ? name : `${type}.${name}`
}
