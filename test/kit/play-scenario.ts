/**
 * Plays a plain-text scenario (test/scenarios/README.txt) against the real run book and the real judge.
 *
 * Every change of a run's status or of what explains it, and every finding, must be foretold by a `=>` line, at its
 * exact moment; one too many, one missing, or one at another moment fails. Played `restarting`, the book is written out and read back before every line; played
 * `doubling`, every record arrives twice.
 */
import { openContracts } from '../../collector/contracts.ts'
import { PRESETS } from '../../collector/assess/parse-contract.ts'
import { chooseProgressions, readProgression } from '../../collector/assess/read-progression.ts'
import { connectionJudge } from '../../collector/assess/judge-connection.ts'
import { judgeRun } from '../../collector/assess/judge-run.ts'
import { judgeSource } from '../../collector/assess/judge-source.ts'
import { makeFinding } from '../../collector/assess/make-finding.ts'
import { openRunBook, type RunBook } from '../../collector/assemble/run-book.ts'
import type { RunChange } from '../../collector/judgement.ts'
import type { Signal } from '../../collector/signal.ts'
import type { Finding } from '../../contract/findings.ts'
import type { GapReason } from '../../contract/runs.ts'
import { fromIso, toIso, type Instant, type Millis } from '../../contract/units.ts'
import { START } from './manual-clock.ts'
import { restoreBook } from './restore-book.ts'
import { openStage, type Stage } from './scenario-stage.ts'
import { readTime } from './scenario-words.ts'

const GAP_REASONS: Readonly<Record<string, GapReason>> = { down: 'down', paused: 'paused', refusing: 'refused' }

export type Manner = 'straight' | 'restarting' | 'doubling' | 'shelving' | 'shelving and restarting'

/** Who looks on while a scenario is played. */
export interface Onlooker {
  heard(signals: readonly Signal[], at: Instant): void
  changed(change: RunChange): void
}

/**
 * @returns the book as it is at the end
 * @throws Error naming the line that went otherwise
 */
export function playScenario(text: string, manner: Manner, onlooker: Onlooker | null = null): RunBook {
  const { lines, contract } = readScenario(text)
  const chosen =
    contract === '' ? chooseProgressions(PRESETS) : ([readProgression(contract, 'of the scenario')] as const)
  const contracts = openContracts(chosen)
  const changes: Change[] = []
  const explained = new Map<string, string | null>()
  const newBook = () =>
    openRunBook({
      contracts,
      judge: (circumstances, now) => judgeRun(circumstances, contracts.of(circumstances.run.contract), now),
      changed(change) {
        onlooker?.changed(change)
        const { id, explainedBy } = change.run.row
        const isNew = change.from !== change.to || (explained.get(id) ?? null) !== explainedBy
        explained.set(id, explainedBy)
        if (isNew && !isUsual(change)) changes.push(change)
      },
      sources: {
        judge: (circumstances, now) => judgeSource(circumstances, contracts.of(circumstances.source.contract), now),
        openRunsMin: 3,
        found: (facts) => void changes.push(makeFinding(facts)),
      },
      connections: { ...connectionJudge(contracts.of), found: (facts) => void changes.push(makeFinding(facts)) },
    })
  let book = newBook()
  const apply = (signals: readonly Signal[], at: Instant) => {
    onlooker?.heard(signals, at)
    book.apply(signals, at)
    if (manner === 'doubling') book.apply(signals, at)
  }
  const stage = openStage(apply)
  const isUsual = ({ run, to }: RunChange): boolean => {
    const crowd = stage.crowdOf(run.facts.id)
    return crowd === 'late' || (crowd === 'on time' && (to === 'running' || to === 'completed'))
  }

  for (const line of lines) {
    if (manner.startsWith('shelving')) book.shelveAll()
    if (manner.endsWith('restarting')) book = restart(book, newBook())
    const [, reason, length] = /^we are (down|paused|refusing) for (\S+)$/.exec(line.text) ?? []
    if (reason !== undefined && length !== undefined) {
      const lengthMs = readTime(length)
      book.gap({ from: START + line.at - lengthMs, lengthMs, reason: GAP_REASONS[reason] ?? 'down' }, START + line.at)
      continue
    }
    stage.runPulses(START + line.at)
    book.advance(START + line.at)
    if (line.isExpectation) {
      const change = changes.shift()
      if (change === undefined) throw new Error(`${line.where}: nothing changed`)
      const problem = 'run' in change ? compare(line, change, stage) : compareFinding(line, change)
      if (problem !== null) throw new Error(`${line.where}: ${problem}`)
      continue
    }
    refuseSurprises(changes, stage, line.where)
    if (line.text === 'nothing more') continue
    if (!stage.act(line.text, START + line.at)) throw new Error(`${line.where}: this sentence is not known`)
  }
  refuseSurprises(changes, stage, 'at the end')
  return book
}

