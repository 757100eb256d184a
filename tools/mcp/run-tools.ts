/** Tools about runs: which stand still, and why one does. */
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { FindingList } from '../../contract/findings.ts'
import type { RunDetail, RunList, RunRow } from '../../contract/runs.ts'
import { FLAGGED_STATUSES } from '../../contract/statuses.ts'
import { paths, ROUTES } from '../../web/paths.ts'
import { CAUSE_WORDS } from '../../web/model/words.ts'
import { addTool, limit, link, text, time } from './add-tool.ts'
import type { CollectorApi } from './ask-collector.ts'
import { quote } from './quote.ts'
import { codeName, count, labelOf, named, stepName, stepWords } from './words.ts'

const RUNS_MAX = 50
const EVIDENCE_MAX = 12
const CHECKLIST_MAX = 15
const BROKEN_MAX = 5

const runRow = z.object({
  id: z.string(),
  link,
  status: z.string(),
  agent: z.string().nullable(),
  version: z.string().nullable(),
  environment: z.string().nullable(),
  step: z.string().nullable().describe('where it stopped, as `tool › search_orders`'),
  code: z.string().nullable().describe('file:line of that step'),
  cause: z.string().nullable(),
  lastProgressAt: time,
  explainedBy: z.string().nullable().describe('the finding about its process that explains it'),
})

export function addRunTools(server: McpServer, api: CollectorApi): void {
  addTool(server, {
    name: 'find_stalled_runs',
    title: 'Find stalled runs',
    description:
      'Agent runs that started and will not reach their end, the newest first: stalled, lost with their process, or completed without the user getting the answer. Each with step, cause and a link. Start here when no id is known; go on with explain_run or list_incidents.',
    input: z.strictObject({
      agent: text.optional().describe('exact name'),
      step: text.optional().describe('a phase, a tool or model, or both as `tool › search_orders`'),
      environment: text.optional(),
      version: text.optional().describe('service.version'),
      since: text.optional().describe('began since: now-15m, now-2h, now-1d, or 2026-11-22T03:04:11Z'),
      limit: limit(10, RUNS_MAX),
    }),
    output: z.object({
      runs: z.array(runRow),
      isCut: z.boolean().describe('there are more than are listed'),
      doubts: z.array(z.string()).describe('why verdicts cannot be trusted now; empty when they can'),
      link,
    }),
    async answer({ limit: most, ...filter }) {
      const statuses = [...FLAGGED_STATUSES]
      const [{ runs, next }, doubts] = await Promise.all([
        api.get<RunList>('/api/runs', { ...filter, status: statuses.join(','), limit: most }),
        api.doubts(),
      ])
      const page = api.link(ROUTES.runs, { ...filter, status: statuses.join(',') })
      const isCut = next !== null
      const head =
        runs.length === 0
          ? `No run stands still with these conditions. List: ${page}`
          : `${count(runs.length, 'run')}${isCut ? ', and there are more: narrow by agent, step, environment, version or since' : ''}. List: ${page}`
      return {
        lines: [
          head,
          ...doubts.map((each) => `Careful, verdicts may be wrong now: ${each}`),
          ...runs.map((run) => lineOf(run, api)),
        ],
        data: { runs: runs.map((run) => rowOf(run, api)), isCut, doubts: [...doubts], link: page },
      }
    },
  })

  addTool(server, {
    name: 'explain_run',
    title: 'Explain a run',
    description:
      'Why one run is where it is: verdict, step, cause and since when, the records that prove it, which expected events came, what reached the user, and the line of code. Takes a run id or a trace id.',
    input: z.strictObject({ id: text.describe('run id or trace id') }),
    output: runRow.extend({
      service: z.string().nullable(),
      since: time.describe('since when its status holds: for a stall, its deadline'),
      causeSays: z.string().nullable(),
      confidence: z
        .string()
        .describe('T1 open span and live pulse, T2 open span and no pulse, T3 finished spans, T4 socket only'),
      limitMs: z.number().nullable(),
      lateByMs: z.number().nullable().describe('it completed after all, so late'),
      incident: z.object({ fingerprint: z.string(), link }).nullable(),
      evidence: z.array(z.object({ text: z.string(), link: z.string().nullable() })),
      evidenceTotal: z.int(),
      otherwise: z.object({ text: z.string(), decidedBy: z.string() }).nullable(),
      checklist: z.array(
        z.object({ event: z.string(), state: z.string(), at: z.string().nullable(), delivery: z.string().nullable() }),
      ),
      delivery: z.object({ required: z.int(), confirmed: z.int(), outcome: z.string(), emitted: z.int() }),
      broken: z.array(z.object({ seq: z.int(), event: z.string(), state: z.string(), reason: z.string().nullable() })),
    }),
    async answer({ id }) {
      const run = await api.find<RunDetail>(id, (written) => `/api/runs/${written}`)
      const finding = run.explainedBy === null ? null : await findingOf(run.explainedBy, api)
      const { verdict, delivery } = run
      const shown = [...verdict.evidence, ...run.patterns]
      const evidence = shown
        .slice(0, EVIDENCE_MAX)
        .map(({ text, ref }) => ({ text, link: ref === null ? null : linkOfRef(run.id, ref, api) }))
      const checklist = run.checklist
        .slice(0, CHECKLIST_MAX)
        .map(({ event, state, at, delivery: got }) => ({ event, state, at, delivery: got }))
      const broken = run.deliveries.flatMap(({ seq, event, states, reason }) => {
        const state = states.at(-1)?.state
        return state === 'dropped' || state === 'failed' ? [{ seq, event, state, reason }] : []
      })
      const incident =
        run.fingerprint === null ? null : { fingerprint: run.fingerprint, link: api.link(paths.stall(run.fingerprint)) }
      const data = {
        ...rowOf(run, api),
        explainedBy: finding ?? run.explainedBy,
        service: run.service,
        since: verdict.since,
        causeSays: run.cause && CAUSE_WORDS[run.cause],
        confidence: verdict.confidence,
        limitMs: verdict.limit?.ms ?? null,
        lateByMs: verdict.lateByMs,
        incident,
        evidence,
        evidenceTotal: shown.length,
        otherwise: verdict.otherwise && { text: verdict.otherwise.text, decidedBy: verdict.otherwise.decidedBy },
        checklist,
        delivery: { ...delivery, emitted: run.events },
        broken: broken.slice(0, BROKEN_MAX),
      }
      const code = codeName(run.step?.code)
      return {
        lines: [
          `Run ${quote(run.id)} is ${run.status} since ${verdict.since}${run.endedAt === null ? '' : `, ended ${run.endedAt}`}. ${data.link}`,
          `Of ${named({ agent: run.agent, service: run.service, version: run.version, environment: run.environment }) || 'an unknown agent'}`,
          ...(run.step === null
            ? []
            : [
                `Step: ${stepWords(run.step)}${code === null ? '' : `, at ${quote(code)}`}, no progress since ${run.step.since}`,
              ]),
          ...(run.cause === null
            ? []
            : [`Cause: ${run.cause}: ${CAUSE_WORDS[run.cause]} (confidence ${verdict.confidence})`]),
          ...(finding === null ? [] : [`Explained by: ${finding}`]),
          ...(incident === null ? [] : [`Incident: ${labelOf(incident.fingerprint)} ${incident.link}`]),
          `Evidence (${shown.length > EVIDENCE_MAX ? `${EVIDENCE_MAX} of ${shown.length}, all on its page` : shown.length}):`,
          ...evidence.map(({ text, link: page }) => `- ${quote(text)}${page === null ? '' : ` ${page}`}`),
          ...(verdict.otherwise === null
            ? []
            : [`Or else: ${quote(verdict.otherwise.text)}; what decides: ${quote(verdict.otherwise.decidedBy)}`]),
          `Checklist: ${checklist.map(({ event, state }) => `${quote(event, 60)} ${state}`).join(', ')}`,
          `To the user: ${delivery.confirmed} of ${delivery.required} required messages confirmed, ${delivery.outcome}; ${run.events} emitted${broken.length === 0 ? '' : `; ${broken.length} got lost, first seq ${broken[0]?.seq} ${broken[0]?.state} ${quote(broken[0]?.reason ?? '', 60)}`}`,
        ],
        data,
      }
    },
  })
}

