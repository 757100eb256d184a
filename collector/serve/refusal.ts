/**
 * How a request is refused: whoever notices throws a `Refusal`, and `answerRefusals` is the one place that turns its
 * code into a status and a body. Anything else that is thrown is our own bug: 500, and the cause goes to the operator.
 */
import type { ErrorRequestHandler, Response } from 'express'
import { HTTP_STATUS, type ApiError, type ErrorCode } from '../../contract/errors.ts'
import { Unavailable } from '../unavailable.ts'

const CODES = Object.keys(HTTP_STATUS) as ErrorCode[]

/** Where operators are told; pino fits. */
export interface ServeLog {
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

export class Refusal extends Error {
  readonly code: ErrorCode

  /** @param message for people; says what to do. */
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}

export function errorBody(code: ErrorCode, message: string): ApiError {
  return { error: { code, message } }
}

export function answerRefusals(log: ServeLog): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const refusal = refusalOf(error)
    if (refusal === null) log.error({ err: error, url: request.originalUrl }, 'a request failed')
    // The answer has begun; cutting it short is the only way left to say that it is not whole.
    if (response.headersSent) response.destroy()
    else sendRefusal(response, refusal ?? new Refusal('internal', 'Laststep failed to answer; its log says why'))
  }
}

function sendRefusal(response: Response, refusal: Refusal): void {
  response.status(HTTP_STATUS[refusal.code]).json(errorBody(refusal.code, refusal.message))
}

/** Express and its parts mark errors that are the caller's (a malformed `%` escape, say) with a 4xx `status`. */
function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  // The history's word for a cursor it never gave; it crosses a thread, so its name is what is left of its class.
  if (error instanceof Error && error.name === 'BadQuery') return new Refusal('invalid', error.message)
  if (error instanceof Unavailable) return new Refusal('unavailable', `${error.message}; ask again in a second`)
  if (!(error instanceof Error) || !('status' in error)) return null
  const { status } = error
  if (typeof status !== 'number' || status < 400 || status >= 500) return null
  const code = CODES.find((code) => HTTP_STATUS[code] === status) ?? 'invalid'
  return new Refusal(code, code === 'not-found' ? 'there is nothing at this address' : error.message)
}
