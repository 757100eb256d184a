/** A stranger's program, run and type-checked against the published package. Prints its open span and what it loaded. */
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { Reporter } from '@laststep/sdk'
import { createReporter, openSpans } from '@laststep/sdk'
import { setTimeout } from 'node:timers/promises'

const endpoint = process.env['LASTSTEP_TEST_ENDPOINT'] ?? ''
const reporter: Reporter = createReporter({ endpoint, serviceName: 'installed', pulseMs: 200 })
const provider = new TracerProvider({ spanProcessors: [openSpans(reporter)] })
const span = provider.getTracer('installed').startSpan('execute_tool search')
await reporter.flush()
// Until a pulse of the worker can have listed it.
await setTimeout(1_000)
console.log(JSON.stringify({ spanId: span.spanContext().spanId, sdk: import.meta.resolve('@laststep/sdk') }))
await reporter.stop()
