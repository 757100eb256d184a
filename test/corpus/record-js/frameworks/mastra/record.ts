/** Mastra, by its OtelExporter and, with spans that live while the work does, by its OtelBridge. */
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { Observability } from '@mastra/observability'
import { OtelBridge } from '@mastra/otel-bridge'
import { OtelExporter } from '@mastra/otel-exporter'
import { z } from 'zod'
import { completed, failed, stalled } from '../../kit/corpus-file.ts'
import { record } from '../../kit/record.ts'
import {
  AGENT,
  INSTRUCTIONS,
  MODEL,
  QUESTION,
  SERVICE,
  searchOrders,
  SESSION,
  TOOL,
  TOOL_DESCRIPTION,
  USER,
} from '../../kit/shop.ts'
import { startTelemetry } from '../../kit/telemetry.ts'

const modelUrl = process.env['OPENAI_BASE_URL'] ?? ''

/** Mastra's own exporter: sends each span when it ends, whatever OpenTelemetry the process has. */
async function runExporting(): Promise<void> {
  const provider = { custom: { endpoint: `${process.env['OTEL_EXPORTER_OTLP_ENDPOINT']}/v1/traces`, protocol } }
  await runAgent(
    new Observability({ configs: { otel: { serviceName: SERVICE, exporters: [new OtelExporter({ provider })] } } }),
  )
}
const protocol = 'http/protobuf' as const

/** Real OpenTelemetry spans, on whatever provider the process has. */
async function runBridged(): Promise<void> {
  const stop = startTelemetry()
  await runAgent(new Observability({ configs: { otel: { serviceName: SERVICE, bridge: new OtelBridge() } } }))
  await stop()
}

async function runAgent(observability: Observability): Promise<void> {
  const orders = createTool({
    id: TOOL,
    description: TOOL_DESCRIPTION,
    inputSchema: z.object({ customer: z.string() }),
    execute: async () => ({ found: await searchOrders() }),
  })
  const agent = new Agent({
    id: AGENT,
    name: AGENT,
    instructions: INSTRUCTIONS,
    model: { id: `openai/${MODEL}`, url: modelUrl, apiKey: 'no-key' },
    maxRetries: 0,
    tools: { [TOOL]: orders },
  })
  const mastra = new Mastra({ agents: { [AGENT]: agent }, observability, logger: false })
  const metadata = { sessionId: SESSION, userId: USER }
  await mastra
    .getAgent(AGENT)
    .generate(QUESTION, { tracingOptions: { metadata } })
    .catch(() => null)
  await observability.shutdown()
}

const packages = ['@mastra/core', '@mastra/observability']
const who = { session: SESSION, user: USER }

await record(
  {
    file: import.meta.url,
    folder: 'mastra',
    framework: 'Mastra 1',
    packages: [...packages, '@mastra/otel-exporter'],
    how: 'An Agent with one tool, OtelExporter with a custom provider, a Chat Completions model on the loopback.',
    runId: 'mastra.metadata.runId',
    run: runExporting,
    expect: {
      finished: [completed(who)],
      failed: [failed(who)],
      // A model call ends after the tools it asked for. While its tool hangs, only what the model said has ended.
      'hung-in-model': [stalled('reasoning', `after chat ${MODEL}`, who)],
      'hung-in-tool': [stalled('reasoning', `after model_chunk ${AGENT}`, { ...who, agent: null })],
    },
  },
  {
    file: import.meta.url,
    folder: 'mastra-bridge',
    framework: 'Mastra 1 through its OpenTelemetry bridge',
    packages: [...packages, '@mastra/otel-bridge', '@opentelemetry/sdk-node'],
    how: 'An Agent with one tool, OtelBridge on a NodeSDK, a Chat Completions model on the loopback.',
    runId: 'mastra.metadata.runId',
    run: runBridged,
    expect: {
      finished: [completed(who)],
      failed: [failed(who)],
      // The bridge opens its spans under Mastra's own names, without attributes, and renames them when they end.
      'hung-in-model-open': [stalled('reasoning', `llm: '${MODEL}'`, { ...who, confidence: 'T1' })],
      'hung-in-tool-open': [stalled('tool', TOOL, { ...who, confidence: 'T1' })],
    },
  },
)