function rowOf(run: RunRow, api: CollectorApi): z.input<typeof runRow> {
  return {
    id: run.id,
    link: api.link(paths.run(run.id)),
    status: run.status,
    agent: run.agent,
    version: run.version,
    environment: run.environment,
    step: stepName(run.step),
    code: codeName(run.step?.code),
    cause: run.cause,
    lastProgressAt: run.lastProgressAt,
    explainedBy: run.explainedBy,
  }
}

function lineOf(run: RunRow, api: CollectorApi): string {
  const code = codeName(run.step?.code)
  return `- ${quote(run.id, 80)} ${run.status} in ${stepWords(run.step)}${code === null ? '' : ` at ${quote(code)}`}, ${run.cause ?? 'no cause'}, ${named({ agent: run.agent, version: run.version })}, last progress ${run.lastProgressAt} ${api.link(paths.run(run.id))}`
}

/** In words; null when it is not told of any more. */
async function findingOf(id: string, api: CollectorApi): Promise<string | null> {
  const { findings } = await api.get<FindingList>('/api/findings')
  const finding = findings.find((each) => each.id === id)
  // Only a silence explains runs.
  if (finding?.kind !== 'source-silent') return null
  return `${quote(finding.name)} fell silent at ${finding.since} (${finding.state}), with ${count(finding.openRuns, 'open run')}`
}

/** What an evidence line opens on the run's page. */
function linkOfRef(runId: string, ref: string, api: CollectorApi): string | null {
  const [, kind, value = ''] = /^(\w+):(.*)$/s.exec(ref) ?? []
  switch (kind) {
    case 'span':
      return api.link(paths.run(runId, { span: value }))
    case 'delivery':
      return api.link(paths.run(runId, { message: Number(value) }))
    case 'connection':
      return api.link(paths.run(runId, { connection: value }))
    case 'pulse':
      return api.link(paths.run(runId, { process: value }))
    default:
      return null
  }
}
