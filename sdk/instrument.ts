import { ProxyTracerProvider, trace } from '@opentelemetry/api'
import type { Attributes } from '@opentelemetry/api'
/** @ts-ignore -- in a program without it, whose types are checked too, NodeSDK's options are any. */
import type * as NodeSdk from '@opentelemetry/sdk-node'
import { createRequire } from 'node:module'
import type { Reporter, ReporterOptions } from './reporter.ts'
import type { OpenSpansOptions } from './open-spans.ts'
import { finishedSpans } from './finished-spans.ts'
import { joinProvider } from './join-provider.ts'
import { openSpans } from './open-spans.ts'
import { createReporter } from './reporter.ts'

/** The reporter's options, those of `openSpans`, and any of NodeSDK's, which are passed on. */
export interface InstrumentOptions
  extends ReporterOptions, OpenSpansOptions, Omit<Partial<NodeSdk.NodeSDKConfiguration>, 'serviceName'> {
  /** Added to the resource of traces. */
  readonly resourceAttributes?: Attributes
}

export interface Instrumented {
  readonly reporter: Reporter
  /** End OpenTelemetry and the reporter in good order. */
  shutdown(): Promise<void>
}

/**
 * Set up OpenTelemetry with Laststep in it, for a program that has none yet. Exporters you pass, or that
 * `OTEL_EXPORTER_OTLP_*` and `OTEL_TRACES_EXPORTER` name, keep working; Laststep's are added.
 *
 * @throws Error when `@opentelemetry/sdk-node` is not installed, or is of a kind Laststep cannot join.
 */
export async function instrument(options: InstrumentOptions): Promise<Instrumented> {
  const { NodeSDK } = await importNodeSdk()
  const reporter = createReporter(options)
  const ours = [openSpans(reporter, options)]
  if (!sendsTracesTo(options.endpoint)) ours.push(finishedSpans(reporter))

  const sdk = new NodeSDK({
    // Left unset these would go to localhost:4318, asked for or not.
    ...(namesExporter('LOGS') ? {} : { logRecordProcessors: [] }),
    ...(namesExporter('METRICS') ? {} : { metricReaders: [] }),
    ...withoutOurs(options),
    resourceDetectors: [
      ...(options.resourceDetectors ?? standardDetectors()),
      // Last, hence strongest: traces must name the same instance as pulses do.
      { detect: () => ({ attributes: { ...options.resourceAttributes, ...reporter.resource } }) },
    ],
    ...(keepsExporters(options) ? {} : { spanProcessors: [...ours, ...(options.spanProcessors ?? [])] }),
  })
  // An exporter of theirs that fails must not keep ours from its goodbye.
  const shutdown = async () => void (await Promise.allSettled([sdk.shutdown(), reporter.stop()]))
  sdk.start()
  try {
    if (keepsExporters(options) && !isDisabled()) joinProvider(runningProvider(), ours)
  } catch (error) {
    await shutdown()
    throw error
  }
  return { reporter, shutdown }
}

/** NodeSDK forgets `traceExporter` and the environment when given `spanProcessors`; then ours must join afterwards. */
function keepsExporters({ spanProcessors, traceExporter }: InstrumentOptions): boolean {
  return spanProcessors === undefined && (traceExporter !== undefined || namesExporter('TRACES'))
}

function namesExporter(signal: 'TRACES' | 'LOGS' | 'METRICS'): boolean {
  const { env } = process
  const exporter = env[`OTEL_${signal}_EXPORTER`]
  if (exporter !== undefined && exporter !== '') return !exporter.startsWith('none')
  return Boolean(env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'])
}

/** As OpenTelemetry reads it. */
function isDisabled(): boolean {
  return process.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'
}

/** True when the environment already sends finished spans to our collector. */
function sendsTracesTo(endpoint: string): boolean {
  const { env } = process
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT']
  const traces = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`)
  return namesExporter('TRACES') && traces === `${endpoint.replace(/\/+$/, '')}/v1/traces`
}

function runningProvider(): unknown {
  const provider = trace.getTracerProvider()
  return provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider
}

/** NodeSDK's own options: what is left when the reporter's are taken away. */
function withoutOurs(options: InstrumentOptions): Partial<NodeSdk.NodeSDKConfiguration> {
  const {
    endpoint: _endpoint,
    serviceVersion: _serviceVersion,
    environment: _environment,
    instanceId: _instanceId,
    headers: _headers,
    flushMs: _flushMs,
    queueMax: _queueMax,
    pulseMs: _pulseMs,
    compat: _compat,
    clock: _clock,
    codeLocation: _codeLocation,
    ancestors: _ancestors,
    resourceAttributes: _resourceAttributes,
    ...rest
  } = options
  return rest
}

async function importNodeSdk(): Promise<typeof NodeSdk> {
  try {
    return await import('@opentelemetry/sdk-node')
  } catch (cause) {
    throw new Error('laststep: instrument() needs OpenTelemetry: npm install @opentelemetry/sdk-node', { cause })
  }
}

type Detectors = NonNullable<InstrumentOptions['resourceDetectors']>

/** NodeSDK's default detectors, found the way NodeSDK finds them: it does not export them. */
function standardDetectors(): Detectors {
  const nodeSdk = createRequire(import.meta.url).resolve('@opentelemetry/sdk-node')
  const resources: Record<string, Detectors[number] | undefined> = createRequire(nodeSdk)('@opentelemetry/resources')
  const { processDetector, hostDetector, osDetector, envDetector } = resources
  return [processDetector, hostDetector, osDetector, envDetector].filter((detector) => detector !== undefined)
}
