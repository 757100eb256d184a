/**
 * Record the corpus of the Python frameworks.
 *
 *   npm run corpus:record-py -- all
 *   npm run corpus:record-py -- pydantic-ai [case…]
 *   npm run corpus:record-py -- pydantic-ai --expect-only
 *   npm run corpus:record-py -- --install-only pydantic-ai strands
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { listFrameworks, makeEnvironment, pythonOf } from './environment.ts'

const { values, positionals } = parseArgs({
  options: { 'install-only': { type: 'boolean', default: false }, 'expect-only': { type: 'boolean', default: false } },
  allowPositionals: true,
})
const known = listFrameworks()
const [first, ...rest] = positionals
const named = first === 'all' ? known : values['install-only'] ? positionals : positionals.slice(0, 1)
const unknown = named.filter((name) => !known.includes(name))
if (named.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `${unknown.map((name) => `no such framework: ${name}\n`).join('')}all, or: ${known.join(', ')}\n`,
  )
  process.exit(1)
}

for (const framework of named) {
  makeEnvironment(framework)
  if (values['install-only']) continue
  const what = values['expect-only'] ? ['--expect-only'] : first === 'all' ? [] : rest
  const script = join(import.meta.dirname, 'record.py')
  // Our own package as it lies in this repository, for the cases with open spans.
  const env = { ...process.env, PYTHONPATH: join(import.meta.dirname, '..', '..', '..', 'sdk', 'python') }
  const { status } = spawnSync(pythonOf(framework), ['-B', script, framework, ...what], { stdio: 'inherit', env })
  if (status !== 0) process.exit(status ?? 1)
}
