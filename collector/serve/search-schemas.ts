/** What is found, as zod schemas. */
import { z } from 'zod'
import { HIT_KINDS, type Hit, type Resolution, type SearchLine, type ValueList } from '../../contract/search.ts'
import { count, runRow, text, time } from './base-schemas.ts'
import { ingredients } from './incident-schemas.ts'

const ofRun = HIT_KINDS.filter((kind) => kind !== 'message' && kind !== 'incident')

export const hit = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(ofRun), id: text, run: runRow }),
  z.object({ kind: z.literal('message'), id: text, run: runRow, seq: count }),
  z.object({ kind: z.literal('incident'), id: text, incident: z.object(ingredients) }),
]) satisfies z.ZodType<Hit>

export const resolution = z.object({
  asked: text,
  hits: z.array(hit).meta({ description: 'nearest first; empty when nothing that is kept has this id' }),
  isCut: z.boolean().meta({ description: 'more has it than is listed' }),
  keptSince: time.nullable().meta({ description: 'when the oldest run that was looked through began' }),
}) satisfies z.ZodType<Resolution>

export const searchLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('found'),
    run: runRow,
    span: z.object({ spanId: text, name: text, startedAt: time }),
    matched: z.array(text).meta({ description: 'what made it fit, a text for each condition' }),
  }),
  z.object({
    type: z.literal('progress'),
    backTo: time.nullable().meta({ description: 'everything heard since then was looked through' }),
    runs: count.meta({ description: 'that began since then' }),
    runsTotal: count,
    bytes: count,
    bytesTotal: count,
  }),
  z.object({
    type: z.literal('end'),
    next: text.nullable().meta({ description: 'pass as `cursor` to go on; null when everything was looked through' }),
  }),
]) satisfies z.ZodType<SearchLine>

export const valueList = z.object({
  values: z.array(
    z.object({
      value: text,
      runs: count
        .nullable()
        .meta({ description: 'how many have it, counted up to `runsMax`; null where none are counted' }),
    }),
  ),
  isCut: z.boolean().meta({ description: 'there are more; ask with a longer beginning' }),
  runsMax: count,
}) satisfies z.ZodType<ValueList>
