/** Opens a span and blocks the main thread in the same tick, for 2.5 s. */
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { systemClock } from '../../../contract/clock.ts'
import { createReporter, openSpans } from '../../../sdk/index.ts'
import { hold } from '../kit.ts'

const reporter = createReporter({
  endpoint: process.env['LASTSTEP_TEST_ENDPOINT'] ?? '',
  serviceName: 'blocked',
  pulseMs: 60_000,
})
const tracer = new TracerProvider({ spanProcessors: [openSpans(reporter)] }).getTracer('blocked')
// The worker is up before the loop blocks, as in any runtime that has served a while.
await hold(1_000)
const span = tracer.startSpan('execute_tool spin')
const until = systemClock.now() + 2_500
while (systemClock.now() < until);
console.log(span.spanContext().spanId)
await hold(500)
span.end()
await reporter.stop()
