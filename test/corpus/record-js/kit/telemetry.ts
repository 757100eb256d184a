/** OpenTelemetry as an application sets it up, and Laststep's open spans in it where the case asks for them. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { createReporter, openSpans, type SpanProcessor } from '../../../../sdk/index.ts'
import { currentCase } from './cases.ts'
import { SERVICE } from './shop.ts'

/** Start exporting over OTLP/HTTP protobuf. Call what is returned when the process ends in good order. */
export function startTelemetry(): () => Promise<void> {
  const exported = new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })
  const sdk = new NodeSDK({ spanProcessors: [...openSpansOfCase(), exported] })
  sdk.start()
  return () => sdk.shutdown()
}

/** For programs that set OpenTelemetry up in a way of their own. */
export function openSpansOfCase(): SpanProcessor[] {
  if (!currentCase().openSpans) return []
  const endpoint = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? ''
  return [openSpans(createReporter({ serviceName: SERVICE, endpoint }))]
}
