/** What the API takes and tells of investigations. */
import { z } from 'zod'
import {
  ANSWER_STATES,
  EVIDENCE_KINDS,
  INVESTIGATION_STATES,
  SHEET_LIMITS,
  TIMELINE_KINDS,
  type Edit,
  type EditAnswer,
  type EditRequest,
  type Investigation,
  type InvestigationExport,
  type InvestigationHistory,
  type InvestigationList,
  type InvestigationTimeline,
  type IssueLinks,
  type NewInvestigation,
} from '../../contract/investigations.ts'
import { count, ms, text, time } from './base-schemas.ts'

const LIMITS = SHEET_LIMITS
const name = z.string().trim().max(LIMITS.name)
const by = name.nullable().optional()
const key = z.string().min(1).max(LIMITS.key)
const words = z.string().max(LIMITS.text)
const partId = z.string().regex(/^[\w-]{1,40}$/, 'must be 1 to 40 of A-Z a-z 0-9 _ -')
const evidenceId = z.string().regex(/^E[1-9]\d{0,5}$/, 'must be a piece of evidence such as E3')
const order = z.number()
/** A path and nothing else: an address of another site begins with two slashes, or with a backslash that browsers take for one. */
const link = z
  .string()
  .max(LIMITS.link)
  .regex(/^\/(?![/\\])[^\\\s]*$/, 'must be a path of the dashboard, such as /runs/run_1')
const day = z.iso.date()

const frozen = z.object({
  name: z.string().max(LIMITS.frozenName),
  value: z.string().max(LIMITS.frozenValue),
})
const evidenceDraft = z.object({
  kind: z.enum(EVIDENCE_KINDS),
  title: z.string().trim().min(1).max(LIMITS.title),
  link: link.nullable(),
  at: time.nullable(),
  frozen: z.array(frozen).max(LIMITS.frozen),
})

const edit = z.discriminatedUnion('edit', [
  z.discriminatedUnion('field', [
    z.strictObject({
      edit: z.literal('set'),
      field: z.literal('title'),
      value: z.string().trim().min(1).max(LIMITS.title),
    }),
    z.strictObject({ edit: z.literal('set'), field: z.enum(['problem', 'contributing', 'limited']), value: words }),
  ]),
  z.strictObject({ edit: z.literal('set-state'), value: z.enum(INVESTIGATION_STATES) }),
  z.strictObject({
    edit: z.literal('set-detection'),
    field: z.enum(['beganAt', 'detectedAt']),
    value: time.nullable(),
  }),
  z.strictObject({
    edit: z.literal('add-answer'),
    id: partId,
    parentId: partId.nullable(),
    order,
    question: words,
    text: words,
  }),
  z.strictObject({ edit: z.literal('set-answer'), id: partId, field: z.enum(['question', 'text']), value: words }),
  z.strictObject({ edit: z.literal('set-answer-state'), id: partId, value: z.enum(ANSWER_STATES) }),
  z.strictObject({ edit: z.literal('move-answer'), id: partId, parentId: partId.nullable(), order }),
  z.strictObject({ edit: z.literal('remove-answer'), id: partId }),
  z.strictObject({ edit: z.literal('add-evidence'), evidence: evidenceDraft, answerId: partId.nullable() }),
  z.strictObject({ edit: z.literal('remove-evidence'), id: evidenceId }),
  z.strictObject({ edit: z.literal('attach-evidence'), id: evidenceId, answerId: partId }),
  z.strictObject({ edit: z.literal('detach-evidence'), id: evidenceId, answerId: partId }),
  z.strictObject({
    edit: z.literal('add-action'),
    id: partId,
    text: words,
    owner: name.nullable(),
    due: day.nullable(),
  }),
  z.discriminatedUnion('field', [
    z.strictObject({ edit: z.literal('set-action'), id: partId, field: z.literal('text'), value: words }),
    z.strictObject({ edit: z.literal('set-action'), id: partId, field: z.literal('owner'), value: name.nullable() }),
    z.strictObject({ edit: z.literal('set-action'), id: partId, field: z.literal('due'), value: day.nullable() }),
    z.strictObject({ edit: z.literal('set-action'), id: partId, field: z.literal('isDone'), value: z.boolean() }),
  ]),
  z.strictObject({ edit: z.literal('remove-action'), id: partId }),
  z.strictObject({ edit: z.literal('add-note'), id: partId, text: words }),
  z.strictObject({ edit: z.literal('set-note'), id: partId, value: words }),
  z.strictObject({ edit: z.literal('remove-note'), id: partId }),
  z.strictObject({ edit: z.literal('restore'), rev: z.int().positive() }),
]) satisfies z.ZodType<Edit>

