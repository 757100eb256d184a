/** Streams over real HTTP: what is recorded of them, and that nobody on either end notices. */
import { once } from 'node:events'
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server, type Http2Server } from 'node:http2'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createUIMessageStream, pipeUIMessageStreamToResponse } from 'ai'
import { afterEach, describe, expect, test } from 'vitest'
import { recordHttpStreams, type HttpStreams, type StreamDescription } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import { hearReporter } from './heard.ts'

const heard = hearReporter()
let server: Server | Http2Server
let streams: HttpStreams

afterEach(async () => {
  if ('closeAllConnections' in server) server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const sse = (frame: object, id?: string) => `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`
const event = (type: string, more: object = {}) => ({ type, run_id: 'run_1', ...more })

async function listen(handle: RequestListener): Promise<string> {
  streams = recordHttpStreams(heard.reporter)
  server = createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that records each response and hands it over; the client asks when it likes. */
async function serve(describeStream: (request: IncomingMessage) => StreamDescription = () => ({})) {
  const responses: ServerResponse[] = []
  const url = await listen((request, response) => {
    streams.record(response, describeStream(request))
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    responses.push(response)
  })
  return {
    url,
    /** Both ends of a new stream. */
    async open(headers: Record<string, string> = {}) {
      const known = new Set(heard.connectionIds())
      const request = get(url, { headers, agent: false })
      request.on('error', () => {})
      const [answer] = (await once(request, 'response')) as [IncomingMessage]
      answer.on('error', () => {})
      const response = responses.at(-1)
      if (response === undefined) throw new Error('expected a response')
      const id = await eventually(() => heard.connectionIds().find((each) => !known.has(each)))
      return { request, answer, response, id }
    },
  }
}

const textOf = async (answer: IncomingMessage) => {
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return text
}

describe('a response', () => {
  test('of Server-Sent Events: every message is emitted, queued and written, and the end is told', async () => {
    const { open } = await serve(() => ({ userId: 'ada' }))
    const { answer, response, id } = await open()
    const sent = [sse(event('agent_started')), ': heartbeat\n\n', sse(event('tool_executing', { tool_call_id: 'c' }))]
    for (const piece of sent) response.write(piece)
    response.end(sse(event('agent_completed')))
    expect(await textOf(answer)).toBe(sent.join('') + sse(event('agent_completed')))

    for (const [index, type] of ['agent_started', 'tool_executing', 'agent_completed'].entries()) {
      const { states, attributes } = await heard.reaches(id, index + 1, 'written')
      expect(states).toEqual(['emitted', 'queued', 'written'])
      expect(attributes).toMatchObject({ 'laststep.delivery.event': type, 'laststep.run.id': 'run_1' })
    }
    expect(heard.told(id, 2).attributes['laststep.delivery.tool_call_id']).toBe('c')
    expect(await heard.closeOf(id)).toMatchObject({
      'laststep.connection.stream': 'sse',
      'laststep.connection.close_by': 'server',
      'laststep.connection.close_reason': 'finished',
    })
    const states = heard.connections(id).map((record) => record['laststep.connection.state'])
    expect(states).toEqual(['opened', 'ready', 'closed'])
    for (const record of heard.connections(id))
      expect(record).toMatchObject({ 'user.id': 'ada', 'laststep.connection.acks': false })
    expect(heard.deliveries(id)).toHaveLength(3)
  })

  test('of lines of JSON, and of one object, is a stream of kind http', async () => {
    const url = await listen((request, response) => {
      streams.record(response)
      if (request.url === '/one') response.end(JSON.stringify(event('agent_completed', { run_id: 'run_2' })))
      else for (const type of ['agent_started', 'agent_completed']) response.write(`${JSON.stringify(event(type))}\n`)
      response.end()
    })
    const ask = async (path: string) => {
      const known = new Set(heard.connectionIds())
      await (await fetch(url + path)).text()
      return eventually(() => heard.connectionIds().find((each) => !known.has(each)))
    }
    const lines = await ask('/lines')
    await heard.reaches(lines, 2, 'written')
    const one = await ask('/one')
    await heard.reaches(one, 1, 'written')
    for (const id of [lines, one]) expect((await heard.closeOf(id))['laststep.connection.stream']).toBe('http')
  })

  test('whose frames name their run once, or never, belongs to the run it is described by', async () => {
    const { open } = await serve((request) =>
      request.headers['x-run'] ? { runId: String(request.headers['x-run']) } : {},
    )
    const named = await open()
    named.response.end(
      sse({ type: 'TEXT_MESSAGE_START' }) +
        sse({ type: 'RUN_STARTED', runId: 'run_a' }) +
        sse({ type: 'TEXT_MESSAGE_CONTENT' }),
    )
    await heard.reaches(named.id, 2, 'written')
    expect(heard.told(named.id, 2).attributes['laststep.run.id']).toBe('run_a')
    // What comes before the run is known is nobody's.
    expect(heard.deliveries(named.id)).toHaveLength(2)

    const described = await open({ 'x-run': 'run_b' })
    described.response.end(`event: token\ndata: hello\n\ndata: [DONE]\n\n`)
    const { attributes } = await heard.reaches(described.id, 1, 'written')
    expect(attributes).toMatchObject({ 'laststep.run.id': 'run_b', 'laststep.delivery.event': 'token' })
    expect(heard.deliveries(described.id)).toHaveLength(1)
  })

  test('is written as the kernel takes it: not while its client does not read', async () => {
    const { open } = await serve()
    const { answer, response, id } = await open()
    answer.pause()
    response.write(sse(event('agent_started')))
    await heard.reaches(id, 1, 'written')
    // More than any buffers between the two hold.
    for (let count = 0; count < 64; count++) response.write(`: ${'x'.repeat(1_000_000)}\n`)
    response.write(`\n${sse(event('agent_completed'))}`)
    const { states } = await heard.reaches(id, 2, 'queued')
    expect(states).toEqual(['emitted', 'queued'])
    answer.resume()
    await heard.reaches(id, 2, 'written')
    response.end()
  })

  test('whose client has left drops what comes after, and says so', async () => {
    const { open } = await serve()
    const { request, response, id } = await open()
    response.write(sse(event('agent_started')))
    await heard.reaches(id, 1, 'written')
    request.destroy()
    expect(await heard.closeOf(id)).toMatchObject({
      'laststep.connection.close_by': 'client',
      'laststep.connection.close_reason': 'before the end of the stream',
    })
    response.write(sse(event('agent_thinking')))
    response.end(sse(event('agent_completed')))
    const { states, attributes } = await heard.reaches(id, 3, 'dropped')
    expect(states).toEqual(['emitted', 'dropped'])
    expect(attributes['laststep.delivery.reason']).toBe('closed')
    expect((await heard.reaches(id, 2, 'dropped')).states).toEqual(['emitted', 'dropped'])
  })

  test('whose client left while it did not read drops what it had not taken', async () => {
    const { open } = await serve()
    const { answer, request, response, id } = await open()
    answer.pause()
    for (let count = 0; count < 64; count++) response.write(`: ${'x'.repeat(1_000_000)}\n`)
    response.write(`\n${sse(event('agent_completed'))}`)
    await heard.reaches(id, 1, 'queued')
    request.destroy()
    expect((await heard.reaches(id, 1, 'dropped')).states).toEqual(['emitted', 'queued', 'dropped'])
  })

  test.each([
    ['the client resets it', 'client', (_own: ServerResponse, socket: Socket) => socket.resetAndDestroy()],
    ['the client hangs up', 'client', (_own: ServerResponse, socket: Socket) => socket.end()],
    ['the server destroys it', 'server', (own: ServerResponse) => own.destroy(new Error('agent crashed'))],
    ['the server takes its socket down', 'server', (own: ServerResponse) => own.socket?.destroy()],
    ['the server closes all', 'server', () => 'closeAllConnections' in server && server.closeAllConnections()],
  ] as const)('breaks off: %s', async (_what, by, end) => {
    let own: ServerResponse | undefined
    const url = await listen((_request, response) => {
      response.on('error', () => {})
      own = streams.record(response)
      response.write(sse(event('agent_started')))
    })
    const known = new Set(heard.connectionIds())
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(socket, 'data')
    const id = await eventually(() => heard.connectionIds().find((each) => !known.has(each)))
    if (own) end(own, socket)
    const close = await heard.closeOf(id)
    expect(close['laststep.connection.close_by']).toBe(by)
    expect(close['laststep.connection.close_reason']).not.toBe('finished')
    socket.destroy()
  })

  test('that somebody else’s wrapper takes the callbacks from is written when it is finished', async () => {
    let release: (() => void) | undefined
    const url = await listen((_request, response) => {
      const write = response.write.bind(response) as (chunk: unknown) => boolean
      response.write = ((chunk: unknown) => write(chunk)) as typeof response.write
      streams.record(response)
      response.write(sse(event('agent_completed', { run_id: 'run_7' })))
      release = () => response.end()
    })
    const known = new Set(heard.connectionIds())
    const answer = await fetch(url)
    const id = await eventually(() => heard.connectionIds().find((each) => !known.has(each)))
    expect((await heard.reaches(id, 1, 'queued')).states).toEqual(['emitted', 'queued'])
    release?.()
    await answer.text()
    await heard.reaches(id, 1, 'written')
  })

  test('over HTTP/2', async () => {
    streams = recordHttpStreams(heard.reporter)
    server = createHttp2Server((_request, response) => {
      streams.record(response)
      response.write(sse(event('agent_started', { run_id: 'run_h2' })))
      response.end(sse(event('agent_completed', { run_id: 'run_h2' })))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const known = new Set(heard.connectionIds())
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const request = session.request({ ':path': '/' })
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    await once(request, 'end')
    expect(text.match(/agent_/g)).toHaveLength(2)
    const id = await eventually(() => heard.connectionIds().find((each) => !known.has(each)))
    await heard.reaches(id, 1, 'written')
    await heard.reaches(id, 2, 'written')
    expect(await heard.closeOf(id)).toMatchObject({ 'laststep.connection.close_reason': 'finished' })
    expect(heard.deliveries(id)).toHaveLength(2)
    session.close()
  })

  test('of the Vercel AI SDK', async () => {
    const url = await listen((_request, response) => {
      const stream = createUIMessageStream({
        execute({ writer }) {
          for (const type of ['start', 'finish'] as const) writer.write({ type })
        },
      })
      void pipeUIMessageStreamToResponse({ response: streams.record(response, { runId: 'run_ui' }), stream })
    })
    const known = new Set(heard.connectionIds())
    expect(await (await fetch(url)).text()).toContain('[DONE]')
    const id = await eventually(() => heard.connectionIds().find((each) => !known.has(each)))
    expect((await heard.reaches(id, 2, 'written')).attributes['laststep.delivery.event']).toBe('finish')
    expect(heard.deliveries(id)).toHaveLength(2)
  })
})

describe('nobody notices', () => {
  const pieces = [
    ['data: {"type":"a"', undefined],
    [',"run_id":"r","text":"€"}\n', 'utf8'],
    [Buffer.from('\ndata: {"ty'), undefined],
    ['cGU=', 'base64'],
    [Uint8Array.from(Buffer.from('":"b","run_id":"r"}\n\n')), undefined],
    ['prose that is no event\n\n', undefined],
  ] as const

  test('the bytes, the answers of write, and its callbacks are those of a server without it', async () => {
    const run = async (isRecorded: boolean) => {
      const calls: unknown[] = []
      const url = await listen((_request, response) => {
        if (isRecorded) streams.record(response)
        for (const [piece, encoding] of pieces)
          calls.push(
            encoding
              ? response.write(piece as string, encoding, () => calls.push('written'))
              : response.write(piece, () => calls.push('written')),
          )
        calls.push(response.end('tail', () => calls.push('finished')) === response)
      })
      const answer = await fetch(url)
      const text = await answer.text()
      await eventually(() => calls.includes('finished'))
      const headers = [...answer.headers].filter(([name]) => name !== 'date')
      await new Promise((resolve) => server.close(resolve))
      return { text, calls, headers }
    }
    const plain = await run(false)
    expect(await run(true)).toEqual(plain)
    expect(plain.text).toContain('"type":"b"')
  })

  test('what a write throws is thrown, and a function of the server’s own that throws stops nothing', async () => {
    const warnings: unknown[] = []
    const onWarning = (warning: Error) => warnings.push(warning.message)
    process.on('warning', onWarning)
    const thrown: unknown[] = []
    const url = await listen((_request, response) => {
      streams.record(response, {
        messageOf() {
          throw new Error('mine')
        },
      })
      try {
        response.write(7 as never)
      } catch (error) {
        thrown.push((error as { code?: string }).code)
      }
      response.end(sse(event('agent_completed')))
    })
    expect(await (await fetch(url)).text()).toBe(sse(event('agent_completed')))
    expect(thrown).toEqual(['ERR_INVALID_ARG_TYPE'])
    await eventually(() => warnings.includes('mine'))
    process.off('warning', onWarning)
  })

  test('a response that cannot be recorded is refused when it is handed over', async () => {
    await listen(() => {})
    expect(() => streams.record({} as never)).toThrow('laststep: record needs a response')
  })
})
