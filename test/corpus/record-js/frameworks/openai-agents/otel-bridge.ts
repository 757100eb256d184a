// otel-bridge.ts: the traces of @openai/agents as OpenTelemetry spans, opened and ended while the work is.
import type { Span, SpanData, Trace, TracingProcessor } from '@openai/agents'
import { ROOT_CONTEXT, SpanStatusCode, trace as otel } from '@opentelemetry/api'
import type { Attributes, Span as OtelSpan } from '@opentelemetry/api'

export class OtelBridge implements TracingProcessor {
  readonly #tracer = otel.getTracer('openai-agents')
  readonly #open = new Map<string, OtelSpan>()

  async onTraceStart({ traceId, name, groupId }: Trace) {
    const session: Attributes = groupId ? { 'gen_ai.conversation.id': groupId } : {}
    this.#start(traceId, null, `invoke_agent ${name}`, { ...agent(name), ...session })
  }

  async onSpanStart({ spanId, parentId, traceId, spanData }: Span<SpanData>) {
    const { name, attributes } = describe(spanData)
    this.#start(spanId, parentId ?? traceId, name, attributes)
  }

  async onSpanEnd({ spanId, parentId, traceId, spanData, error }: Span<SpanData>) {
    // The model, and the agent that was handed to, are known by now.
    const { name, attributes } = describe(spanData)
    this.#open.get(spanId)?.updateName(name).setAttributes(attributes)
    this.#end(spanId, error?.message)
    // The SDK never ends the trace of a run that throws.
    if (parentId === null && error !== null) this.#end(traceId, error.message)
  }

  async onTraceEnd({ traceId }: Trace) {
    this.#end(traceId)
  }

  async forceFlush() {}
  async shutdown() {}

  #start(id: string, parentId: string | null, name: string, attributes: Attributes) {
    const parent = parentId === null ? undefined : this.#open.get(parentId)
    const context = parent === undefined ? ROOT_CONTEXT : otel.setSpan(ROOT_CONTEXT, parent)
    this.#open.set(id, this.#tracer.startSpan(name, { attributes }, context))
  }

  #end(id: string, error?: string) {
    const span = this.#open.get(id)
    this.#open.delete(id)
    if (error !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR, message: error })
    span?.end()
  }
}

/** In the words of OpenTelemetry's conventions for generative AI. */
function describe(data: SpanData): { name: string; attributes: Attributes } {
  switch (data.type) {
    case 'agent':
      return { name: `invoke_agent ${data.name}`, attributes: agent(data.name) }
    case 'function':
      return work('execute_tool', data.name, 'gen_ai.tool.name')
    case 'generation':
      return work('chat', data.model, 'gen_ai.request.model')
    case 'response':
      return work('chat', data._response?.['model'], 'gen_ai.request.model')
    case 'handoff':
      return work('handoff', data.to_agent, 'gen_ai.transfer.target.name')
    default:
      return { name: data.type, attributes: {} }
  }
}

function work(operation: string, target: string | undefined, key: string) {
  const named = target === undefined ? {} : { [key]: target }
  return { name: `${operation} ${target ?? ''}`.trim(), attributes: { 'gen_ai.operation.name': operation, ...named } }
}

function agent(name: string): Attributes {
  return { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name }
}
