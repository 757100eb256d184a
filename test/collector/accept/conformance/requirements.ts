import { GRPC_REQUIREMENTS } from './requirements-grpc.ts'
import { HTTP_REQUIREMENTS } from './requirements-http.ts'
import { JSON_REQUIREMENTS } from './requirements-json.ts'
import type { Requirement } from './requirement.ts'

/** Everything asked of an OTLP receiver. What needs real exporters (13) is in `real-exporters*.test.ts`. */
export const REQUIREMENTS: readonly Requirement[] = [...HTTP_REQUIREMENTS, ...JSON_REQUIREMENTS, ...GRPC_REQUIREMENTS]
