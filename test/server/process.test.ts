/** The runtime as a program: how it starts, refuses to start, speaks to a model endpoint, and stops. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectUser, fetchToken } from '../../tools/user-client.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startRuntimeProgram } from '../kit/programs.ts'

let receiver: OtlpReceiver

beforeAll(async () => {
  receiver = await startOtlpReceiver()
})
afterAll(() => receiver.stop())

describe.concurrent('starting', () => {
  test('on a taken port is one line that names the port and the flag', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const { code, errors } = await runToEnd(['--port', String(port), '--otlp', receiver.url])
    other.close()
    expect(code).toBe(1)
    expect(errors.trim()).toBe(`port ${port} is taken; choose another with --port, or --port 0 for any free one`)
  })

  test('with wrong settings tells all of them before anything listens', async () => {
    const { code, errors } = await runToEnd(['--port', '-5', '--fault', 'gremlin', '--pulse-ms', '1'])
    expect(code).toBe(2)
    expect(errors.trim().split('\n')).toHaveLength(3)
  })
})

describe.concurrent('with a secret from outside', () => {
  test('tokens come from elsewhere, must name the issuer, and must not have expired', async () => {
    const secret = 'a secret that only the test and the runtime know'
    const runtime = await startRuntimeProgram(receiver.url, ['--secret', secret, '--issuer', 'tests'])
    await expect(fetchToken(runtime.http, 'ada')).rejects.toThrow('404')
    expect((await fetch(`${runtime.http}/faults`)).status).toBe(404)

    const token = (issuer: string, expires: string) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('ada')
        .setIssuer(issuer)
        .setExpirationTime(expires)
        .sign(new TextEncoder().encode(secret))
    const closeOf = async (text: string) => (await connectUser({ url: runtime.ws, token: text })).closed
    expect(await closeOf(await token('tests', '1 minute ago'))).toEqual({ code: 4401, reason: 'the token has expired' })
    expect(await closeOf(await token('others', '1h'))).toEqual({ code: 4401, reason: "the token's claim iss is wrong" })

    const short = await connectUser({ url: runtime.ws, token: await token('tests', '2s') })
    await short.waitFor(({ type }) => type === 'connection_established')

    const ada = await connectUser({ url: runtime.ws, token: await token('tests', '1h'), via: 'subprotocol' })
    expect((await ada.waitForEnd(await ada.ask('Hello'))).type).toBe('agent_completed')
    await ada.close()
    // A connection ends with its token.
    expect(await short.closed).toEqual({ code: 4401, reason: 'the token has expired' })
    await runtime.stop()
  })
})

describe.concurrent('an OpenAI-compatible endpoint', () => {
  test('is called for every step, with the tools, and its answer reaches the user', async () => {
    const calls: { authorization: string | undefined; model: unknown; tools: unknown }[] = []
    const endpoint = createServer((request, response) => {
      let text = ''
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => {
        const body = JSON.parse(text) as {
          model: string
          tools: { function: { name: string } }[]
          messages: { role: string }[]
        }
        calls.push({
          authorization: request.headers.authorization,
          model: body.model,
          tools: body.tools.map((tool) => tool.function.name),
        })
        const hasResult = body.messages.some(({ role }) => role === 'tool')
        const call = {
          index: 0,
          id: 'call_a',
          type: 'function',
          function: { name: 'calculator', arguments: '{"expression":"6*7"}' },
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const [delta, finish_reason] of hasResult
          ? [[{ content: 'It is 42.' }, null] as const, [{}, 'stop'] as const]
          : [[{ role: 'assistant', tool_calls: [call] }, null] as const, [{}, 'tool_calls'] as const])
          response.write(
            `data: ${JSON.stringify({ id: 'x', model: 'tiny', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
          )
        response.end('data: [DONE]\n\n')
      })
    })
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
    const { port } = endpoint.address() as AddressInfo
    const flags = ['--model-url', `http://127.0.0.1:${port}/v1`, '--model-key', 'k-123', '--model-name', 'tiny']
    const runtime = await startRuntimeProgram(receiver.url, flags)
    const ada = await connectUser({ url: runtime.ws, token: await fetchToken(runtime.http, 'ada') })
    const end = await ada.waitForEnd(await ada.ask('What is six times seven?', { agent: 'analyst' }))
    expect(end.payload).toEqual({ result: { text: 'It is 42.', steps: 2 } })
    const tools = ['calculator', 'file_search', 'slow_report']
    const call = { authorization: 'Bearer k-123', model: 'tiny', tools }
    expect(calls).toEqual([call, call])
    await ada.close()

    // A model that is gone is a run that failed, and says so.
    endpoint.close()
    endpoint.closeAllConnections()
    const bob = await connectUser({ url: runtime.ws, token: await fetchToken(runtime.http, 'bob') })
    const failed = await bob.waitForEnd(await bob.ask('And now?'), 30_000)
    expect([failed.type, failed.payload['message']]).toEqual(['agent_error', expect.stringMatching(/connect/i)])
    await bob.close()
    expect(await runtime.stop()).toBe(0)
  })
})

describe.concurrent('stopping', () => {
  test('cancels the runs, tells the users with 1001, says goodbye to the collector and ends with 0', async () => {
    const own = await startOtlpReceiver()
    const runtime = await startRuntimeProgram(own.url)
    const ada = await connectUser({ url: runtime.ws, token: await fetchToken(runtime.http, 'ada') })
    const runId = await ada.ask('What is the refund policy?', { fault: 'hung-tool' })
    await ada.waitFor(({ type }) => type === 'tool_executing')
    const deaf = await connectUser({ url: runtime.ws, token: await fetchToken(runtime.http, 'deaf') })
    await deaf.waitFor(({ type }) => type === 'connection_established')
    deaf.stopReading()
    const [code, close] = await Promise.all([runtime.stop(), ada.closed])
    deaf.drop()
    expect(code).toBe(0)
    expect(close).toEqual({ code: 1001, reason: 'the runtime is stopping' })
    const end = ada.frames.findLast((frame) => frame.run_id === runId)
    expect([end?.type, end?.payload]).toEqual(['agent_cancelled', { reason: 'the runtime is stopping' }])
    expect(own.records('laststep.pulse').at(-1)?.attributes['laststep.pulse.last']).toBe(true)
    const ends = own
      .records('laststep.connection')
      .flatMap(({ attributes }) => attributes['laststep.connection.close_by'] ?? [])
    expect(ends).toEqual(['server', 'network'])
    await own.stop()
  })
})

async function runToEnd(args: readonly string[]): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../server/main.ts'), ...args])
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { code, errors }
}
