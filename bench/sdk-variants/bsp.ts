/** Stands in for `@laststep/sdk`: OpenTelemetry as its own documentation sets it up, and nothing of ours. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { seconds } from '../../contract/units.ts'
import type { Instrumented, ReporterOptions } from '../../sdk/index.ts'
import { reporter } from './off.ts'

export { codeAttributes, createDeliveryRecorder, recordConnection, recordRun } from './off.ts'

export function instrument({ endpoint, serviceName }: ReporterOptions): Promise<Instrumented> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` })
  const sdk = new NodeSDK({
    serviceName,
    // Instead of 5 s, so that a measured batch of runs need not wait so long for its spans to leave.
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: seconds(1) })],
    logRecordProcessors: [],
    metricReaders: [],
  })
  sdk.start()
  return Promise.resolve({ reporter, shutdown: () => sdk.shutdown() })
}
