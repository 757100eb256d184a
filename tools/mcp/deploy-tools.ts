/** The tool about deploys. */
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { DeployList } from '../../contract/deploys.ts'
import { paths } from '../../web/paths.ts'
import { addTool, boundOf, limit, link, text, time } from './add-tool.ts'
import type { CollectorApi } from './ask-collector.ts'
import { quote } from './quote.ts'
import { named } from './words.ts'

const DEPLOYS_MAX = 50

export function addDeployTools(server: McpServer, api: CollectorApi): void {
  addTool(server, {
    name: 'list_deploys',
    title: 'List deploys',
    description:
      'Versions that began to run, the latest first: announced, or seen for the first time in telemetry. Of the last 30 days unless said.',
    input: z.strictObject({
      service: text.optional(),
      environment: text.optional(),
      version: text.optional(),
      from: text.optional().describe('now-2h, now-7d, or 2026-11-22T03:04:11Z'),
      to: text.optional(),
      limit: limit(20, DEPLOYS_MAX),
    }),
    output: z.object({
      deploys: z.array(
        z.object({
          service: z.string(),
          environment: z.string().nullable(),
          version: z.string(),
          at: time,
          source: z.string(),
          note: z.string().nullable(),
          by: z.string().nullable(),
        }),
      ),
      total: z.int(),
      link,
    }),
    async answer(filter) {
      const { deploys, total } = await api.get<DeployList>('/api/deploys', filter)
      const page = api.link(paths.trends())
      return {
        lines: [
          `Deploys: ${boundOf(deploys.length, total, 'narrow by service, environment, version, from or to')}. ${page}`,
          ...deploys.map(
            ({ service, environment, version, at, source, note }) =>
              `- ${named({ service, version, environment })} at ${at}, ${source}${note === null ? '' : `: ${quote(note)}`}`,
          ),
        ],
        data: {
          deploys: deploys.map(({ service, environment, version, at, source, note, by }) => ({
            service,
            environment,
            version,
            at,
            source,
            note,
            by,
          })),
          total,
          link: page,
        },
      }
    },
  })
}
