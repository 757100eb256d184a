import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProxy, type Proxy } from '../../tools/lab/proxy.ts'

/** Sends back what it gets. */
const echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket))
let proxy: Proxy

beforeAll(async () => {
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await startProxy(`http://127.0.0.1:${(echo.address() as AddressInfo).port}`)
})
afterAll(async () => {
  await proxy.stop()
  echo.close()
})

async function open(): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1')
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  await once(socket, 'connect')
  return { socket, heard: () => heard }
}

test('what is sent passes; what is sent while it is frozen arrives when it thaws, in order', async () => {
  const { socket, heard } = await open()
  socket.write('one ')
  await once(socket, 'data')
  proxy.freeze()
  socket.write('two ')
  // Another connection that is opened now is as stuck; that it is open proves nothing.
  const other = await open()
  other.socket.write('lost')
  expect([heard(), other.heard()]).toEqual(['one ', ''])
  proxy.thaw()
  await once(socket, 'data')
  expect(heard()).toBe('one two ')
  socket.destroy()
  other.socket.destroy()
})

test('a cut ends the connection without a goodbye', async () => {
  const { socket } = await open()
  socket.write('x')
  await once(socket, 'data')
  const failed = once(socket, 'error')
  proxy.cut()
  expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' })
})
