import type { Request, RequestHandler } from 'express'

/** A route that answers with JSON; what `make` throws goes to `answerRefusals`. */
export function answer(make: (request: Request) => unknown): RequestHandler {
  return async (request, response) => {
    response.json(await make(request))
  }
}
