/** Tools about five-whys sheets: read, and, when writing is allowed, begun and noted on. */
import { randomUUID } from 'node:crypto'
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Answer, EditAnswer, Investigation, InvestigationList } from '../../contract/investigations.ts'
import { addTool, boundOf, link, text, time } from './add-tool.ts'
import { Trouble, type CollectorApi } from './ask-collector.ts'
import { quote } from './quote.ts'
import { fingerprint } from './incident-tools.ts'

const ANSWERS_TOLD = 20
const EVIDENCE_TOLD = 30
const NOTES_TOLD = 5
const NOTE_MAX = 4_000
const TITLE_MAX = 200

const about = {
  incident: fingerprint.optional(),
  run: text.optional().describe('run id; say either this or incident'),
}

const sheet = z.object({
  id: z.string(),
  link,
  title: z.string(),
  state: z.string(),
  problem: z.string(),
  whys: z.array(
    z.object({
      id: z.string(),
      parentId: z.string().nullable().describe('what it is a why of; null where the chain begins'),
      question: z.string(),
      answer: z.string().describe('empty while nobody has answered'),
      state: z.string().describe('supported only with evidence'),
      evidence: z.array(z.string()),
    }),
  ),
  whysTotal: z.int(),
  evidence: z.array(z.object({ id: z.string(), kind: z.string(), title: z.string(), link: z.string().nullable() })),
  evidenceTotal: z.int(),
  notes: z.array(z.object({ at: time, by: z.string().nullable(), text: z.string() })).describe('the latest'),
  notesTotal: z.int(),
  actionsOpen: z.int(),
})

export function addInvestigationTools(server: McpServer, api: CollectorApi): void {
  addTool(server, {
    name: 'draft_five_whys',
    title: 'Draft five whys',
    description:
      'The first whys of an incident or a run, drafted from evidence: each line a statement with its record, and a question where there is no proof. Nothing is kept; start_investigation, or the dashboard, makes a sheet of it.',
    input: z.strictObject(about),
    output: sheet.omit({ id: true, notes: true, notesTotal: true, actionsOpen: true }),
    async answer(asked) {
      const id = idOf(asked)
      const query = asked.run === undefined ? { incident: id } : { run: id }
      const drafted = await api.find<Investigation>(id, () => '/api/investigations/draft', query)
      const page = api.link('/investigations/new', query)
      const { id: _id, notes: _notes, notesTotal: _total, actionsOpen: _actions, ...data } = dataOf(drafted, api)
      return {
        lines: [`A draft that is kept nowhere: ${quote(drafted.title)}. To keep it: ${page}`, ...ladder(drafted, api)],
        data: { ...data, link: page },
      }
    },
  })

  addTool(server, {
    name: 'get_investigation',
    title: 'Get an investigation',
    description: 'A five-whys sheet as it is now: problem, chain of whys with their evidence, and what is open.',
    input: z.strictObject({ id: text.describe('INV-12') }),
    output: sheet,
    async answer({ id }) {
      const found = await findSheet(id, api)
      return { lines: [headOf(found, api), ...ladder(found, api), ...notesOf(found)], data: dataOf(found, api) }
    },
  })
}

/** @param by whom it is signed with */
export function addInvestigationWrites(server: McpServer, api: CollectorApi, by: string): void {
  addTool(server, {
    name: 'start_investigation',
    title: 'Start an investigation',
    description:
      'Make a five-whys sheet about an incident or a run, with the first whys drafted from evidence. Each call makes another one: see whether there is one first (get_investigation).',
    input: z.strictObject({ ...about, title: z.string().trim().min(1).max(TITLE_MAX).optional() }),
    output: sheet,
    writes: true,
    async answer({ title, ...asked }) {
      const id = idOf(asked)
      const subject = asked.run === undefined ? { incident: id } : { run: id }
      const body = { ...subject, ...(title === undefined ? {} : { title }), by, key: randomUUID() }
      const made = await api.post<Investigation>('/api/investigations', body)
      return {
        lines: [`Made, as ${quote(by, 80)}. ${headOf(made, api)}`, ...ladder(made, api)],
        data: dataOf(made, api),
      }
    },
  })

  addTool(server, {
    name: 'add_note',
    title: 'Add a note',
    description:
      'Write a note into an investigation, as Markdown. Others see it at once, signed; it can be taken out on its page.',
    input: z.strictObject({ id: text.describe('INV-12'), text: z.string().trim().min(1).max(NOTE_MAX) }),
    output: z.object({ id: z.string(), link, notes: z.int(), at: time }),
    writes: true,
    async answer({ id, text: written }) {
      const { id: found, rev } = await findSheet(id, api)
      const note = randomUUID()
      const { investigation } = await api.post<EditAnswer>(`/api/investigations/${found}/edits`, {
        baseRev: rev,
        by,
        key: randomUUID(),
        edits: [{ edit: 'add-note', id: note, text: written }],
      })
      const at = investigation.notes.find((each) => each.id === note)?.at ?? investigation.updatedAt
      const page = pageOf(investigation, api)
      return {
        lines: [`Noted in ${found}, as ${quote(by, 80)}: its note ${investigation.notes.length}. ${page}`],
        data: { id: found, link: page, notes: investigation.notes.length, at },
      }
    },
  })
}

