import type { SpanProcessor } from './readable-span.ts'

/**
 * Put processors before those of a running TracerProvider. OpenTelemetry JS 2 removed the public way to do so; the
 * private list is the same in SDK 2.x and 3.x.
 *
 * @throws Error when there is no such list.
 */
export function joinProvider(provider: unknown, processors: readonly SpanProcessor[]): void {
  const list = property(property(provider, '_activeSpanProcessor'), '_spanProcessors')
  if (!Array.isArray(list))
    throw new Error(
      'laststep: cannot join this OpenTelemetry SDK; pass your exporters to instrument() in `spanProcessors` instead',
    )
  list.unshift(...processors)
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined
}
