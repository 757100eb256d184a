/** Tools about incidents; and, when writing is allowed, the acknowledgement. */
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { DeployEffects } from '../../contract/deploys.ts'
import { INCIDENT_STATES, type IncidentHistory } from '../../contract/incidents.ts'
import type { Incident, IncidentDetail, IncidentList } from '../../contract/stalls.ts'
import { paths, ROUTES } from '../../web/paths.ts'
import { CAUSE_WORDS } from '../../web/model/words.ts'
import { addTool, boundOf, limit, link, text, time } from './add-tool.ts'
import type { CollectorApi } from './ask-collector.ts'
import { quote } from './quote.ts'
import { codeName, count, labelOf, named, stepName, stepOfIncident, stepWords } from './words.ts'

const INCIDENTS_MAX = 50
const STALLS_TOLD = 5
const CHANGES_TOLD = 5
const EFFECTS_TOLD = 5
const REASON_MAX = 500

export const fingerprint = text.describe('an incident: its fingerprint, or the beginning as in STL-4F2A09')

const incidentRow = z.object({
  fingerprint: z.string(),
  label: z.string(),
  link,
  state: z.enum(INCIDENT_STATES),
  tag: z.string(),
  agent: z.string().nullable(),
  environment: z.string().nullable(),
  step: z.string().nullable(),
  code: z.string().nullable(),
  cause: z.string().nullable(),
  stalls: z.int(),
  standing: z.int().describe('how many of them stand still now'),
  users: z.int(),
  firstAt: time,
  firstVersion: z.string().nullable(),
  lastAt: time,
})

export function addIncidentTools(server: McpServer, api: CollectorApi): void {
  addTool(server, {
    name: 'list_incidents',
    title: 'List incidents',
    description:
      'Stalls grouped by what they have in common (agent, step, code, cause): the one seen last first. An incident is what is acknowledged, compared and investigated.',
    input: z.strictObject({
      state: z.enum(INCIDENT_STATES).optional().describe('all states unless said'),
      agent: text.optional().describe('exact name'),
      environment: text.optional(),
      version: text.optional(),
      step: text.optional().describe('a phase, a tool or model, or both as `tool › search_orders`'),
      limit: limit(10, INCIDENTS_MAX),
    }),
    output: z.object({ incidents: z.array(incidentRow), total: z.int(), link }),
    async answer(filter) {
      const { incidents, total } = await api.get<IncidentList>('/api/stalls', filter)
      const { limit: _limit, ...shown } = filter
      const page = api.link(ROUTES.stalls, shown)
      return {
        lines: [
          `Incidents: ${boundOf(incidents.length, total, 'narrow by state, agent, environment, version or step')}. ${page}`,
          ...incidents.map((incident) => `- ${lineOf(incident, api)}`),
        ],
        data: { incidents: incidents.map((incident) => rowOf(incident, api)), total, link: page },
      }
    },
  })

  addTool(server, {
    name: 'get_incident',
    title: 'Get an incident',
    description:
      'One incident: what its stalls share, how many and whom they affect, since which version, the first and the latest runs, what people decided, and whether a deploy is suspect (only named when the numbers carry it).',
    input: z.strictObject({ incident: fingerprint }),
    output: incidentRow.extend({
      causeSays: z.string().nullable(),
      recovered: z.int(),
      completedLate: z.int(),
      assignee: z.string().nullable(),
      versions: z.array(z.object({ version: z.string().nullable(), stalls: z.int() })),
      runs: z.array(
        z.object({
          id: z.string(),
          link,
          beganAt: time,
          endedAt: z.string().nullable(),
          version: z.string().nullable(),
        }),
      ),
      deploys: z.array(
        z.object({ service: z.string(), version: z.string(), at: time, found: z.string(), sentence: z.string() }),
      ),
      suspect: z.string().nullable().describe('version of the suspect deploy'),
      history: z.array(
        z.object({ at: time, by: z.string().nullable(), what: z.string(), reason: z.string().nullable() }),
      ),
    }),
    async answer({ incident: asked }) {
      const incident = await api.find<IncidentDetail>(asked, (id) => `/api/stalls/${id}`)
      const at = `/api/stalls/${incident.fingerprint}`
      const [{ changes }, effects] = await Promise.all([
        api.get<IncidentHistory>(`${at}/history`),
        api.get<DeployEffects>(`${at}/deploys`),
      ])
      const runs = incident.latestStalls.slice(0, STALLS_TOLD)
      const first =
        incident.firstStall === null || runs.some(({ runId }) => runId === incident.firstStall?.runId)
          ? []
          : [incident.firstStall]
      const deploys = effects.effects.slice(0, EFFECTS_TOLD).map(({ deploy, found, sentence }) => ({
        service: deploy.service,
        version: deploy.version,
        at: deploy.at,
        found,
        sentence,
      }))
      const history = changes.slice(0, CHANGES_TOLD).map(({ at, by, what, reason }) => ({ at, by, what, reason }))
      const data = {
        ...rowOf(incident, api),
        causeSays: incident.cause && CAUSE_WORDS[incident.cause],
        recovered: incident.recovered,
        completedLate: incident.completedLate,
        assignee: incident.life.assignee,
        versions: incident.versions.map(({ version, stalls }) => ({ version, stalls })),
        runs: [...runs, ...first].map(({ runId, beganAt, endedAt, version }) => ({
          id: runId,
          link: api.link(paths.run(runId)),
          beganAt,
          endedAt,
          version,
        })),
        deploys,
        suspect: effects.suspect?.version ?? null,
        history,
      }
      return {
        lines: [
          lineOf(incident, api),
          ...(incident.cause === null ? [] : [`Cause: ${incident.cause}: ${CAUSE_WORDS[incident.cause]}`]),
          `Recovered by themselves: ${incident.recovered}; completed late: ${incident.completedLate}; ${count(incident.sessions, 'conversation')}`,
          `Versions: ${incident.versions.map(({ version, stalls }) => `${version === null ? 'none said' : quote(version, 60)} ${stalls}`).join(', ')}`,
          `Runs, the latest of ${incident.stalls}:`,
          ...data.runs.map(
            ({ id, beganAt, endedAt, link: page }) =>
              `- ${quote(id, 80)} stood still from ${beganAt} to ${endedAt ?? 'now'} ${page}`,
          ),
          ...(deploys.length === 0
            ? ['No deploy in the last 7 days.']
            : [`Deploys (${boundOf(deploys.length, effects.total, 'all are on its page')}):`]),
          ...deploys.map(
            ({ version, at, found, sentence }) => `- ${quote(version, 60)} at ${at}: ${found}; ${quote(sentence)}`,
          ),
          ...history.map(
            ({ at, by, what, reason }) =>
              `History: ${what} at ${at}${by === null ? '' : ` by ${quote(by, 80)}`}${reason === null ? '' : `: ${quote(reason)}`}`,
          ),
        ],
        data,
      }
    },
  })
}

