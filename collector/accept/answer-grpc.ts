import type { Millis } from '../../contract/units.ts'
import { REFUSALS, RETRY_AFTER_MS, type RefusalReason } from './answer.ts'
import { bytesField, varintField } from './write-protobuf.ts'

/** How a refused call ends. */
export interface GrpcRefusal {
  readonly code: number
  readonly message: string
  /** Binary trailers by their names. */
  readonly trailers: Readonly<Record<string, Buffer>>
}

const UNAVAILABLE = REFUSALS.unavailable.code

/**
 * What passes is UNAVAILABLE, which every client may retry. So is a bug of ours: clients drop the data on INTERNAL.
 * RetryInfo goes into both trailers, since Go reads the one and Python the other.
 */
export function grpcRefusal(reason: RefusalReason, message: string): GrpcRefusal {
  const mayRetry = reason === 'unavailable' || reason === 'too-much' || reason === 'internal'
  const code = mayRetry ? UNAVAILABLE : REFUSALS[reason].code
  const status = [varintField(1, code), bytesField(2, message)]
  if (!mayRetry) return { code, message, trailers: { 'grpc-status-details-bin': Buffer.concat(status) } }
  const retryInfo = bytesField(1, duration(RETRY_AFTER_MS))
  const detail = [bytesField(1, 'type.googleapis.com/google.rpc.RetryInfo'), bytesField(2, retryInfo)]
  return {
    code,
    message,
    trailers: {
      'grpc-status-details-bin': Buffer.concat([...status, bytesField(3, Buffer.concat(detail))]),
      'google.rpc.retryinfo-bin': retryInfo,
    },
  }
}

/** `google.protobuf.Duration`. */
function duration(length: Millis): Buffer {
  return Buffer.concat([varintField(1, Math.floor(length / 1_000)), varintField(2, (length % 1_000) * 1e6)])
}
