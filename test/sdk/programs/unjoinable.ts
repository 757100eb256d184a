/** Has a tracer provider of its own making, which `instrument` cannot join. Prints what it says to that. */
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { instrument } from '../../../sdk/index.ts'

const provider = new TracerProvider()
trace.setGlobalTracerProvider({ getTracer: (name) => provider.getTracer(name) })
const endpoint = process.env['LASTSTEP_TEST_ENDPOINT'] ?? ''
const refusal: unknown = await instrument({ endpoint, serviceName: 'unjoinable' }).catch((error: unknown) => error)
console.log(String(refusal))
