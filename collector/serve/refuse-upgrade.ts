import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { HTTP_STATUS, type ErrorCode } from '../../contract/errors.ts'
import { errorBody } from './refusal.ts'

/** Answer a WebSocket request with an ordinary HTTP error, and close. */
export function refuseUpgrade(socket: Duplex, code: ErrorCode, message: string): void {
  const status = HTTP_STATUS[code]
  const body = JSON.stringify(errorBody(code, message))
  socket.on('error', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