/** @param by whom it is signed with */
export function addIncidentWrites(server: McpServer, api: CollectorApi, by: string): void {
  addTool(server, {
    name: 'acknowledge_incident',
    title: 'Acknowledge an incident',
    description:
      'Say that somebody looks at it: it grows in silence until it is resolved or comes again. It can be undone on its page.',
    input: z.strictObject({
      incident: fingerprint,
      reason: z.string().trim().max(REASON_MAX).optional().describe('why, for its history'),
    }),
    output: incidentRow,
    writes: true,
    async answer({ incident: asked, reason }) {
      const { fingerprint: id } = await api.find<IncidentDetail>(asked, (written) => `/api/stalls/${written}`)
      const incident = await api.post<IncidentDetail>(`/api/stalls/${id}/actions`, {
        action: 'acknowledge',
        by,
        reason: reason ?? null,
      })
      return { lines: [`Done, as ${quote(by, 80)}. ${lineOf(incident, api)}`], data: rowOf(incident, api) }
    },
  })
}

function rowOf(incident: Incident, api: CollectorApi): z.input<typeof incidentRow> {
  const { agent, environment, cause, stalls, standing, users, firstAt, firstVersion, lastAt, tag } = incident
  return {
    fingerprint: incident.fingerprint,
    label: labelOf(incident.fingerprint),
    link: api.link(paths.stall(incident.fingerprint)),
    state: incident.life.state,
    tag,
    agent,
    environment,
    step: stepName(stepOfIncident(incident)),
    code: codeName(incident.code),
    cause,
    stalls,
    standing,
    users,
    firstAt,
    firstVersion,
    lastAt,
  }
}

function lineOf(incident: Incident, api: CollectorApi): string {
  const { fingerprint: id, life, tag, agent, environment, cause, stalls, standing, users, firstAt, lastAt } = incident
  const code = codeName(incident.code)
  return `${labelOf(id)} ${life.state}, ${tag}: ${count(stalls, 'stall')} in ${stepWords(stepOfIncident(incident))}${code === null ? '' : ` at ${quote(code)}`}, ${cause ?? 'no cause'}, ${named({ agent, environment })}; ${standing} stand now, ${count(users, 'user')}, first ${firstAt}, last ${lastAt} ${api.link(paths.stall(id))}`
}
