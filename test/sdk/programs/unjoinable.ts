/** Has a tracer provider of its own making, which `instrument` cannot join. Prints what it says to that. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { instrument } from '../../../sdk/index.ts'

const tracer = trace.getTracer('theirs')
trace.setGlobalTracerProvider({ getTracer: () => tracer })
const endpoint = process.env['LASTSTEP_TEST_ENDPOINT'] ?? ''
const refusal: unknown = await instrument({ endpoint, serviceName: 'unjoinable' }).catch((error: unknown) => error)
console.log(String(refusal))
tracer.startSpan('theirs', {}, ROOT_CONTEXT).end()
