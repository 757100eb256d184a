/**
 * The thread that compares groups of runs: it finds them in the history, reads their records back out of the log, and
 * keeps of each only what is compared. It has a main of its own, which wires what it needs.
 */
import { join } from 'node:path'
import { workerData } from 'node:worker_threads'
import type { Cohort, Comparison, NextSteps, RelativeCohort } from '../contract/compare.ts'
import { toIso } from '../contract/units.ts'
import { readRecords } from './accept/read-records.ts'
import { undisguised } from './accept/undo-disguise.ts'
import { agentOf } from './assemble/agent-name.ts'
import { recognise } from './assemble/recognise/recognise.ts'
import { isOfHealthy, relativeQuery, sayAsk, sayQuery, scopeOf, writeQuery } from './compare/choose-cohort.ts'
import type { Scope } from './compare/choose-cohort.ts'
import { compareDigests } from './compare/compare-digests.ts'
import { digestRun, writeStep } from './compare/digest-run.ts'
import { nextSteps } from './compare/next-steps.ts'
import { readGroup, type Group } from './compare/read-group.ts'
import type { FullRun } from './compare/run-digest.ts'
import type { CohortAsk, CompareQuestion } from './comparison.ts'
import { connectionKey, runKey } from './keep/piece-keys.ts'
import { openCohortReader, type FoundCohort } from './keep/read-cohorts.ts'
import { createSegmentReader } from './keep/segment-reader.ts'
import { answerInThread } from './reading-thread.ts'
import { readRunRecords } from './run-records.ts'
import { connectionViews, deliveryViews } from './serve/delivery-views.ts'
import { knownOf, spanViews } from './serve/span-views.ts'
import { idsOf, type RunQuery, type StoredRun } from './stored-run.ts'

const dataDir = workerData as string
const history = openCohortReader(join(dataDir, 'history', 'history.db'))
// Damage is reported by those who own the log.
const log = createSegmentReader(join(dataDir, 'log'), async () => {})

answerInThread<CompareQuestion, Comparison | NextSteps>((question, isStopped) =>
  question.kind === 'compare' ? compare(question, isStopped) : findNext(question, isStopped),
)

interface Chosen {
  readonly cohort: Omit<Cohort, 'sampled' | 'notPassed'>
  readonly found: FoundCohort
  readonly isHealthy: boolean
}

async function compare(
  { a, b, now }: Extract<CompareQuestion, { kind: 'compare' }>,
  isStopped: () => boolean,
): Promise<Comparison> {
  const chosenA = choose(a)
  const scope = scopeIn(a, chosenA.found, now)
  const chosenB = typeof b === 'string' ? chooseRelative(b, a, scope) : choose(b)
  const read = (chosen: Chosen, isHealthy: boolean) => readChosen(chosen, isHealthy, scope, now, isStopped)
  const groupA = await read(chosenA, false)
  // Where a step has no span of its own, no run can be seen to have passed it.
  const isPassable = groupA.digests.some(({ passed }) => passed !== null)
  const groupB = await read(chosenB, chosenB.isHealthy && isPassable)
  return {
    at: toIso(now),
    a: cohortOf(chosenA, groupA),
    b: cohortOf(chosenB, groupB),
    step: scope.step,
    ...compareDigests(groupA.digests, groupB.digests),
  }
}

async function findNext(
  { a, now }: Extract<CompareQuestion, { kind: 'next' }>,
  isStopped: () => boolean,
): Promise<NextSteps> {
  const chosenA = choose(a)
  const scope = scopeIn(a, chosenA.found, now)
  const newest = chosenA.found.newest()
  const [full] = newest === null ? [] : await readRuns([newest])
  const own = full === undefined ? null : digestRun(full, scope.step, now)
  const healthy = chooseRelative('healthy', a, scope)
  const group: Group =
    scope.step === null ? { digests: [], notPassed: 0 } : await readChosen(healthy, true, scope, now, isStopped)
  return {
    at: toIso(now),
    step: scope.step,
    agent: scope.agent,
    healthy: cohortOf(healthy, group),
    ...nextSteps(group.digests),
    runId: newest?.row.id ?? null,
    own: (own?.steps ?? []).map(({ step, phase, startedAt, endedAt }) => ({
      step,
      phase,
      startedAt: toIso(startedAt),
      tookMs: endedAt === null ? null : Math.max(0, Math.round(endedAt - startedAt)),
    })),
  }
}