type Change = RunChange | Finding

interface Line {
  readonly at: Millis
  readonly text: string
  readonly isExpectation: boolean
  readonly where: string
}

/** Lines before the first moment that begin with `|` are a contract in YAML. */
function readScenario(text: string): { lines: Line[]; contract: string } {
  const contract: string[] = []
  const lines: Line[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\s+#.*$|^#.*$/, '').trimEnd()
    if (line.trim() === '') continue
    if (line.startsWith('|')) {
      contract.push(line.slice(1))
      continue
    }
    const match = /^\s*(\S+)\s+(=>\s+)?(.+)$/.exec(line)
    if (match === null) throw new Error(`line ${index + 1}: expected a moment and a sentence`)
    const [, at = '', arrow, sentence = ''] = match
    const where = `line ${index + 1} "${line.trim()}"`
    lines.push({ at: readTime(at), text: sentence, isExpectation: arrow !== undefined, where })
  }
  return { lines, contract: contract.join('\n') }
}

/** `r1 stalled at tool › search, tool-silent, T1, late by 5s, saying "…"`: what is not named is not compared. */
function compare(line: Line, { run, to }: RunChange, stage: Stage): string | null {
  const [, label, status, told = ''] = /^(\S+) ([a-z]+)(.*)$/.exec(line.text) ?? []
  const [after, stall] = AFTER.exec(told) ?? []
  const rest = after === undefined ? told : told.replace(after, '')
  const { verdict } = run
  const since = /, since ([\w.]+)/.exec(rest)?.[1]
  const wanted: [string, string | undefined, string | null][] = [
    ['run', label, stage.labelOf(run.facts.id)],
    ['status', status, to],
    ['since', toIso(START + (since === undefined ? line.at : readTime(since))), verdict.since],
    ['step', / at ([^,]+)/.exec(rest)?.[1], verdict.step && nameOf(verdict.step)],
    ['cause', /, (?!unconfirmed|confirmed)([a-z]+(?:-[a-z]+)*)(?=,|$)/.exec(rest)?.[1], verdict.cause],
    ['confidence', /, (T\d)/.exec(rest)?.[1], verdict.confidence],
    ['certainty', /, ((?:un)?confirmed)/.exec(rest)?.[1], verdict.unconfirmed === null ? 'confirmed' : 'unconfirmed'],
    ['code', /, in (\S+?)(?=,|$)/.exec(rest)?.[1], codeOf(run)],
    ['limit', / within (\w+)/.exec(rest)?.[1], verdict.limit && `${verdict.limit.ms / 1_000}s`],
    ['limit comes', / within \w+ by ([^,]+)/.exec(rest)?.[1], verdict.limit && verdict.limit.from],
    ['samples', / from (\d+) samples/.exec(rest)?.[1], `${verdict.limit?.learned?.samples ?? 0}`],
    [
      'second explanation',
      /, or else ([^,]+)/.exec(rest)?.[1] ?? (/, beyond doubt/.test(rest) ? '' : undefined),
      doubtOf(run),
    ],
    ['late by', /, late by ([^,]+)/.exec(rest)?.[1], verdict.lateByMs === null ? null : `${verdict.lateByMs / 1_000}s`],
    ['past stall', stall, stallAt(run, START + line.at)],
  ]
  for (const [what, expected, actual] of wanted)
    if (expected !== undefined && expected !== actual) return `${what} is ${actual}; told: ${tell(run, to, stage)}`
  if (rest.includes(', explained by its source') !== (verdict.explainedBy !== null))
    return `explained by ${verdict.explainedBy}; told: ${tell(run, to, stage)}`
  const said = /, saying "([^"]+)"/.exec(rest)?.[1]
  const lines = verdict.evidence.map((evidence) => evidence.text).join(' | ')
  if (said !== undefined && !lines.includes(said)) return `the evidence says: ${lines}`
  const flagged = to === 'stalled' || to === 'lost' || to === 'undelivered'
  if (flagged && !/, [a-z]/.test(rest)) return `name the cause as well: ${verdict.cause}`
  const silent = verdict.evidence.find(({ ref }) => ref === null)
  if (silent !== undefined) return `this evidence quotes no record: ${silent.text}`
  if (flagged && verdict.evidence.length === 0) return 'no evidence speaks for it'
  return null
}

