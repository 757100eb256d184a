import type { Request, RequestHandler, Response } from 'express'

/** Whatever is made of a request is its answer, as JSON; what is thrown is answered by `answerRefusals`. */
export function answer(make: (request: Request, response: Response) => unknown): RequestHandler {
  return async (request, response) => {
    response.json(await make(request, response))
  }
}
