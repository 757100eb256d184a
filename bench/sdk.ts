/**
 * What Laststep costs a traced program: microseconds added to one span (start + end) by `openSpans`, against the same
 * SDK with a processor that does nothing. Exits 1 when the goal of 3 µs for a busy program is missed.
 *
 *   node bench/sdk.ts
 *
 * A stack costs more than all the rest, so the SDK takes at most 1,000 a second. A busy program is one that starts more
 * spans than that; the line "every span located" is what each span costs a program that starts fewer.
 */
import type { SpanProcessor as SdkSpanProcessor } from '@opentelemetry/sdk-trace'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { setImmediate } from 'node:timers/promises'
import type { OpenSpansOptions } from '../sdk/index.ts'
import { createReporter, openSpans } from '../sdk/index.ts'
import { startOtlpReceiver } from '../test/kit/otlp-receiver.ts'

const GOAL_US = 3
const SPANS = 20_000
/** Between two turns of the event loop, or two flushes: what one flush allows in stacks. */
const BATCH = 200
const ROUNDS = 15
/** Frames above the measured line: agents are not called from the top of the stack. */
const DEPTH = 15

interface Case {
  readonly name: string
  /** Null for a processor that does nothing. */
  readonly options: OpenSpansOptions | null
  /** Flush after each batch, which allows new stacks; else flushes come by their timer. */
  readonly located: boolean
}

const CASES: readonly Case[] = [
  { name: 'no-op processor', options: null, located: false },
  { name: 'openSpans, busy program', options: {}, located: false },
  { name: 'openSpans, every span located', options: {}, located: true },
  { name: 'openSpans, codeLocation off', options: { codeLocation: 'off' }, located: false },
  { name: 'openSpans, codeLocation always', options: { codeLocation: 'always' }, located: true },
  { name: 'openSpans, ancestors off', options: { ancestors: false }, located: false },
]

const noop: SdkSpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}

const receiver = await startOtlpReceiver()
const runners = CASES.map(prepare)
const times = CASES.map((): number[] => [])
// Interleaved, so that whatever else the machine does falls on all of them. The first two rounds only warm up.
for (let round = -2; round < ROUNDS; round++) {
  for (const [index, run] of runners.entries()) {
    const us = await run()
    if (round >= 0) times[index]?.push(us)
  }
}
await receiver.stop()

const medians = times.map((list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN)
const [base = Number.NaN, busy = Number.NaN] = medians
for (const [index, { name }] of CASES.entries()) {
  const us = medians[index] ?? Number.NaN
  console.log(
    `${name.padEnd(32)}${us.toFixed(2).padStart(7)} µs a span  +${(us - base).toFixed(2)} µs  ×${(us / base).toFixed(2)}`,
  )
}
const met = busy - base <= GOAL_US
console.log(`goal: at most +${GOAL_US} µs a span in a busy program: ${met ? 'met' : 'MISSED'}`)
process.exit(met ? 0 : 1)

/** A measured round: the mean processor time of one span in µs. What happens between the batches is not counted. */
function prepare({ options, located }: Case): () => Promise<number> {
  const reporter = createReporter({ endpoint: receiver.url, serviceName: 'bench', pulseMs: 0 })
  const processor = options === null ? noop : openSpans(reporter, options)
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('bench')
  const run = tracer.startSpan('invoke_agent bench', {}, ROOT_CONTEXT)
  const inRun = trace.setSpan(context.active(), run)
  const batch = (): void => {
    for (let i = 0; i < BATCH; i++) {
      const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search', attempt: i }
      tracer.startSpan('execute_tool search', { attributes }, inRun).end()
    }
  }
  return async () => {
    let us = 0
    for (let spans = 0; spans < SPANS; spans += BATCH) {
      await (located ? reporter.flush() : setImmediate())
      const from = threadMicros()
      callDeep(DEPTH, batch)
      us += threadMicros() - from
    }
    return us / SPANS
  }
}

/** Of this thread: whatever else the machine does meanwhile is not counted. */
function threadMicros(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

function callDeep(depth: number, call: () => void): void {
  if (depth === 0) call()
  else callDeep(depth - 1, call)
}
