/** A program with `instrument`; the environment says what exporters of its own it has. Prints what those got. */
import { context, SpanKind, trace } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { subscribe } from 'node:diagnostics_channel'
import { instrument } from '../../../sdk/index.ts'

const exporter: SpanExporter = {
  export(spans, done) {
    for (const span of spans) console.log(`theirs: ${span.name}`)
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
}
const theirs = process.env['LASTSTEP_TEST_THEIRS']

let exported = 0
let traced = 0
subscribe('http.client.request.start', () => {
  exported++
  if (!isTracingSuppressed(context.active())) traced++
})

const { reporter, shutdown } = await instrument({
  endpoint: process.env['LASTSTEP_TEST_ENDPOINT'] ?? '',
  serviceName: 'instrumented',
  instanceId: 'i-1',
  resourceAttributes: { 'team.name': 'search' },
  ...(theirs === 'traceExporter' ? { traceExporter: exporter } : {}),
  ...(theirs === 'spanProcessors' ? { spanProcessors: [new SimpleSpanProcessor({ exporter })] } : {}),
})
const tracer = trace.getTracer('program', '1.0.0')
await tracer.startActiveSpan('outer', { kind: SpanKind.SERVER }, async (outer) => {
  const inner = tracer.startSpan('inner')
  await reporter.flush()
  inner.end()
  outer.end()
})
await shutdown()
console.log(`requests traced: ${traced} of ${exported > 0 ? 'some' : 'none'}`)
