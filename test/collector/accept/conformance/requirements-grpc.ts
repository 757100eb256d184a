/** Must-meet list 1–8 and 12 over gRPC. */
import { decode } from '../oracle.ts'
import { grpcCode, logsProtobuf, metricsProtobuf, spanRequest, spansProtobuf } from './bodies.ts'
import type { Requirement } from './requirement.ts'
import type { GrpcAnswer, GrpcAsked, Target } from './target.ts'

const OK = 0
const INVALID_ARGUMENT = 3
const RESOURCE_EXHAUSTED = 8
const UNAVAILABLE = 14
const MIB = 1_048_576
const DETAILS = 'grpc-status-details-bin'
const RETRY_INFO = 'google.rpc.retryinfo-bin'

type Look = (answer: GrpcAnswer) => string | null

const grpc = (
  id: string,
  level: Requirement['level'],
  says: string,
  body: () => Uint8Array,
  look: Look,
  asked: GrpcAsked = {},
): Requirement => ({ id, level, says, needs: 'grpc', check: async (target) => look(await call(target, body(), asked)) })

const trouble = (id: string, level: Requirement['level'], says: string, look: Look): Requirement => ({
  id,
  level,
  says,
  needs: 'grpc',
  secondNeed: 'trouble',
  check: async (target) => look(await callInTrouble(target)),
})

const troubled = new WeakMap<Target, Promise<GrpcAnswer>>()

/** One call serves all who look at it, since it is held for seconds. */
function callInTrouble(target: Target): Promise<GrpcAnswer> {
  const known = troubled.get(target)
  if (known) return known
  target.trouble?.(true)
  const answer = call(target, spansProtobuf).finally(() => target.trouble?.(false))
  troubled.set(target, answer)
  return answer
}

const success: Look = (answer) => grpcCode(answer, OK) ?? (answer.body.length === 0 ? null : 'partial_success is set')
const partial =
  (rejected: number): Look =>
  (answer) => {
    const said = decode('ExportResponse', answer.body) as { partialSuccess?: { rejected?: string } }
    const told = Number(said.partialSuccess?.rejected ?? 0)
    return grpcCode(answer, OK) ?? (told === rejected ? null : `${told} rejected, not ${rejected}`)
  }
const tooLarge: Look = (answer) =>
  grpcCode(answer, RESOURCE_EXHAUSTED) ?? (retryDelay(answer) === null ? null : 'RetryInfo asks to send it again')

// oxfmt-ignore
export const GRPC_REQUIREMENTS: readonly Requirement[] = [
  grpc('1.grpc-traces',     'must', 'gRPC: traces',                                       () => spansProtobuf, success),
  grpc('1.grpc-logs',       'must', 'gRPC: logs',                                         () => logsProtobuf, success, { service: 'logs' }),
  grpc('1.grpc-metrics',    'ours', 'gRPC: metrics that are not kept get partial_success', () => metricsProtobuf, partial(1), { service: 'metrics' }),
  grpc('2.grpc-gzip',       'must', 'gRPC: gzip',                                         () => spansProtobuf, success, { gzip: true }),
  grpc('4.grpc-empty',      'must', 'gRPC: an empty request succeeds',                    () => Buffer.alloc(0), success),
  grpc('5.grpc-partial',    'must', 'gRPC: an item refused for ever: OK with partial_success', () => spanRequest({}, [{ name: 'no ids' }]), partial(1)),
  grpc('6.grpc-bad-bytes',  'ours', 'gRPC: what is no protobuf is INVALID_ARGUMENT',      () => Buffer.from([0xff]), (answer) => grpcCode(answer, INVALID_ARGUMENT)),
  grpc('8.grpc-large',      'ours', 'gRPC: a message of 8 MiB is taken',                  () => spanRequest({ attributes: [{ key: 'x', value: { bytesValue: Buffer.alloc(8 * MIB) } }] }), (answer) => grpcCode(answer, OK)),
  grpc('8.grpc-raw',        'must', 'gRPC: above 64 MiB is RESOURCE_EXHAUSTED, no RetryInfo', () => Buffer.alloc(64 * MIB + 1), tooLarge),
  grpc('8.grpc-bomb',       'must', 'gRPC: the same once decompressed',                   () => Buffer.alloc(65 * MIB), tooLarge, { gzip: true }),
  grpc('10.grpc-zero-id',   'must', 'gRPC: a span id of zeros refuses that span',         () => spanRequest({ spanId: Buffer.alloc(8) }), partial(1)),
  trouble('6.grpc-passing', 'must', 'gRPC: what passes is UNAVAILABLE',                   (answer) => grpcCode(answer, UNAVAILABLE)),
  trouble('6.grpc-details', 'ours', 'gRPC: RetryInfo in grpc-status-details-bin',         (answer) => delayProblem(delayInDetails(answer))),
  trouble('6.grpc-trailer', 'ours', 'gRPC: RetryInfo in google.rpc.retryinfo-bin',        (answer) => delayProblem(delayInTrailer(answer))),
  trouble('7.grpc-hold',    'ours', 'gRPC: held about 3 s before it is refused',          ({ tookMs }) => tookMs > 2_000 && tookMs < 4_500 ? null : `${tookMs.toFixed(0)} ms`),
  { id: '12.grpc-concurrent', level: 'must', says: 'gRPC: 100 calls at once', needs: 'grpc', check: hundredAtOnce },
]

async function hundredAtOnce(target: Target): Promise<string | null> {
  const answers = await Promise.all(Array.from({ length: 100 }, () => call(target, spansProtobuf)))
  return answers.map(success).find((seen) => seen !== null) ?? null
}

function call(target: Target, body: Uint8Array, asked: GrpcAsked = {}): Promise<GrpcAnswer> {
  if (!target.grpc) throw new Error('no address for gRPC')
  return target.grpc(body, asked)
}

function delayProblem(seconds: number | null): string | null {
  if (seconds === null) return 'no RetryInfo'
  return seconds > 0 && seconds <= 2 ? null : `asks to wait ${seconds} s`
}

function retryDelay(answer: GrpcAnswer): number | null {
  return delayInTrailer(answer) ?? delayInDetails(answer)
}

function delayInTrailer(answer: GrpcAnswer): number | null {
  const [value] = answer.trailers?.get(RETRY_INFO) ?? []
  return Buffer.isBuffer(value) ? delayOf(value) : null
}

function delayInDetails(answer: GrpcAnswer): number | null {
  const [value] = answer.trailers?.get(DETAILS) ?? []
  if (!Buffer.isBuffer(value)) return null
  const status = decode('RpcStatus', value) as { details?: readonly { typeUrl: string; value: string }[] }
  const detail = status.details?.find(({ typeUrl }) => typeUrl.endsWith('/google.rpc.RetryInfo'))
  return detail === undefined ? null : delayOf(Buffer.from(detail.value, 'base64'))
}

function delayOf(retryInfo: Buffer): number {
  const { retryDelay } = decode('RetryInfo', retryInfo) as { retryDelay?: { seconds?: string; nanos?: number } }
  return Number(retryDelay?.seconds ?? 0) + (retryDelay?.nanos ?? 0) / 1e9
}
