/** The OpenAPI 3.1 document of the API, served at `/api/openapi.json`. */
import { z } from 'zod'
import { RUN_ORDERS, RUN_SORTS } from '../../contract/runs.ts'
import { STATUSES } from '../../contract/statuses.ts'
import { INCIDENT_STATES } from '../../contract/incidents.ts'
import { INCIDENT_SORTS } from '../../contract/stalls.ts'
import { TREND_SPLITS } from '../../contract/trends.ts'
import { ATTRIBUTE_TESTS, CONDITIONS_MAX, FILTER_FIELDS } from '../../contract/search.ts'
import { API_SCHEMAS } from './api-schemas.ts'
import { DEPLOY_PATHS } from './deploy-openapi.ts'
import { answer, jsonOf, parameter, refOf, refused, words, type Json } from './openapi-parts.ts'
import { INCIDENT_REQUEST_SCHEMA } from './incident-life-schemas.ts'
import { COMPARE_PATHS } from './compare-openapi.ts'
import { INVESTIGATION_PATHS } from './investigation-openapi.ts'
import { INCIDENTS_LIMIT_MAX } from './read-kept-query.ts'
import { NDJSON } from './stream-search.ts'
import { RUNS_LIMIT_DEFAULT, RUNS_LIMIT_MAX } from './read-run-query.ts'