/** What ended at that very moment. */
const AFTER = /, after ((?:stalling|being lost|being undelivered)[^,]*? for \w+(?:, withdrawn)?)/

/** `stalling at tool › search for 40s`: from its last progress until it was over; `, withdrawn` when it was none. */
function stallAt({ facts }: RunChange['run'], at: Instant): string | null {
  const stall = facts.pastStalls.at(-1)
  if (stall === undefined || stall.endedAt !== toIso(at)) return null
  const { status, step, since, ending } = stall
  const where = step === null ? '' : ` at ${nameOf(step)}`
  const length = (at - fromIso(step?.since ?? since)) / 1_000
  const what = status === 'stalled' ? 'stalling' : `being ${status}`
  return `${what}${where} for ${length}s${ending === 'withdrawn' ? ', withdrawn' : ''}`
}

/** `source-silent open: p1 (service agents), 3 open runs, since 22.5s, heard until 10s`: what is not named is not compared. */
function compareFinding(line: Line, finding: Finding): string | null {
  const [, kind, state, name, rest = ''] = /^(\S+) (\w+): ([^,]+)(.*)$/.exec(line.text) ?? []
  if (kind === undefined) return `told: ${tellFinding(finding)}`
  const time = (word: string): string | undefined => {
    const text = new RegExp(`, ${word} (\\S+?)(?=,|$)`).exec(rest)?.[1]
    return text === undefined ? undefined : toIso(START + readTime(text))
  }
  const since = time('since') ?? toIso(START + line.at)
  const wanted: [string, string | undefined, string | null][] = [
    ['kind', kind, finding.kind],
    ['state', state, finding.state],
    ['name', name, finding.name],
    ['size', / (\d+) (?:open runs?|connections?)/.exec(rest)?.[1], String(sizeOf(finding))],
    [state === 'open' ? 'since' : 'ended', since, state === 'open' ? finding.since : finding.endedAt],
    ['heard until', time('heard until'), finding.kind === 'source-silent' ? finding.lastHeardAt : ''],
    ['trouble', /, saying "([^"]+)"/.exec(rest)?.[1], finding.kind === 'source-silent' ? '' : finding.trouble],
  ]
  for (const [what, expected, actual] of wanted)
    if (expected !== undefined && expected !== actual) return `${what} is ${actual}; told: ${tellFinding(finding)}`
  return null
}

function sizeOf(finding: Finding): number {
  return finding.kind === 'source-silent' ? finding.openRuns : finding.connections
}

function tellFinding(finding: Finding): string {
  const { kind, state, name, since, endedAt } = finding
  const at = (Date.parse(endedAt ?? since) - START) / 1_000
  const what = kind === 'source-silent' ? 'open runs' : `connections, saying "${finding.trouble}"`
  return `${at}s => ${kind} ${state}: ${name}, ${sizeOf(finding)} ${what}`
}

function refuseSurprises(changes: readonly Change[], stage: Stage, where: string): void {
  const [change] = changes
  if (change === undefined) return
  const told = 'run' in change ? tell(change.run, change.to, stage) : tellFinding(change)
  throw new Error(`${where}: not foretold: ${told}`)
}

function tell({ facts, verdict }: RunChange['run'], status: string, stage: Stage): string {
  const at = (Date.parse(verdict.since) - START) / 1_000
  const step = verdict.step === null ? '' : ` at ${nameOf(verdict.step)}`
  const explained = verdict.explainedBy === null ? '' : ', explained by its source'
  return `${at}s => ${stage.labelOf(facts.id)} ${status}${step}, ${verdict.cause}, ${verdict.confidence}${explained}`
}

function nameOf(step: { readonly phase: string; readonly name: string | null }): string {
  return step.name === null ? step.phase : `${step.phase} › ${step.name}`
}

/** The cause of the second explanation; `all is well` where nothing is wrong then; nothing without one. */
function doubtOf({ verdict: { otherwise } }: RunChange['run']): string {
  return otherwise === null ? '' : (otherwise.cause ?? 'all is well')
}

function codeOf(run: RunChange['run']): string | null {
  const code = run.verdict.step?.code ?? null
  return code && `${code.file}:${code.line}`
}

function restart(book: RunBook, fresh: RunBook): RunBook {
  restoreBook(fresh, book.snapshot())
  return fresh
}
