/** Leaves a span open, a pulse beating and records waiting, and has nothing else to do. */
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { createReporter, openSpans, recordConnection } from '../../../sdk/index.ts'
import { hold } from '../kit.ts'

const reporter = createReporter({
  endpoint: process.env['LASTSTEP_TEST_ENDPOINT'] ?? '',
  serviceName: 'short',
  pulseMs: 100,
})
const tracer = new TracerProvider({ spanProcessors: [openSpans(reporter)] }).getTracer('short')
tracer.startSpan('never ended')
recordConnection(reporter, { connectionId: 'conn_1', state: 'opened' })
// Long enough for the first requests to be under way.
if (process.env['LASTSTEP_TEST_HOLD']) await hold(400)
if (process.env['LASTSTEP_TEST_STOP']) await reporter.stop()
console.log('done', JSON.stringify(reporter.stats()))