export function makeOpenApi(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Laststep',
      version,
      summary: 'Which agent runs will never finish, and the step where each one stopped.',
      description:
        'Times are ISO-8601 in UTC with milliseconds. `null` means "not known" or "not yet"; a field is never left out. ' +
        'Changes as they happen come from the WebSocket `/api/live`.',
    },
    paths: {
      '/api/runs': {
        get: {
          operationId: 'listRuns',
          summary: 'Runs, newest first',
          parameters: [...RUN_PARAMETERS, ...SORT_PARAMETERS],
          responses: { ...answer('One page of runs', 'RunList'), ...refused('400', 'A parameter is wrong') },
        },
      },
      '/api/runs/{id}': {
        get: {
          operationId: 'getRun',
          summary: 'One run with its verdict, spans, deliveries, connections and logs',
          parameters: [
            {
              name: 'id',
              in: 'path',
              required: true,
              schema: { type: 'string' },
              description: 'A run id, or a trace id (the newest run of that trace)',
            },
            parameter('span', 'A span to have in the answer, with those around it, when the run has too many'),
            {
              ...parameter(
                'around',
                'In ms from the first span: the moment to have the spans of; that of `span` when absent',
              ),
              schema: { type: 'integer' },
            },
            parameter(
              'asof',
              'The run as it was then, by what had been received: ISO-8601, or relative like `now-15m`',
            ),
            { ...parameter('spans', 'Every span, however many there are'), schema: words(['all']) },
          ],
          responses: {
            ...answer('The run', 'RunDetail'),
            ...refused('400', 'A parameter is wrong'),
            ...refused('404', 'No such run is kept'),
          },
        },
      },
      '/api/go/{anything}': {
        get: {
          operationId: 'lookUp',
          summary: 'From an id, whatever it is the id of, to what has it',
          parameters: [
            {
              name: 'anything',
              in: 'path',
              required: true,
              schema: { type: 'string' },
              description:
                'A run, trace, user or session id; a `traceparent`; a message as `<run id>/<seq>`; a fingerprint or its first ' +
                'digits (`STL-4F2A09`); the id of a span that is the own span of a run, or at which one stood still',
            },
          ],
          responses: answer('What has this id; none is an empty list', 'Resolution'),
        },
      },
      '/api/search': {
        get: {
          operationId: 'searchSpans',
          summary:
            'Runs with a span that fits, newest first, told while the log is read back; close the connection to stop',
          parameters: [
            {
              ...parameter(
                'attr',
                'Conditions on one span, all of which must hold: `key:test:value`. The key is an attribute of the span, of an ' +
                  'event of it or of its resource; `span.name`, `span.id`, `span.status`; or `*` for any of them. The test is ' +
                  `one of ${ATTRIBUTE_TESTS.map((test) => `\`${test}\``).join(', ')}`,
              ),
              required: true,
              style: 'form',
              explode: true,
              schema: { type: 'array', minItems: 1, maxItems: CONDITIONS_MAX, items: { type: 'string' } },
            },
            ...RUN_PARAMETERS.filter(({ name }) => name !== 'canary'),
          ],
          responses: {
            '200': {
              description: 'A line for each run found and each stretch looked through, then one that says it is over',
              content: { [NDJSON]: { schema: { $ref: refOf('SearchLine') } } },
            },
            ...refused('400', 'A parameter is wrong'),
            ...refused('503', 'Too many are searching'),
          },
        },
      },
      '/api/values': {
        get: {
          operationId: 'listValues',
          summary: 'The values that kept runs have in a field by which they can be narrowed',
          parameters: [
            { ...parameter('field', 'Which'), required: true, schema: words(FILTER_FIELDS) },
            parameter('like', 'What they begin with'),
          ],
          responses: { ...answer('The values', 'ValueList'), ...refused('400', 'A parameter is wrong') },
        },
      },
      '/api/findings': {
        get: {
          operationId: 'listFindings',
          summary:
            'What is wrong with whole sources, or with connections: the open findings first, then those that ended within a day',
          responses: answer('The findings', 'FindingList'),
        },
      },
      '/api/stalls': {
        get: {
          operationId: 'listIncidents',
          summary: 'Stalls by what they have in common: agent, environment, step, cause and code',
          parameters: STALL_PARAMETERS,
          responses: { ...answer('The incidents', 'IncidentList'), ...refused('400', 'A parameter is wrong') },
        },
      },
      '/api/stalls/{fingerprint}': {
        get: {
          operationId: 'getIncident',
          summary: 'One incident with its latest stalls and its users',
          parameters: [FINGERPRINT],
          responses: { ...answer('The incident', 'IncidentDetail'), ...refused('404', 'No such incident is kept') },
        },
      },
      '/api/stalls/{fingerprint}/history': {
        get: {
          operationId: 'getIncidentHistory',
          summary: 'What was decided about an incident, by whom and when: the latest first',
          parameters: [FINGERPRINT],
          responses: { ...answer('The history', 'IncidentHistory'), ...refused('404', 'No such incident is kept') },
        },
      },
      '/api/stalls/{fingerprint}/actions': {
        post: {
          operationId: 'decideAboutIncident',
          summary:
            'Acknowledge, mute, resolve, reopen, assign, merge, split; each can be undone, and none is forgotten',
          parameters: [FINGERPRINT],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: INCIDENT_REQUEST_SCHEMA, example: { action: 'acknowledge' } } },
          },
          responses: {
            ...answer('The incident as it is now; of a merged one, what it was merged into', 'IncidentDetail'),
            ...refused('400', 'The action is none, or is not possible as things are: the message says what is'),
            ...refused('403', 'A page of another site asked'),
            ...refused('404', 'No such incident is kept'),
          },
        },
      },
      ...DEPLOY_PATHS,
      ...COMPARE_PATHS,
      ...INVESTIGATION_PATHS,
      '/api/trends': {
        get: {
          operationId: 'getTrends',
          summary: 'Completion, stalls, times, losses and runs in flight over time',
          parameters: TREND_PARAMETERS,
          responses: { ...answer('The trends', 'Trends'), ...refused('400', 'A parameter is wrong') },
        },
      },
      '/api/status': {
        get: {
          operationId: 'getStatus',
          summary: 'How the collector itself is doing',
          responses: answer('Version, uptime, open runs, lag and what was dropped', 'ServiceStatus'),
        },
      },
      '/api/health': {
        get: {
          operationId: 'getHealth',
          summary: 'Whether verdicts are right and in time: the watcher, watched',
          responses: answer('Each check, and what was measured', 'Health'),
        },
      },
      '/api/in-flight': {
        get: {
          operationId: 'getInFlight',
          summary: 'Runs in flight by phase over the last hour',
          responses: answer('One sample each half minute, and one of now', 'InFlightHistory'),
        },
      },
      '/api/setup': {
        get: {
          operationId: 'getSetup',
          summary: 'How the collector was started, how full it is, and what it has heard of anybody yet',
          responses: answer('The set-up', 'Setup'),
        },
      },
      '/api/test-runs': {
        post: {
          operationId: 'sendTestRun',
          summary: 'Send a run that stalls, to see what that looks like; it is in no count and ends by itself',
          responses: {
            ...answer('Its id; the one under way, while there is one', 'TestRunAnswer'),
            ...refused('503', 'The collector takes nothing now'),
          },
        },
      },
      '/readyz': {
        get: {
          operationId: 'getReadiness',
          summary: 'Ready when every check holds; a collector whose main thread hangs does not answer at all',
          responses: {
            ...answer('Verdicts can be trusted', 'Readiness'),
            '503': { description: 'They cannot, and why', content: jsonOf('Readiness') },
          },
        },
      },
    },
    components: { schemas: componentSchemas() },
  }
}

const RUN_PARAMETERS: readonly Json[] = [
  {
    ...parameter('status', 'Any of these'),
    style: 'form',
    explode: false,
    schema: { type: 'array', items: { type: 'string', enum: STATUSES } },
  },
  parameter('agent', 'The agent, by name'),
  parameter('environment', '`deployment.environment.name`'),
  parameter('version', '`service.version`'),
  parameter('step', 'A phase (`tool`), a step (`tool › search_orders`) or what the step is about (`search_orders`)'),
  parameter('user', 'The user, by id'),
  parameter('session', 'The session, by id'),
  parameter('since', 'Started at or after: ISO-8601, or relative like `now-15m` (units s, m, h, d)'),
  parameter('until', 'Started before: the same forms'),
  {
    ...parameter('limit', 'Runs on one page'),
    schema: { type: 'integer', minimum: 1, maximum: RUNS_LIMIT_MAX, default: RUNS_LIMIT_DEFAULT },
  },
  parameter('cursor', '`next` of the page before, in the same order'),
  {
    ...parameter('canary', 'The runs by which Laststep watches itself, and no others'),
    schema: { type: 'string', enum: ['1'] },
  },
]

const SORT_PARAMETERS: readonly Json[] = [
  {
    ...parameter(
      'sort',
      'By when they started, how long they took (those that go on as if longer than all that ended, the older the longer), their status by how it demands attention, or their agent',
    ),
    schema: { ...words(RUN_SORTS), default: 'started' },
  },
  {
    ...parameter('order', 'Times: `desc` when absent, the newest and the longest first; status and agent: `asc`'),
    schema: words(RUN_ORDERS),
  },
]

const NARROWING: readonly Json[] = [
  parameter('agent', 'The agent, by name'),
  parameter('environment', '`deployment.environment.name`'),
  parameter('version', '`service.version`'),
]

const FINGERPRINT: Json = {
  name: 'fingerprint',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description:
    'A fingerprint, or its first digits as people are shown them (`STL-4F2A09`); of one that was merged, what it was merged into',
}

const STALL_PARAMETERS: readonly Json[] = [
  { ...parameter('state', 'What people decided about it'), schema: words(INCIDENT_STATES) },
  { ...parameter('standing', 'Only those of which some run stands still now'), schema: words(['yes']) },
  ...NARROWING,
  parameter('step', 'A phase (`tool`), a step (`tool › search_orders`) or what the step is about (`search_orders`)'),
  {
    ...parameter('sort', 'By the latest or first stall, by how many stalls or users, or by stalls of the last day'),
    schema: { ...words(INCIDENT_SORTS), default: 'last' },
  },
  {
    ...parameter('limit', 'Incidents in the answer'),
    schema: { type: 'integer', minimum: 1, maximum: INCIDENTS_LIMIT_MAX, default: INCIDENTS_LIMIT_MAX },
  },
]

const TREND_PARAMETERS: readonly Json[] = [
  parameter('from', 'ISO-8601, or relative like `now-24h` (units s, m, h, d); a day ago when absent'),
  parameter('to', 'The same forms; now when absent'),
  { ...parameter('split', 'One series for each'), schema: words(TREND_SPLITS) },
  ...NARROWING,
]

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(API_SCHEMAS)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { uri: refOf })
  // `$id` and `$schema` belong to documents that stand alone; inside OpenAPI they would move the base of every `$ref`.
  const isOwn = ([key]: [string, unknown]): boolean => key !== '$id' && key !== '$schema'
  const bare = (schema: object): Json => Object.fromEntries(Object.entries(schema).filter(isOwn))
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}
