/** protobufjs over our copy of the OTLP shapes: an independent writer and reader to measure ours against. */
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

const root = protobuf.loadSync(fileURLToPath(new URL('./otlp.proto', import.meta.url)))

export type MessageName =
  | 'TracesRequest'
  | 'LogsRequest'
  | 'MetricsRequest'
  | 'ExportResponse'
  | 'RpcStatus'
  | 'RetryInfo'
  | 'AnyValue'
  | 'Span'

/** @param message in protobufjs's form: camelCase keys, bytes as Buffers, 64-bit integers as decimal text */
export function encode(name: MessageName, message: object): Buffer {
  const type = root.lookupType(`otlp.${name}`)
  return Buffer.from(type.encode(type.fromObject(message)).finish())
}

export function decode(name: MessageName, bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(`otlp.${name}`)
  return type.toObject(type.decode(bytes), { longs: String, bytes: String })
}

/** The type itself, for those who take bytes apart. */
export function typeOf(name: MessageName): protobuf.Type {
  return root.lookupType(`otlp.${name}`)
}