/** Enough to see what its runs have in common. */
const SCOPE_RUNS = 50

function scopeIn(ask: CohortAsk, found: FoundCohort, now: number): Scope {
  return scopeOf(ask, found.runs(0, SCOPE_RUNS), found.from, found.to, now)
}

function choose(ask: CohortAsk): Chosen {
  const found = findRuns(ask)
  const query = ask.kind === 'runs' ? writeQuery(ask.query) : null
  return { cohort: describe(ask.asked, sayAsk(ask), query, found), found, isHealthy: false }
}

function findRuns(ask: CohortAsk): FoundCohort {
  switch (ask.kind) {
    case 'stalls':
      return history.ofStalls(ask.fingerprint, ask.arranged)
    case 'run':
      return history.ofRun(ask.id)
    case 'runs':
      return history.ofQuery(ask.query)
  }
}

function chooseRelative(relative: RelativeCohort, ask: CohortAsk, scope: Scope): Chosen {
  const { agent, version, step } = scope
  const before =
    relative === 'previous-version' && agent !== null && version !== null ? history.versionBefore(agent, version) : null
  const query = relativeQuery(relative, ask, scope, before)
  const isHealthy = isOfHealthy(relative, ask)
  if (query === null) {
    const none = `no runs: no version before ${version ?? 'theirs'} is kept`
    return { cohort: describe(relative, none, null, NOTHING), found: NOTHING, isHealthy }
  }
  const found = history.ofQuery(query)
  const passed = isHealthy && step !== null ? ` that passed ${writeStep(step)}` : ''
  const says = `${sayQuery(query)}${passed}${relative === 'yesterday' ? ', a day before' : ''}`
  return { cohort: describe(relative, says, writeQuery(query satisfies RunQuery), found), found, isHealthy }
}

const NOTHING: FoundCohort = { total: 0, isCut: false, from: null, to: null, runs: () => [], newest: () => null }

function describe(asked: string, says: string, query: string | null, found: FoundCohort): Chosen['cohort'] {
  const { total, isCut, from, to } = found
  return {
    asked,
    says,
    query,
    from: from === null ? null : toIso(from),
    to: to === null ? null : toIso(to),
    total,
    isCut,
  }
}

function cohortOf({ cohort }: Chosen, { digests, notPassed }: Group): Cohort {
  return { ...cohort, sampled: digests.length, notPassed }
}

function readChosen(
  { found }: Chosen,
  isHealthy: boolean,
  { step }: Scope,
  now: number,
  isStopped: () => boolean,
): Promise<Group> {
  return readGroup({ step, isHealthy, now, isStopped, runs: found.runs, readRuns })
}

async function readRuns(runs: readonly StoredRun[]): Promise<FullRun[]> {
  const records = await readRunRecords(runs, {
    places: history.places,
    readAt: log.readAt,
    readRecords: (entry, isWanted) => undisguised(readRecords(entry, isWanted)),
    runKey,
    connectionKey,
  })
  return runs.flatMap((run, index): FullRun[] => {
    const { spans: told, logs } = records[index] ?? { spans: [], logs: [] }
    const { spans } = spanViews(run, { spans: told, logs }, [], { phaseOf, agentOf }, 'all')
    const deliveries = deliveryViews(idsOf(run), logs)
    const connectionIds = logs.flatMap(({ signal }) => (signal?.kind === 'connection' ? [signal.connectionId] : []))
    if (spans.length === 0 && deliveries.length === 0) return []
    return [
      {
        run,
        spans: spans.map((span) => ({
          ...span,
          stepName: span.phase === null ? null : recognise(span.name, knownOf(span.attributes)).stepName,
        })),
        resource: told.at(-1)?.resource ?? logs.at(-1)?.resource ?? {},
        deliveries,
        connections: connectionViews(new Set(connectionIds), logs),
      },
    ]
  })
}

function phaseOf(name: string, known: Parameters<typeof recognise>[1]) {
  return recognise(name, known).phase
}
