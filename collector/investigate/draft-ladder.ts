/**
 * The first whys of a stall, from the symptom down as far as the evidence goes: each a statement with the record that proves
 * it, none without. What follows from nothing that was recorded is asked, and left open.
 *
 * ```
 * no answer reached the user → the event that is missing → the step that is open → what its records say
 *                                                                  ├─ what had changed
 *                                                                  ├─ since when, and for whom
 *                                                                  └─ how did it come about? (open)
 * ```
 */
import type { EvidenceDraft } from '../../contract/investigations.ts'
import type { ChecklistItem, Evidence, PastStall, RunDetail, Verdict } from '../../contract/runs.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { FLAGGED_STATUSES, type Cause } from '../../contract/statuses.ts'
import { fromIso, minutes, type Millis } from '../../contract/units.ts'
import type { SheetFacts } from '../investigation.ts'
import { inertLine } from './inert-text.ts'
import { pinDeploy, pinIncident, pinLog, pinRef, pinRun, stepWords } from './pin-evidence.ts'

export interface Why {
  /** One line of plain words. */
  readonly question: string
  /** Empty for an open question; otherwise there is evidence. */
  readonly text: string
  readonly evidence: readonly EvidenceDraft[]
}

export interface Ladder {
  /** Each the cause of the one before. */
  readonly chain: readonly Why[]
  /** Side by side below the end of the chain. */
  readonly branches: readonly Why[]
}

export function draftLadder({ run, incident, changes }: SheetFacts): Ladder {
  const chain = run === null ? [] : chainOf(run)
  const told = changes.map(({ text, evidence }) => asWhy(WHAT_CHANGED, inertLine(text), [evidence]))
  const branches = [
    ...(incident === null ? [] : deployOf(incident)),
    ...told,
    ...(incident === null ? [] : scopeOf(incident)),
  ]
  return { chain, branches: chain.length === 0 ? branches : [...branches, openQuestion(run?.cause ?? null)] }
}

const WHAT_CHANGED = 'What had changed before it began?'

/** The run as it stands, or as it last stood still. */
type Trouble = Pick<Verdict, 'status' | 'step' | 'since' | 'deadline'> & { readonly evidence: readonly Evidence[] }

function chainOf(run: RunDetail): Why[] {
  if (FLAGGED_STATUSES.has(run.status)) {
    const { verdict } = run
    const isUndelivered = verdict.status === 'undelivered'
    return [isUndelivered ? undelivered(run) : missingAnswer(run), ...stepsDown(run, verdict)].filter(
      (why) => why !== null,
    )
  }
  const past = run.pastStalls.at(-1)
  if (past !== undefined) return [stoodStill(run, past)]
  return run.status === 'failed' ? failure(run) : []
}

function missingAnswer(run: RunDetail): Why | null {
  const missing = missingEvents(run)
  const last = missing.at(-1)
  if (last === undefined) return null
  const { deadline } = run.verdict
  const overdue = missing.find(({ state }) => state === 'overdue')
  const due = overdue === undefined || deadline === null ? '' : `; \`${overdue.event}\` was due by ${deadline}`
  const text = `\`${last.event}\` has not come${due}. The run is ${run.status}.`
  return asWhy('Why did no answer reach the user?', text, [pinRun(run)])
}

/** In the order of the contract: the last is what ends a run. */
function missingEvents({ checklist }: RunDetail): readonly ChecklistItem[] {
  return checklist.filter(({ state }) => state === 'overdue' || state === 'pending' || state === 'skipped')
}

function undelivered(run: RunDetail): Why {
  const last = run.checklist.findLast(({ phase, state }) => phase === 'terminal' && state === 'done')
  const message = last?.seq === undefined || last.seq === null ? null : pinRef(run, `delivery:${last.seq}`)
  const got =
    last === undefined
      ? 'The run completed'
      : `\`${last.event}\` was emitted at ${last.at} and is ${last.delivery ?? 'not routed'}`
  const { deadline } = run.verdict
  const text = `${got}; nobody confirmed what had to be confirmed${deadline === null ? '' : ` by ${deadline}`}.`
  return asWhy('Why did no answer reach the user?', text, message === null ? [pinRun(run)] : [message, pinRun(run)])
}

function stoodStill(run: RunDetail, { step, since, endedAt, ending }: PastStall): Why {
  const where = step === null ? '' : ` in ${inertLine(stepWords(step))}`
  const text = `The run stood still${where}: its deadline passed at ${since}, and it ${ENDINGS[ending]} at ${endedAt}.`
  return asWhy('Why did the user wait?', text, [pinRun(run)])
}

function failure(run: RunDetail): Why[] {
  const said = sentences(run, run.verdict.evidence)
  return said === null ? [] : [asWhy('Why did the run fail?', said.text, [...said.evidence, pinRun(run)])]
}