function idOf({
  incident,
  run,
}: {
  readonly incident?: string | undefined
  readonly run?: string | undefined
}): string {
  const id = run ?? incident
  if (id === undefined || (run !== undefined && incident !== undefined))
    throw new Trouble('Say either incident or run.', null)
  return id
}

/** @throws Trouble; of an unknown one it has those there are */
async function findSheet(id: string, api: CollectorApi): Promise<Investigation> {
  try {
    return await api.get<Investigation>(`/api/investigations/${encodeURIComponent(id)}`)
  } catch (error) {
    if (!(error instanceof Trouble) || error.status !== 404) throw error
    const { investigations } = await api.get<InvestigationList>('/api/investigations')
    const there = investigations.slice(0, 5).map((row) => `${row.id} ${quote(row.title, 80)}`)
    throw new Trouble(
      `There is no investigation ${quote(id, 80)}. ${there.length === 0 ? 'There is none yet.' : `There are: ${there.join('; ')}.`}`,
      404,
    )
  }
}

function pageOf({ id }: Pick<Investigation, 'id'>, api: CollectorApi): string {
  return api.link(`/investigations/${encodeURIComponent(id)}`)
}

function headOf(investigation: Investigation, api: CollectorApi): string {
  const { id, title, state, notes, actions } = investigation
  return `${id} ${state}: ${quote(title)}; ${notes.length} notes, ${actions.filter(({ isDone }) => !isDone).length} actions open. ${pageOf(investigation, api)}`
}

function notesOf({ notes }: Investigation): string[] {
  return notes
    .slice(-NOTES_TOLD)
    .map(({ at, by, text: says }) => `Note at ${at}${by === null ? '' : ` by ${quote(by, 80)}`}: ${quote(says)}`)
}

/** From the first why down, branches one after the other. */
function inOrder(answers: readonly Answer[]): Answer[] {
  const below = (parentId: string | null): Answer[] =>
    answers
      .filter((answer) => answer.parentId === parentId)
      .toSorted((one, other) => one.order - other.order || (one.id < other.id ? -1 : 1))
      .flatMap((answer) => [answer, ...below(answer.id)])
  return below(null)
}

function ladder(investigation: Investigation, api: CollectorApi): string[] {
  const { answers, evidence, problem } = investigation
  const told = inOrder(answers).slice(0, ANSWERS_TOLD)
  const pinned = evidence.slice(0, EVIDENCE_TOLD)
  return [
    `Problem: ${quote(problem)}`,
    `Whys: ${boundOf(told.length, answers.length, 'all are on its page')}`,
    ...told.map(
      ({ question, text: answer, state, evidence: by }) =>
        `- ${quote(question)} ${answer === '' ? 'not answered yet' : quote(answer)} (${state}${by.length === 0 ? '' : `, ${by.join(' ')}`})`,
    ),
    `Evidence: ${boundOf(pinned.length, evidence.length, 'all are on its page')}`,
    ...pinned.map(
      ({ id, kind, title, link: page }) =>
        `- ${id} ${kind} ${quote(title)}${page === null ? '' : ` ${api.link(page)}`}`,
    ),
  ]
}

function dataOf(investigation: Investigation, api: CollectorApi): z.input<typeof sheet> {
  const { id, title, state, problem, answers, evidence, notes, actions } = investigation
  return {
    id,
    link: pageOf(investigation, api),
    title,
    state,
    problem,
    whys: inOrder(answers)
      .slice(0, ANSWERS_TOLD)
      .map((answer) => ({
        id: answer.id,
        parentId: answer.parentId,
        question: answer.question,
        answer: answer.text,
        state: answer.state,
        evidence: [...answer.evidence],
      })),
    whysTotal: answers.length,
    evidence: evidence.slice(0, EVIDENCE_TOLD).map(({ id: no, kind, title: says, link: page }) => ({
      id: no,
      kind,
      title: says,
      link: page === null ? null : api.link(page),
    })),
    evidenceTotal: evidence.length,
    notes: notes.slice(-NOTES_TOLD).map(({ at, by, text: says }) => ({ at, by, text: says })),
    notesTotal: notes.length,
    actionsOpen: actions.filter(({ isDone }) => !isDone).length,
  }
}
