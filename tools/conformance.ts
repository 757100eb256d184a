/**
 * `npm run conformance -- http://host:4318 [--grpc host:4317]`: holds any OTLP receiver against the table of
 * requirements and prints what it does. Exit codes: 0 every required row that could be seen is met, 1 some are not,
 * 2 the words of the call are wrong.
 */
import { parseArgs } from 'node:util'
import { formatRows, isConforming, runConformance } from '../test/collector/accept/conformance/requirement.ts'
import { REQUIREMENTS } from '../test/collector/accept/conformance/requirements.ts'
import { openTarget } from '../test/collector/accept/conformance/target.ts'

const { httpUrl, grpcAddress } = readCall()
const open = openTarget(httpUrl, grpcAddress)
console.log(`OTLP conformance of ${httpUrl}${grpcAddress === null ? '' : ` and gRPC ${grpcAddress}`}\n`)
const rows = await runConformance(REQUIREMENTS, open.target)
open.close()
console.log(formatRows(rows))
console.log('\nmust: opentelemetry-proto asks for it. ours: Laststep asks it of itself.')
process.exitCode = isConforming(rows) ? 0 : 1

function readCall(): { httpUrl: string; grpcAddress: string | null } {
  try {
    const { values, positionals } = parseArgs({ options: { grpc: { type: 'string' } }, allowPositionals: true })
    const [httpUrl] = positionals
    if (positionals.length !== 1 || httpUrl === undefined || !/^https?:$/.test(URL.parse(httpUrl)?.protocol ?? ''))
      throw new Error('one address is needed')
    return { httpUrl, grpcAddress: values.grpc ?? null }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`conformance: ${why}\nusage: npm run conformance -- http://127.0.0.1:4318 [--grpc 127.0.0.1:4317]`)
    process.exit(2)
  }
}
