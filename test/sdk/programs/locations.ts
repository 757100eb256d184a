/** Starts spans from here, there and within a package; each says in its name where it is. */
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { OpenSpansOptions } from '../../../sdk/index.ts'
import { createReporter, openSpans, recordRun } from '../../../sdk/index.ts'

const codeLocation = process.env['LASTSTEP_TEST_CODE'] as NonNullable<OpenSpansOptions['codeLocation']>
const reporter = createReporter({
  endpoint: process.env['LASTSTEP_TEST_ENDPOINT'] ?? '',
  serviceName: 'located',
  pulseMs: 0,
})
const provider = new TracerProvider({ spanProcessors: [openSpans(reporter, { codeLocation })] })
trace.setGlobalTracerProvider(provider)
const tracer = trace.getTracer('located')

class Orchestrator {
  begin() {
    return tracer.startSpan('in a method', {}, ROOT_CONTEXT) // LINE method
  }
}

function open() {
  return tracer.startActiveSpan('in a function', (span) => span) // LINE function
}

open()
new Orchestrator().begin()
tracer.startSpan('the user knows better', { attributes: { 'code.file.path': 'theirs.py', 'code.line.number': 544 } })
const short = tracer.startSpan('short', {}, context.active()) // LINE short
short.end()
console.log(JSON.stringify('attributes' in short ? short.attributes : null))
await recordRun(reporter, { runId: 'run_1', agent: 'helper' }, async (run) => {
  await run.phase('tool', 'search', () => reporter.flush()) // LINE phase
})
await reporter.stop()
