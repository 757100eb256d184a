/** How runs are compared, for the OpenAPI document. */
import { answer, parameter, refused, type Json } from './openapi-parts.ts'

const GROUP = '`incident:<fingerprint>`, `run:<id>`, or a query of /api/runs such as `agent=support&status=stalled`'

function nextOf(operationId: string, name: string, what: string): Json {
  return {
    get: {
      operationId,
      summary: `What healthy runs do after the step at which ${what} stands still, and how soon`,
      parameters: [{ name, in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        ...answer('The steps that follow', 'NextSteps'),
        ...refused('404', 'It is not kept'),
        ...refused('503', 'Too many are comparing'),
      },
    },
  }
}

export const COMPARE_PATHS: Json = {
  '/api/compare': {
    get: {
      operationId: 'compareRuns',
      summary: 'What differs between two groups of runs, the largest difference first',
      parameters: [
        { ...parameter('a', GROUP), required: true },
        {
          ...parameter('b', `The same, or what it is to a: \`healthy\`, \`yesterday\`, \`previous-version\``),
          schema: { type: 'string', default: 'healthy' },
        },
      ],
      responses: {
        ...answer('The attributes that differ', 'Comparison'),
        ...refused('400', 'A group is wrong'),
        ...refused('404', 'No such run or incident is kept'),
        ...refused('503', 'Too many are comparing'),
      },
    },
  },
  '/api/runs/{id}/next': nextOf('nextOfRun', 'id', 'a run'),
  '/api/stalls/{fingerprint}/next': nextOf('nextOfIncident', 'fingerprint', 'an incident'),
}
