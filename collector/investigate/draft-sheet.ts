/** A new sheet: the ladder that the evidence allows, as its first revision. */
import {
  SHEET_LIMITS,
  type Answer,
  type Detection,
  type EvidenceDraft,
  type Investigation,
  type NewInvestigation,
  type PinnedEvidence,
} from '../../contract/investigations.ts'
import { STANDING_STATUSES } from '../../contract/statuses.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { SheetFacts } from '../investigation.ts'
import { detectionOf } from '../../contract/apply-edit.ts'
import { draftLadder, type Why } from './draft-ladder.ts'
import { inertLine } from './inert-text.ts'
import { ingredientWords, stepWords } from './pin-evidence.ts'

export function draftSheet(id: string, request: NewInvestigation, facts: SheetFacts, now: Instant): Investigation {
  const { run, incident } = facts
  // Of a run its incident tells since when and for whom; the sheet is about the run.
  const about: Subject = request.run === undefined ? { run: null, incident } : { run, incident: null }
  const at = toIso(now)
  const by = request.by?.trim() || null
  const { chain, branches } = draftLadder(facts)
  const pins = openPins(at)
  const answers: Answer[] = []
  const add = (why: Why, parentId: string | null, order: number): string => {
    const answer = answerOf(why, `why${answers.length + 1}`, parentId, order, pins.pin)
    answers.push(answer)
    return answer.id
  }
  const end = chain.reduce<string | null>((parentId, why) => add(why, parentId, 1), null)
  for (const [index, why] of branches.entries()) add(why, end, index + 1)
  return {
    id,
    rev: 1,
    title: (request.title?.trim() || titleOf(about)).slice(0, SHEET_LIMITS.title),
    state: 'open',
    fingerprint: incident?.fingerprint ?? null,
    runId: request.run === undefined ? null : (run?.id ?? null),
    createdAt: at,
    updatedAt: at,
    by,
    updatedBy: by,
    problem: problemOf(about),
    answers,
    evidence: pins.all,
    pinned: pins.all.length,
    contributing: '',
    limited: '',
    detection: detect(about),
    actions: [],
    notes: [],
  }
}

/** One of them, or neither. */
type Subject = Pick<SheetFacts, 'run' | 'incident'>

/** One record is one piece of evidence, however many answers quote it. */
function openPins(pinnedAt: string) {
  const all: PinnedEvidence[] = []
  const pin = (piece: EvidenceDraft): string => {
    const same = all.find(
      ({ kind, link, title }) => kind === piece.kind && link === piece.link && title === piece.title,
    )
    if (same !== undefined) return same.id
    const id = `E${all.length + 1}`
    all.push({ ...piece, id, pinnedAt, by: null })
    return id
  }
  return { all, pin }
}

function answerOf(
  { question, text, evidence }: Why,
  id: string,
  parentId: string | null,
  order: number,
  pin: (piece: EvidenceDraft) => string,
): Answer {
  const quoted = [...new Set(evidence.map(pin))]
  const state = quoted.length > 0 ? 'supported' : 'hypothesis'
  return { id, parentId, order, question, text, state, evidence: quoted, isDraft: true }
}

function titleOf({ run, incident }: Subject): string {
  if (incident !== null) {
    const where = ingredientWords(incident)
    return inertLine(`Stalls${where === null ? '' : ` in ${where}`}${ofAgent(incident.agent)}`)
  }
  if (run === null) return 'Investigation'
  return inertLine(`Run ${run.id} ${run.status}${inStep(run.step)}${ofAgent(run.agent)}`)
}

function problemOf({ run, incident }: Subject): string {
  if (incident !== null) {
    const { stalls, users, firstAt, agent } = incident
    const where = ingredientWords(incident)
    const whose = users === 0 ? '' : `, ${users} ${users === 1 ? 'user' : 'users'}`
    const runs = `${stalls} ${stalls === 1 ? 'run' : 'runs'}${ofAgent(agent)}`
    return inertLine(`${runs} stalled${where === null ? '' : ` in ${where}`}${whose}, since ${firstAt}.`)
  }
  if (run === null) return ''
  return inertLine(
    `Run ${run.id}${ofAgent(run.agent)} is ${run.status}${inStep(run.step)}, since ${run.verdict.since}.`,
  )
}

function ofAgent(agent: string | null): string {
  return agent === null ? '' : ` of ${agent}`
}

function inStep(step: { readonly phase: string; readonly name: string | null } | null): string {
  return step === null ? '' : ` in ${stepWords(step)}`
}

/** Of an incident its first stall: when that run really stopped, as far as it still stands there, and when that was seen. */
function detect({ run, incident }: Subject): Detection {
  if (incident !== null) {
    const first = incident.firstStall?.run ?? null
    const isThere = first !== null && STANDING_STATUSES.has(first.status)
    return detectionOf({ beganAt: isThere ? first.lastProgressAt : null, detectedAt: incident.firstAt })
  }
  if (run !== null && STANDING_STATUSES.has(run.status))
    return detectionOf({ beganAt: run.lastProgressAt, detectedAt: run.verdict.since })
  return detectionOf({ beganAt: null, detectedAt: run?.pastStalls.at(-1)?.since ?? null })
}