/** What the verdict says of the step, and then all else that it says. */
function stepsDown(run: RunDetail, { step, evidence: lines }: Trouble): (Why | null)[] {
  const where = step === null ? null : inertLine(stepWords(step))
  const isAboutStep = (line: Evidence): boolean => step?.spanId !== null && line.ref === `span:${step?.spanId}`
  const isThrown = (line: Evidence): boolean =>
    run.cause === 'exception-swallowed' && line.text.includes(' was recorded on span ')
  const about = sentences(
    run,
    lines.filter((line) => isAboutStep(line) && !isThrown(line)),
  )
  const rest = sentences(run, [
    ...lines.filter(isThrown),
    ...lines.filter((line) => !isAboutStep(line) && !isThrown(line)),
  ])
  const logged = lastLogged(run, step)
  const missing = missingEvents(run)
  const next = missing.find(({ state }) => state === 'overdue') ?? missing.at(-1)
  const deeper = [rest, logged].filter((said) => said !== null)
  return [
    about &&
      asWhy(
        next === undefined ? 'Where does it stand?' : `Why did ${next.event} not come?`,
        about.text,
        about.evidence,
      ),
    deeper.length === 0
      ? null
      : asWhy(
          where === null ? 'Why does it stand still?' : `Why does it stand still in ${where}?`,
          deeper.map(({ text }) => text).join(' '),
          deeper.flatMap(({ evidence }) => evidence),
        ),
  ]
}

interface Said {
  readonly text: string
  readonly evidence: readonly EvidenceDraft[]
}

/** Lines whose record is there, as sentences; null when no line has one. */
function sentences(run: RunDetail, lines: readonly Evidence[]): Said | null {
  const proven = lines.flatMap(({ text, ref }) => {
    const record = ref === null ? null : pinRef(run, ref)
    return record === null ? [] : [{ text: asSentence(text), record }]
  })
  if (proven.length === 0) return null
  return { text: proven.map(({ text }) => text).join(' '), evidence: proven.map(({ record }) => record) }
}

/** Inside the step; what a run says of itself is no log line. */
function lastLogged(run: RunDetail, step: Verdict['step']): Said | null {
  if (step === null || step.spanId === null) return null
  const log = run.logs.findLast(({ spanId, body }) => spanId === step.spanId && body !== '' && !body.startsWith('run '))
  if (log === undefined) return null
  const text = `The last line logged inside it was "${cut(inertLine(log.body))}", ${log.severity}, at ${log.at}.`
  return { text, evidence: [pinLog(run, log)] }
}

function deployOf(incident: IncidentDetail): Why[] {
  const { deploy, firstAt } = incident
  if (deploy === null) return []
  const text = `${inertLine(deploy.service)} ${inertLine(deploy.version)} was first seen at ${deploy.at}, ${inWords(fromIso(firstAt) - fromIso(deploy.at))} before the first of these stalls.`
  return [asWhy(WHAT_CHANGED, text, [pinDeploy(deploy, incident)])]
}

function scopeOf(incident: IncidentDetail): Why[] {
  const { stalls, standing, users, firstAt, lastAt, versions } = incident
  const most = versions.find(({ version }) => version !== null)
  const share = most?.stalls === stalls ? '' : `${most?.stalls} of them `
  const inVersion = most === undefined ? '' : `, ${share}in version ${inertLine(most.version ?? '')}`
  const whose = users === 0 ? '' : `, of ${users} ${users === 1 ? 'user' : 'users'}`
  const text =
    `${stalls} ${stalls === 1 ? 'stall' : 'stalls'}${whose}${inVersion}, since ${firstAt}; the last began at ${lastAt}. ` +
    (standing === 0 ? 'None stands still now.' : `${standing} ${standing === 1 ? 'stands' : 'stand'} still now.`)
  return [asWhy('Since when, and for whom?', text, [pinIncident(incident)])]
}

function openQuestion(cause: Cause | null): Why {
  return asWhy((cause === null ? undefined : QUESTIONS[cause]) ?? 'How did it come about?', '', [])
}

/** What to ask next; for all others the question is how it came about. */
const QUESTIONS: Partial<Record<Cause, string>> = {
  'exception-swallowed': 'How did it come about that this was thrown there, and that nobody was told?',
  'loop-blocked': 'How did it come about that the main thread does not turn?',
  'process-lost': 'How did it come about that the process ended?',
  'model-silent': 'How did it come about that the model said nothing more?',
  'tool-silent': 'How did it come about that the tool did not answer, and that nothing stopped it?',
  'reasoning-loop': 'How did it come about that it goes round in circles?',
  queued: 'How did it come about that its turn did not come?',
  'client-gone': 'How did it come about that the client was gone?',
}

const ENDINGS: Readonly<Record<PastStall['ending'], string>> = {
  recovered: 'moved on',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'was cancelled',
  withdrawn: 'was flagged no more, for its deadline had moved,',
}

function asWhy(question: string, text: string, evidence: readonly EvidenceDraft[]): Why {
  return { question, text, evidence }
}

function asSentence(text: string): string {
  const line = inertLine(text)
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${line.endsWith('.') ? '' : '.'}`
}

const LOGGED_MAX = 300

function cut(text: string): string {
  return text.length <= LOGGED_MAX ? text : `${text.slice(0, LOGGED_MAX)}…`
}

function inWords(ms: Millis): string {
  if (ms < minutes(1)) return `${Math.round(ms / 1_000)} s`
  const whole = Math.round(ms / minutes(1))
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`
}
