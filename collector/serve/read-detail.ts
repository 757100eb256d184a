/** A run as its page shows it: as it is, or as it was at a moment. */
import type { RunDetail } from '../../contract/runs.ts'
import { fromIso, toIso } from '../../contract/units.ts'
import type { Records } from '../record.ts'
import type { StoredRun } from '../stored-run.ts'
import { runAsOf } from './as-of.ts'
import { makeDetail } from './make-detail.ts'
import type { DetailQuery } from './read-run-query.ts'
import { Refusal } from './refusal.ts'
import type { ServeSettings } from './serve-settings.ts'

export const AS_IT_IS: DetailQuery = { wish: { span: null, around: null }, asOf: null }

/** @throws Refusal `not-found` */
export async function readDetail(settings: ServeSettings, id: string, asked: DetailQuery): Promise<RunDetail> {
  const { runs, incidents } = settings
  const run = await runs.findRun(id)
  if (run === null)
    throw new Refusal('not-found', `no run or trace has the id ${id}; it may be mistyped, or older than what is kept`)
  const detail = makeAsked(settings, run, await runs.readRun(run), asked)
  const { fingerprint, version } = detail
  return { ...detail, fingerprint: fingerprint && incidents.homeOf(fingerprint, version) }
}

function makeAsked({ runs, gaps }: ServeSettings, run: StoredRun, records: Records, asked: DetailQuery): RunDetail {
  const { wish, asOf } = asked
  const open = runs.openSpans(run.row.id)
  if (asOf === null) return makeDetail(run, records, open, runs, gaps(), wish)
  const then = runAsOf(run, records, asOf)
  if (then.records.spans.length + then.records.logs.length === 0)
    throw new Refusal('not-found', `nothing had been heard of run ${run.row.id} at ${toIso(asOf)}`)
  const openThen = open.filter(({ openedAt }) => openedAt <= asOf)
  const gapsThen = gaps().filter(({ from }) => fromIso(from) <= asOf)
  return { ...makeDetail(then.run, then.records, openThen, runs, gapsThen, wish), asOf: then.since }
}
