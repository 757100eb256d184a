/** Deploys in the OpenAPI document. */
import { answer, jsonOf, parameter, refOf, refused, type Json } from './openapi-parts.ts'
import { DEPLOYS_LIMIT_MAX } from './read-deploy.ts'

const EXAMPLE = {
  service: 'shop',
  environment: 'production',
  version: '1.4.2',
  url: 'https://ci.example.com/runs/17',
  by: 'ana',
}

export const DEPLOY_PATHS: Readonly<Record<string, Json>> = {
  '/api/deploys': {
    get: {
      operationId: 'listDeploys',
      summary: 'Deploys, the latest first: those announced, and versions seen for the first time that nobody announced',
      parameters: [
        parameter('from', 'ISO-8601, or relative like `now-24h` (units s, m, h, d); 30 days ago when absent'),
        parameter('to', 'The same forms; now when absent'),
        parameter('service', '`service.name`'),
        parameter('environment', '`deployment.environment.name`'),
        parameter('version', '`service.version`'),
        {
          ...parameter('limit', 'Deploys in the answer'),
          schema: { type: 'integer', minimum: 1, maximum: DEPLOYS_LIMIT_MAX, default: DEPLOYS_LIMIT_MAX },
        },
      ],
      responses: { ...answer('The deploys', 'DeployList'), ...refused('400', 'A parameter is wrong') },
    },
    post: {
      operationId: 'announceDeploy',
      summary:
        'Announce a deploy; the same service, environment and version within a minute of the same time is the same deploy',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: refOf('DeployAnnouncement') }, example: EXAMPLE } },
      },
      responses: {
        ...answer('It was announced before; nothing has changed', 'DeployAnswer'),
        '201': { description: 'It is known from now on', content: jsonOf('DeployAnswer') },
        ...refused('400', 'A field is wrong'),
        ...refused('403', 'A page of another site may not'),
        ...refused('413', 'The body is too large'),
      },
    },
  },
  '/api/stalls/{fingerprint}/deploys': {
    get: {
      operationId: 'getDeployEffects',
      summary:
        'What became of an incident with each deploy of its environment: its rate before and after, and whether that is chance',
      parameters: [
        {
          name: 'fingerprint',
          in: 'path',
          required: true,
          schema: { type: 'string' },
          description: 'A fingerprint, or its first digits as people are shown them (`STL-4F2A09`)',
        },
        parameter('from', 'ISO-8601, or relative like `now-24h` (units s, m, h, d); 7 days ago when absent'),
        parameter('to', 'The same forms; now when absent'),
      ],
      responses: {
        ...answer('The deploys, the latest first', 'DeployEffects'),
        ...refused('400', 'A parameter is wrong'),
        ...refused('404', 'No such incident is kept'),
      },
    },
  },
}
