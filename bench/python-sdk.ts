/**
 * What Laststep costs a traced Python program; see python-sdk.py. This starts a receiver in a process of its own, so
 * that it takes nothing from the interpreter that is measured.
 *
 *   LASTSTEP_TEST_PYTHON=… npm run bench:sdk-python
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { hasPython, PYTHON, SDK_FOLDER } from '../test/kit/python.ts'

const requirements = 'test/collector/accept/python/requirements.txt'
if (!hasPython(['opentelemetry.exporter.otlp.proto.http'], 'the Python benchmark', requirements)) process.exit(2)

const receiver = createServer((request, response) => {
  request.resume().once('end', () => response.end('{}'))
}).listen(0, '127.0.0.1')
await once(receiver, 'listening')
const { port } = receiver.address() as AddressInfo

const script = join(import.meta.dirname, 'python-sdk.py')
const child = spawn(PYTHON, [script, `http://127.0.0.1:${port}`], {
  env: { ...process.env, PYTHONPATH: SDK_FOLDER },
  stdio: 'inherit',
})
const [code] = (await once(child, 'exit')) as [number | null]
receiver.closeAllConnections()
receiver.close()
process.exitCode = code ?? 1