export const newInvestigation = z.strictObject({
  incident: text.optional(),
  run: text.optional(),
  title: z.string().trim().max(LIMITS.title).optional(),
  by,
  key: key.optional(),
}) satisfies z.ZodType<NewInvestigation>

export const editRequest = z.strictObject({
  baseRev: z.int().positive(),
  by,
  editor: key.optional(),
  edits: z.array(edit).min(1).max(LIMITS.editsAtOnce),
  key,
}) satisfies z.ZodType<EditRequest>

const answer = z.object({
  id: text,
  parentId: text.nullable(),
  order,
  question: text,
  text: text.meta({ description: 'Markdown; empty for a question nobody has answered' }),
  state: z.enum(ANSWER_STATES),
  evidence: z.array(text),
  isDraft: z.boolean().meta({ description: 'Laststep wrote it and nobody has touched it' }),
})
const told = { at: time, by: text.nullable() }
const rowShape = {
  id: text,
  rev: count,
  title: text,
  state: z.enum(INVESTIGATION_STATES),
  fingerprint: text.nullable(),
  runId: text.nullable(),
  createdAt: time,
  updatedAt: time,
  by: text.nullable(),
  updatedBy: text.nullable(),
}
export const investigation = z.object({
  ...rowShape,
  problem: text,
  answers: z.array(answer),
  evidence: z.array(
    z.object({
      id: text,
      kind: z.enum(EVIDENCE_KINDS),
      title: text,
      link: text.nullable(),
      at: time.nullable(),
      frozen: z.array(frozen),
      pinnedAt: time,
      by: text.nullable(),
    }),
  ),
  pinned: count,
  contributing: text,
  limited: text,
  detection: z.object({ beganAt: time.nullable(), detectedAt: time.nullable(), delayMs: ms.nullable() }),
  actions: z.array(z.object({ id: text, text, owner: text.nullable(), due: text.nullable(), isDone: z.boolean() })),
  notes: z.array(z.object({ id: text, text, ...told })),
}) satisfies z.ZodType<Investigation>

const overwritten = z.object({
  field: text,
  ...told,
  theirs: text.nullable().meta({ description: 'null when it had been taken out, and the edit changed nothing' }),
})
export const editAnswer = z.object({
  investigation,
  overwritten: z.array(overwritten),
}) satisfies z.ZodType<EditAnswer>

export const investigationList = z.object({
  investigations: z.array(z.object({ ...rowShape, answers: count, supported: count, actionsOpen: count })),
  states: z.object({ open: count, closed: count }),
}) satisfies z.ZodType<InvestigationList>

export const investigationHistory = z.object({
  entries: z.array(
    z.object({ rev: count, ...told, editor: text.nullable(), edits: z.array(edit), overwritten: z.array(overwritten) }),
  ),
}) satisfies z.ZodType<InvestigationHistory>

export const investigationTimeline = z.object({
  entries: z.array(z.object({ at: time, kind: z.enum(TIMELINE_KINDS), text, link: text.nullable() })),
}) satisfies z.ZodType<InvestigationTimeline>

export const investigationExport = z.object({
  investigation,
  timeline: investigationTimeline.shape.entries,
  address: text,
}) satisfies z.ZodType<InvestigationExport>

export const issueLinks = z.object({
  links: z.array(z.object({ site: z.enum(['github', 'gitlab']), href: text, isCut: z.boolean() })),
}) satisfies z.ZodType<IssueLinks>

export const INVESTIGATION_SCHEMAS = {
  NewInvestigation: newInvestigation,
  EditRequest: editRequest,
  Investigation: investigation,
  EditAnswer: editAnswer,
  InvestigationList: investigationList,
  InvestigationHistory: investigationHistory,
  InvestigationTimeline: investigationTimeline,
  InvestigationExport: investigationExport,
  IssueLinks: issueLinks,
}
