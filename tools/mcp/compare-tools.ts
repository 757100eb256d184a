/** Tools that hold runs against others: what differs, and what healthy ones do next. */
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import {
  RELATIVE_COHORTS,
  SMALL_SAMPLE,
  type Cohort,
  type ComparedRow,
  type Comparison,
  type NextSteps,
} from '../../contract/compare.ts'
import { paths } from '../../web/paths.ts'
import { addTool, boundOf, limit, link, text } from './add-tool.ts'
import { Trouble, type CollectorApi } from './ask-collector.ts'
import { quote } from './quote.ts'
import { stepName, stepWords } from './words.ts'

const ROWS_MAX = 40
const STEPS_TOLD = 10
const COHORT_MAX = 1_000

const cohort = z.object({ asked: z.string(), says: z.string(), total: z.int(), sampled: z.int() })

export function addCompareTools(server: McpServer, api: CollectorApi): void {
  addTool(server, {
    name: 'compare_cohorts',
    title: 'Compare two groups of runs',
    description:
      'What differs between two groups of runs, the largest difference first: attributes of spans, process, deliveries and client. A difference is a lead, not a cause; those within chance are marked.',
    input: z.strictObject({
      a: z
        .string()
        .trim()
        .min(1)
        .max(COHORT_MAX)
        .describe('`incident:STL-4F2A09`, `run:<id>`, or conditions as `agent=support&status=stalled&since=now-2h`'),
      b: z
        .string()
        .trim()
        .min(1)
        .max(COHORT_MAX)
        .default('healthy')
        .describe(`one of ${RELATIVE_COHORTS.join(', ')} (to a), or a group written as a is`),
      limit: limit(10, ROWS_MAX),
    }),
    output: z.object({
      a: cohort,
      b: cohort,
      step: z.string().nullable().describe('what runs had done by the time they came to it is compared'),
      differences: z.array(
        z.object({
          attribute: z.string(),
          of: z.string(),
          span: z.string().nullable(),
          score: z.number().describe('0 to 1: the difference between the shares, or the distributions'),
          isBeyondChance: z.boolean(),
          says: z.string(),
        }),
      ),
      total: z.int().describe('attributes that differ'),
      isSmall: z.boolean().describe(`a group has less than ${SMALL_SAMPLE} runs`),
      link,
    }),
    async answer({ a, b, limit: most }) {
      const compared = await api.get<Comparison>('/api/compare', { a, b })
      const page = api.link('/compare', { a, b })
      const rows = compared.rows.slice(0, most)
      const differences = rows.map((row) => ({
        attribute: row.key,
        of: row.of,
        span: row.span,
        score: row.score,
        isBeyondChance: row.isBeyondChance,
        says: saysOf(row, compared),
      }))
      const isSmall = Math.min(compared.a.sampled, compared.b.sampled) < SMALL_SAMPLE
      return {
        lines: [
          `A: ${groupWords(compared.a)}`,
          `B: ${groupWords(compared.b)}`,
          ...(compared.step === null ? [] : [`Compared up to ${stepWords(compared.step)}.`]),
          ...(isSmall ? [`A group has less than ${SMALL_SAMPLE} runs: little can be told.`] : []),
          `Differences: ${boundOf(rows.length, compared.rowsTotal, 'raise limit, or see its page')}. ${page}`,
          ...rows.map(
            (row) =>
              `- ${row.of} ${row.span === null ? '' : `${quote(row.span, 80)} `}${quote(row.key, 80)}: ${saysOf(row, compared)}${row.isBeyondChance ? '' : ' (within chance)'}`,
          ),
        ],
        data: {
          a: groupOf(compared.a),
          b: groupOf(compared.b),
          step: stepName(compared.step),
          differences,
          total: compared.rowsTotal,
          isSmall,
          link: page,
        },
      }
    },
  })

  addTool(server, {
    name: 'what_healthy_runs_do_next',
    title: 'What healthy runs do next',
    description:
      'From completed runs of the same agent: what comes after the step where a run or an incident stands still, how long that usually takes, and what this run has done so far.',
    input: z.strictObject({
      run: text.optional().describe('run id; say either this or incident'),
      incident: text.optional().describe('fingerprint, or STL-4F2A09'),
    }),
    output: z.object({
      step: z.string().nullable(),
      agent: z.string().nullable(),
      healthy: cohort,
      usual: z
        .object({ p50Ms: z.number(), p95Ms: z.number() })
        .nullable()
        .describe('how long the step takes in healthy runs'),
      next: z.array(
        z.object({ step: z.string(), runs: z.int(), directly: z.int(), p50Ms: z.number(), p95Ms: z.number() }),
      ),
      own: z.array(z.object({ step: z.string(), startedAt: z.string(), tookMs: z.number().nullable() })),
      runId: z.string().nullable(),
      link,
    }),
    async answer({ run, incident }) {
      const id = run ?? incident
      if (id === undefined || (run !== undefined && incident !== undefined))
        throw new Trouble('Say either run or incident.', null)
      const told = await api.find<NextSteps>(id, (written) =>
        run === undefined ? `/api/stalls/${written}/next` : `/api/runs/${written}/next`,
      )
      const page = api.link(run === undefined ? paths.stall(id) : paths.run(id))
      const next = told.next.slice(0, STEPS_TOLD)
      const own = told.own.slice(-STEPS_TOLD)
      return {
        lines: [
          `${told.step === null ? 'It is not known where it stands, so nothing can be said of what comes next.' : `It stands at ${stepWords(told.step)}`}. ${page}`,
          `Healthy: ${groupWords(told.healthy)}`,
          ...(told.took === null
            ? []
            : [`There the step takes ${told.took.p50Ms} ms (p50), ${told.took.p95Ms} ms (p95).`]),
          ...next.map(
            ({ step, runs, directly, p50Ms, p95Ms }) =>
              `- then ${quote(step, 100)} in ${runs} runs, at once in ${directly}, after ${p50Ms} ms (p50), ${p95Ms} ms (p95)`,
          ),
          ...(own.length === 0
            ? []
            : [
                `This run${told.runId === null ? '' : ` (${quote(told.runId, 80)})`} so far: ${own.map(({ step, tookMs }) => `${quote(step, 80)} ${tookMs === null ? 'still' : `${tookMs} ms`}`).join(', ')}`,
              ]),
        ],
        data: {
          step: stepName(told.step),
          agent: told.agent,
          healthy: groupOf(told.healthy),
          usual: told.took,
          next: next.map(({ step, runs, directly, p50Ms, p95Ms }) => ({ step, runs, directly, p50Ms, p95Ms })),
          own: own.map(({ step, startedAt, tookMs }) => ({ step, startedAt, tookMs })),
          runId: told.runId,
          link: page,
        },
      }
    },
  })
}

function groupOf({ asked, says, total, sampled }: Cohort): z.input<typeof cohort> {
  return { asked, says, total, sampled }
}

function groupWords({ says, total, sampled, isCut }: Cohort): string {
  return `${quote(says)}, ${isCut ? 'more than ' : ''}${total} runs, ${sampled} read`
}

/** The value that differs most, or the medians. */
function saysOf(row: ComparedRow, { a, b }: Comparison): string {
  if (row.kind === 'numbers') {
    const unit = row.unit === null ? '' : ` ${row.unit}`
    return `median ${row.a.median ?? 'none'}${unit} in A, ${row.b.median ?? 'none'}${unit} in B`
  }
  const [most] = row.values
  if (most === undefined) return 'no value'
  return `${most.value === null ? 'not set' : `= ${quote(most.value, 100)}`} in ${most.a} of ${a.sampled} in A, ${most.b} of ${b.sampled} in B`
}
